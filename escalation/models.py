"""Blockers: what stops or threatens a milestone."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from escalation.clocks import Open
from milestones.models import Contact, DecisionRequest, Milestone
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text
from workspaces.models import Membership


class BlockerType(models.TextChoices):
    TECHNICAL = "technical", "Technical"
    APPROVAL = "approval", "Approval"
    INPUT = "input", "Input"
    CAPACITY = "capacity", "Capacity"


class Severity(models.TextChoices):
    NORMAL = "normal", "Normal"
    CRITICAL = "critical", "Critical"


class Blocker(WorkspaceModel):
    """Something that stops or threatens a milestone; has a type, an owner and an age.

    The response owner is a contact or a member, never both. `aging_at`, `critical_at` and `response_due_at`
    are the moments at which the clocks run out, computed when it opens, so that jobs read only due rows.
    `decision_request` is the question to the client's approver whose answer ends an approval blocker.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="blockers")
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=10, choices=BlockerType)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.NORMAL)
    title = Line(max_length=200)
    detail = Text(max_length=5000, blank=True)
    evidence = Text(max_length=20000, blank=True)
    stops_path = models.BooleanField(default=True)
    response_contact = TenantKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    response_member = TenantKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()
    response_due_at = models.DateTimeField()
    aging_at = models.DateTimeField()
    critical_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    responded_at = models.DateTimeField(null=True)
    response = Text(max_length=5000, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolution = Text(max_length=5000, blank=True)
    decision_request = TenantKey(DecisionRequest, models.PROTECT, null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="blockers_are_numbered"),
            models.CheckConstraint(
                name="blocker_has_one_response_owner",
                condition=Q(response_contact=None) | Q(response_member=None),
            ),
            models.CheckConstraint(
                name="technical_blocker_carries_its_evidence",
                condition=~Q(type=BlockerType.TECHNICAL) | ~Q(evidence=""),
            ),
            models.CheckConstraint(
                name="only_an_approval_blocker_asks_for_a_decision",
                condition=Q(decision_request=None) | Q(type=BlockerType.APPROVAL),
            ),
            models.CheckConstraint(
                name="blocker_resolved_means_explained",
                condition=Q(resolved_at=None, resolution="")
                | (Q(resolved_at__isnull=False) & ~Q(resolution="")),
            ),
            models.CheckConstraint(
                name="blocker_resolved_after_it_opened",
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("opened_at")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "milestone", "opened_at"],
                name="blocker_open",
                condition=Q(resolved_at=None),
            ),
            models.Index(fields=["aging_at"], name="blocker_ages", condition=Q(resolved_at=None)),
            models.Index(
                fields=["workspace", "decision_request"],
                name="blocker_asks",
                condition=Q(resolved_at=None, decision_request__isnull=False),
            ),
            models.Index(F("workspace"), F("opened_at").desc(), F("id").desc(), name="blocker_newest"),
        ]

    def on_clocks(self) -> Open:
        """Itself as the clocks see it; for a blocker that is still open."""
        return Open(
            opened_at=self.opened_at,
            critical_at=self.critical_at,
            is_critical=self.severity == Severity.CRITICAL,
            is_answered=self.responded_at is not None,
            stops_path=self.stops_path,
        )
