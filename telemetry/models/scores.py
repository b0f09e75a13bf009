"""What telemetry concludes: signals of the daily rules, scores with their evidence, and named actions."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from milestones.models import Milestone
from milestones.words import Kind
from telemetry.risk import NAMED_ACTIONS
from telemetry.rules import Rule
from tenancy.models import TenantKey, WorkspaceModel
from workspaces.models import Membership

WAITING = Q(parked_at=None) & (Q(opening_told_at=None) | Q(closed_at__isnull=False, closing_told_at=None))
PARKED = Q(parked_at__isnull=False)


class RuleCode(models.TextChoices):
    NO_PROGRESS = Rule.NO_PROGRESS, "No progress"
    BLOCKER_AGING = Rule.BLOCKER_AGING, "Blocker aging"
    QUALITY_FAILING = Rule.QUALITY_FAILING, "Quality failing"
    SCOPE_ADDITION = Rule.SCOPE_ADDITION, "Scope addition"


class Finding(WorkspaceModel):
    """Something that a sweep found about a milestone: it opens, and closes when its condition ends.

    The sweep writes the row; journal entry and messages follow inside the workspace's door, once each. Until
    then the row itself is the intent (`opening_told_at`, `closing_told_at` are empty). One that cannot be
    told is tried again after growing pauses (`retry_at`), then parked until somebody replays it.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    opening_told_at = models.DateTimeField(null=True)
    closing_told_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    retry_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    error = models.TextField(default="", db_default="", blank=True)

    class Meta(WorkspaceModel.Meta):
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Signal(Finding):
    """One firing of a daily rule, with the threshold it used and what it saw."""

    rule = models.CharField(max_length=20, choices=RuleCode)
    threshold = models.FloatField()
    since = models.DateTimeField(null=True)  # what its age counts from; empty for rules without an age
    count = models.PositiveIntegerField(null=True)  # failing runs, or undecided requests
    sentence = models.CharField(max_length=200, blank=True)

    class Meta(Finding.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "rule"],
                condition=Q(closed_at=None),
                name="one_open_signal_per_milestone_and_rule",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at", "id"], name="signal_to_tell", condition=WAITING),
            models.Index(fields=["workspace", "parked_at"], name="signal_parked", condition=PARKED),
            models.Index(fields=["workspace", "milestone", "opened_at"], name="signal_story"),
            models.Index(fields=["workspace", "opened_at", "id"], name="signal_list"),
        ]


class RiskAction(Finding):
    """A named action that a low score opened: what to do, who does it."""

    code = models.CharField(max_length=40, choices=[(action.code, action.name) for action in NAMED_ACTIONS])
    score = models.PositiveSmallIntegerField()
    below = models.PositiveSmallIntegerField()
    owner = TenantKey(Membership, models.PROTECT, null=True, related_name="+")
    checklist = ArrayField(models.CharField(max_length=200))

    class Meta(Finding.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "code"],
                condition=Q(closed_at=None),
                name="one_open_action_per_milestone_and_code",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at", "id"], name="action_to_tell", condition=WAITING),
            models.Index(fields=["workspace", "parked_at"], name="action_parked", condition=PARKED),
            models.Index(fields=["workspace", "milestone", "opened_at"], name="action_story"),
        ]


class RiskScore(WorkspaceModel):
    """A milestone's scores from one moment on, with all the evidence that the pure function made them from.

    Written only when a score changes. The columns of evidence are the fields of `telemetry.risk.Evidence`.
    `milestone_id` is no foreign key: nothing refers to a milestone in a partitioned table.
    """

    id = None  # type: ignore[assignment]  # the key below takes its place
    pk = models.CompositePrimaryKey("workspace_id", "milestone_id", "scored_at")
    milestone_id = models.UUIDField()
    scored_at = models.DateTimeField()

    cycle_hours_here = models.FloatField(null=True)
    cycle_hours_usual = models.FloatField(null=True)
    reported_percent = models.FloatField(null=True)
    elapsed_share = models.FloatField(null=True)
    longest_unanswered_hours = models.FloatField()
    review_overdue_hours = models.FloatField()
    growth_percent = models.FloatField()
    full_days_in_execution = models.IntegerField()
    work_total = models.IntegerField()
    work_open = models.IntegerField()
    done_total = models.IntegerField()
    done_recent = models.IntegerField()
    working_days_left = models.IntegerField()
    unplanned_14d = models.IntegerField()
    undecided = models.IntegerField()
    blockers_open = models.SmallIntegerField()
    blockers_critical = models.SmallIntegerField()
    overdue_predecessors = models.SmallIntegerField()
    resets = models.SmallIntegerField()
    qa_1 = models.SmallIntegerField(null=True)
    qa_2 = models.SmallIntegerField(null=True)
    qa_3 = models.SmallIntegerField(null=True)
    qa_4 = models.SmallIntegerField(null=True)
    qa_5 = models.SmallIntegerField(null=True)
    execution_velocity_score = models.SmallIntegerField(null=True)
    dependency_health_score = models.SmallIntegerField(null=True)
    quality_confidence_score = models.SmallIntegerField(null=True)
    scope_stability_score = models.SmallIntegerField(null=True)
    delivery_risk_score = models.SmallIntegerField(null=True)
    in_setup = models.BooleanField()
    review_or_later = models.BooleanField()

    class Meta(WorkspaceModel.Meta):
        abstract = False


class UsualPace(WorkspaceModel):
    """The median cycle time of the workspace's closed milestones of one kind, taken once a day."""

    kind = models.CharField(max_length=20, choices=Kind)
    cycle_hours = models.FloatField()

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind"], name="a_kind_has_one_usual_pace")
        ]


class ScoringDay(WorkspaceModel):
    """When all of a workspace's milestones are scored next: as its next day begins.

    A claim sets `lease_until`; a worker that dies leaves the day due.
    """

    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace"], name="a_workspace_has_one_scoring_day")
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="scoring_day_due")]
