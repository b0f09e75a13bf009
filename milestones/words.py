"""The words of an engagement that are kept in columns."""

from django.db.models import TextChoices


class Authority(TextChoices):
    DECISION_MAKER = "decision_maker", "Decision maker"
    CREDENTIAL_OWNER = "credential_owner", "Credential owner"
    INPUT_PROVIDER = "input_provider", "Input provider"
    STAKEHOLDER = "stakeholder", "Stakeholder"
    BILLING = "billing", "Billing"


class Kind(TextChoices):
    GENERAL = "general", "General"
    DATA = "data", "Data"
    MODEL = "model", "Model"
    INTEGRATION = "integration", "Integration"
    APPROVAL = "approval", "Approval"
    DOCUMENTATION = "documentation", "Documentation"


class Stage(TextChoices):
    SETUP = "setup", "Setup"
    EXECUTION = "execution", "Execution"
    QA = "qa", "QA"
    REVIEW = "review", "Review"
    CLOSEOUT = "closeout", "Closeout"
    CLOSED = "closed", "Closed"


class Outcome(TextChoices):
    APPROVED = "approved", "Approved"
    NEEDS_REVISIONS = "needs_revisions", "Needs revisions"
    BLOCKED = "blocked_by_dependency", "Blocked by a dependency"
    SCOPE = "changed_via_scope", "Changed via scope"


class BlockerStatus(TextChoices):
    NONE = "none", "None"
    OPEN = "open", "Open"
    CRITICAL = "critical", "Critical"


class ApprovalChannel(TextChoices):
    LINK = "link", "Decision link"
    EMAIL = "email", "E-mail"
    MEETING = "meeting", "Meeting"
    DOCUMENT = "document", "Signed document"


class WorkState(TextChoices):
    TODO = "todo", "To do"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class ChangeState(TextChoices):
    UNDECIDED = "undecided", "Undecided"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
