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


class Colour(TextChoices):
    """What a label's schedule part may be; review, pause and end keep the last one."""

    ON_TRACK = "on_track", "On track"
    AT_RISK = "at_risk", "At risk"
    DELAYED = "delayed", "Delayed"
    BLOCKED = "blocked", "Blocked"


class QaKind(TextChoices):
    CHECKLIST = "checklist", "Checklist"
    AUTOMATED = "automated", "Automated check"


class ArtifactKind(TextChoices):
    LINK = "link", "Link"
    FILE = "file", "File"


class RequestKind(TextChoices):
    REVIEW = "review", "Review"
    BLOCKER = "blocker", "Blocker"
    CHANGE = "change", "Change request"
    REBASELINE = "rebaseline", "New baseline"


class Ask(TextChoices):
    """What a decision request asks for; never "let me know what you think"."""

    ACCEPTANCE = "acceptance", "Acceptance"
    REVISION_NOTES = "revision_notes", "Revision notes"
    DEPENDENCY = "dependency_decision", "Dependency decision"
    CHOICE = "choice", "Choice"


class RequestState(TextChoices):
    DRAFT = "draft", "Draft"
    PENDING = "pending", "Waiting for a decision"
    DECIDED = "decided", "Decided"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REPLACED = "replaced", "Replaced"
    COUNTERMANDED = "countermanded", "Countermanded"


class ResetCause(TextChoices):
    """Why a milestone goes back to execution with its QA void."""

    OUTPUT_CHANGED = "output_changed", "Feedback changed the output"
    REWORK = "rework", "Rework invalidated the QA pass"
    DEPENDENCY_MISSING = "dependency_missing", "A missing dependency prevents a clean finish"


class Way(TextChoices):
    """The ways out of a bad block."""

    PAUSE = "pause", "Pause"
    RESCOPE = "rescope", "Re-scope"
    CONDITIONAL = "conditional", "Proceed conditionally"
    CLOSEOUT = "closeout", "Close out"


class DateKind(TextChoices):
    FORECAST = "forecast", "Forecast"
    BASELINE = "baseline", "Baseline"


class Attribution(TextChoices):
    """Whose slip it is."""

    OURS = "ours", "Ours"
    CLIENT = "client", "Client"
    THIRD_PARTY = "third_party", "Third party"
    SCOPE = "scope", "Scope"


class MoveReason(TextChoices):
    ESTIMATE = "estimate", "The work was larger than estimated"
    REWORK = "rework", "Rework after checks or review"
    CAPACITY = "capacity", "Our people were not available"
    CLIENT_INPUT = "client_input", "Waiting for the client's input or access"
    CLIENT_DECISION = "client_decision", "Waiting for the client's decision"
    THIRD_PARTY = "third_party", "Waiting for a third party"
    SCOPE_CHANGE = "scope_change", "Agreed change of scope"
    AHEAD = "ahead", "Ahead of plan"


class Recovery(TextChoices):
    RESOURCES = "resources", "More people"
    SCOPE = "scope", "Less scope"
    OVERTIME = "overtime", "Overtime, with consent"
    EXTENSION = "extension", "A later date"


class NoticeKind(TextChoices):
    DATE_MOVE = "date_move", "Date moved"
    EARLY_WARNING = "early_warning", "Early warning"
    LATE = "late", "Turned red"
    MISS = "miss", "Missed date"
    RECOVERY = "recovery", "Recovery and revised plan"
    COMPLETION = "completion", "Completed"
    STATUS_UPDATE = "status_update", "Status update"
    PAUSE = "pause", "Pause"
    OUTCOME = "outcome", "Outcome"
    PROOF = "proof_packet", "Proof packet"


class NoticeState(TextChoices):
    DRAFT = "draft", "Draft"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    BOUNCED = "bounced", "Client not informed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ChecklistKind(TextChoices):
    ONBOARDING = "onboarding", "Client onboarding"
    START_READINESS = "start_readiness", "Start readiness"
    EVIDENCE_REVIEW = "evidence_review", "Evidence review"
    HANDOFF_BOUNDARY = "handoff_boundary", "Handoff boundary"
    OFFBOARDING = "offboarding", "Client offboarding"


class ImportState(TextChoices):
    OPEN = "open", "Being prepared"
    DONE = "done", "Imported"
