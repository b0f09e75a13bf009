"""Accounts, contacts, projects, milestones and what is written about them while they are worked on."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from milestones.words import (
    ApprovalChannel,
    Authority,
    BlockerStatus,
    ChangeState,
    Kind,
    Outcome,
    Stage,
    WorkState,
)
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text
from workspaces.models import Membership

PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


def percent(name: str) -> Q:
    return Q(**{f"{name}__gte": 0, f"{name}__lte": 100})


class Account(WorkspaceModel):
    """The client's organisation."""

    name = Line(max_length=120)
    external_ref = Line(max_length=120, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "external_ref"],
                condition=~Q(external_ref=""),
                name="account_reference_is_its_own",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "name", "id"], name="account_name")]

    def __str__(self) -> str:
        return self.name


class Contact(WorkspaceModel):
    """A person at an account. Never needs a login."""

    account = TenantKey(Account, models.PROTECT, related_name="contacts")
    name = Line(max_length=120)
    email = models.EmailField(max_length=254)
    time_zone = models.CharField(max_length=64, default="UTC")
    authorities = ArrayField(models.CharField(max_length=20, choices=Authority), default=list, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "account", "email"], name="a_contact_has_one_address_at_an_account"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "name", "id"], name="contact_name")]

    def __str__(self) -> str:
        return self.name


class Project(WorkspaceModel):
    """One engagement for one account. Control starts at `kickoff_completed_at`."""

    account = TenantKey(Account, models.PROTECT, related_name="projects")
    name = Line(max_length=120)
    external_ref = Line(max_length=120, blank=True)
    kickoff_completed_at = models.DateTimeField()
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "external_ref"],
                condition=~Q(external_ref=""),
                name="project_reference_is_its_own",
            )
        ]
        indexes: ClassVar = [
            models.Index(F("workspace"), F("created_at").desc(), F("id").desc(), name="project_newest")
        ]

    def __str__(self) -> str:
        return self.name


class Phase(WorkspaceModel):
    """An ordered group of milestones of a project."""

    project = TenantKey(Project, models.PROTECT, related_name="phases")
    position = models.PositiveSmallIntegerField()
    name = Line(max_length=80)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "project", "position"], name="phases_are_in_order")
        ]


class Milestone(WorkspaceModel):
    """The operating unit: one visible outcome that the client accepts or not, and its record."""

    project = TenantKey(Project, models.PROTECT, related_name="milestones")
    phase = TenantKey(Phase, models.PROTECT, null=True, blank=True, related_name="milestones")
    code = Line(max_length=12)
    is_first = models.BooleanField(default=False)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.GENERAL)
    name = Line(max_length=80)
    output = Line(max_length=200, blank=True)
    description = Text(max_length=2000, blank=True)
    notes = Text(max_length=5000, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.SETUP, db_default=Stage.SETUP)
    outcome = models.CharField(max_length=24, choices=Outcome, blank=True, default="")

    planned_start = models.DateField(null=True, blank=True)
    planned_date = models.DateField(null=True, blank=True)
    forecast_date = models.DateField(null=True, blank=True)
    execution_started_at = models.DateTimeField(null=True, editable=False)
    completed_at = models.DateTimeField(null=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)

    weight = models.DecimalField(max_digits=7, decimal_places=2, default=1)
    quality_threshold = models.PositiveSmallIntegerField(default=80, validators=PERCENT)
    owner_primary = TenantKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    review_owner = TenantKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    owner_client = TenantKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    approver = TenantKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    approval_channel = models.CharField(max_length=10, choices=ApprovalChannel, blank=True)
    dependency_risks = Text(max_length=1000, blank=True)
    invoice_trigger = Line(max_length=200, blank=True)
    next_stage_trigger = Line(max_length=200, blank=True)
    is_aggressive = models.BooleanField(default=False)

    # What upper apps learn about the milestone, so that gates, labels and ages read only this row.
    blocked_since = models.DateTimeField(null=True, editable=False)
    critical_at = models.DateTimeField(null=True, editable=False)
    stopped_since = models.DateTimeField(null=True, editable=False)
    blocker_status = models.CharField(
        max_length=10, choices=BlockerStatus, default=BlockerStatus.NONE, db_default=BlockerStatus.NONE
    )
    blocker_age_hours = models.FloatField(null=True, editable=False)
    execution_velocity_score = models.PositiveSmallIntegerField(null=True, editable=False)
    dependency_health_score = models.PositiveSmallIntegerField(null=True, editable=False)
    quality_confidence_score = models.PositiveSmallIntegerField(null=True, editable=False)
    scope_stability_score = models.PositiveSmallIntegerField(null=True, editable=False)
    delivery_risk_score = models.PositiveSmallIntegerField(null=True, editable=False)
    on_time_probability = models.PositiveSmallIntegerField(null=True, editable=False)
    clarity_score = models.PositiveSmallIntegerField(null=True, editable=False)
    proof_packet_url = models.URLField(blank=True, default="", editable=False)
    handoff_packet_link = models.URLField(blank=True, default="", editable=False)

    last_progress_at = models.DateTimeField(null=True, editable=False)
    reported_percent = models.PositiveSmallIntegerField(null=True, editable=False)
    decide_by = models.DateTimeField(null=True, editable=False)
    resets = models.PositiveSmallIntegerField(default=0, editable=False)
    is_frozen = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "project", "code"], name="milestone_codes_differ"),
            models.UniqueConstraint(
                fields=["workspace", "project"],
                condition=Q(is_first=True),
                name="a_project_has_one_first_milestone",
            ),
            models.CheckConstraint(name="milestone_weight_is_positive", condition=Q(weight__gt=0)),
            models.CheckConstraint(
                name="milestone_quality_threshold_is_a_percentage", condition=percent("quality_threshold")
            ),
            models.CheckConstraint(
                name="milestone_ends_after_it_starts",
                condition=Q(planned_start=None)
                | Q(planned_date=None)
                | Q(planned_date__gte=F("planned_start")),
            ),
            models.CheckConstraint(
                name="milestone_leaves_setup_defined",
                condition=Q(stage=Stage.SETUP)
                | Q(
                    ~Q(output=""),
                    ~Q(approval_channel=""),
                    planned_date__isnull=False,
                    forecast_date__isnull=False,
                    owner_primary__isnull=False,
                    owner_client__isnull=False,
                    approver__isnull=False,
                    execution_started_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="milestone_closed_means_dated_with_outcome",
                condition=Q(~Q(outcome=""), stage=Stage.CLOSED, closed_at__isnull=False)
                | (~Q(stage=Stage.CLOSED) & Q(closed_at=None, outcome="")),
            ),
            models.CheckConstraint(
                name="milestone_accepted_means_completed",
                condition=Q(accepted_at=None) | Q(completed_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "forecast_date", "id"], name="milestone_forecast"),
            models.Index(
                fields=["blocked_since"], name="milestone_blocked", condition=Q(blocked_since__isnull=False)
            ),
            models.Index(
                fields=["critical_at"],
                name="milestone_turns_critical",
                condition=Q(critical_at__isnull=False) & ~Q(blocker_status=BlockerStatus.CRITICAL),
            ),
            models.Index(
                fields=["workspace", "kind"], name="milestone_closed", condition=Q(stage=Stage.CLOSED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Criterion(WorkspaceModel):
    """One acceptance criterion: what must hold, how it is checked, measure and target of a number."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    statement = Line(max_length=300)
    verification = Line(max_length=300, blank=True)
    measure = Line(max_length=80, blank=True)
    target = Line(max_length=80, blank=True)
    is_met = models.BooleanField(null=True)
    evidence = Text(max_length=2000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "position"], name="criteria_are_in_order"
            )
        ]


class Dependency(WorkspaceModel):
    """A milestone that cannot finish before another has, plus a lag in working days."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="predecessors")
    needs = TenantKey(Milestone, models.PROTECT, related_name="dependents")
    lag_days = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "needs"], name="a_dependency_is_stated_once"
            ),
            models.CheckConstraint(
                name="a_milestone_does_not_need_itself", condition=~Q(milestone=F("needs"))
            ),
        ]


class WorkItem(WorkspaceModel):
    """A task mirrored from a tool or made here. `version_at`, the source's own time, never moves back."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="work_items")
    source = models.CharField(max_length=20, default="cairn")
    connection_id = models.UUIDField(null=True, editable=False)
    external_id = Line(max_length=200, blank=True)
    external_url = models.URLField(max_length=500, blank=True)
    title = Line(max_length=500)
    state = models.CharField(max_length=12, choices=WorkState, default=WorkState.TODO)
    assignee = Line(max_length=254, blank=True)
    labels = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    due_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    trail = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), editable=False)
    version_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "connection_id", "external_id"],
                condition=Q(connection_id__isnull=False),
                name="an_item_is_mirrored_once",
            ),
            models.CheckConstraint(
                name="work_item_done_means_dated",
                condition=Q(state=WorkState.DONE, done_at__isnull=False)
                | (~Q(state=WorkState.DONE) & Q(done_at=None)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("milestone"), F("version_at").desc(), F("id").desc(), name="item_newest"
            )
        ]


class ProgressUpdate(WorkspaceModel):
    """An internal statement of progress. Never shown to the client as it is."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="progress_updates")
    at = models.DateTimeField()
    author_kind = models.CharField(max_length=20)
    author_id = models.UUIDField(null=True)
    author_name = models.CharField(max_length=200)
    done = Text(max_length=2000, blank=True)
    next = Text(max_length=2000, blank=True)
    blocked = Text(max_length=2000, blank=True)
    percent = models.PositiveSmallIntegerField(null=True, blank=True, validators=PERCENT)
    confidence = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                name="progress_percent_is_a_percentage", condition=Q(percent=None) | percent("percent")
            ),
            models.CheckConstraint(
                name="progress_says_something",
                condition=~Q(done="", next="", blocked="", percent=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("milestone"), F("at").desc(), F("id").desc(), name="progress_newest"
            )
        ]


class QaRun(WorkspaceModel):
    """One execution of the QA checklist or of an automated check."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="qa_runs")
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    check_name = Line(max_length=120)
    score = models.PositiveSmallIntegerField(validators=PERCENT)
    threshold = models.PositiveSmallIntegerField(validators=PERCENT, editable=False)
    notes = Text(max_length=5000, blank=True)
    passed = models.GeneratedField(
        expression=models.Case(
            models.When(score__gte=F("threshold"), then=models.Value(True)), default=models.Value(False)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(name="qa_score_is_a_percentage", condition=percent("score")),
        ]
        indexes: ClassVar = [
            models.Index(F("workspace"), F("milestone"), F("at").desc(), F("id").desc(), name="qa_newest")
        ]


class ChangeRequest(WorkspaceModel):
    """An ask outside the agreed scope. Lives in the post-milestone queue; the milestone's boundary stays."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="change_requests")
    number = models.PositiveIntegerField()
    title = Line(max_length=200)
    detail = Text(max_length=5000, blank=True)
    asked_by = Line(max_length=200, blank=True)
    source = models.CharField(max_length=20, default="cairn")
    asked_at = models.DateTimeField()
    days = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    state = models.CharField(max_length=12, choices=ChangeState, default=ChangeState.UNDECIDED)
    decided_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "number"], name="change_requests_are_numbered"),
            models.CheckConstraint(
                name="change_request_decided_means_dated",
                condition=Q(state=ChangeState.UNDECIDED, decided_at=None)
                | (~Q(state=ChangeState.UNDECIDED) & Q(decided_at__isnull=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("milestone"), F("asked_at").desc(), F("id").desc(), name="change_newest"
            )
        ]


class Pulse(WorkspaceModel):
    """What scoring reads of a milestone's work, in one narrow row that is kept as work and QA change.

    `cycle_hours` are the latest cycle times (at most 25, newest first, wall hours from started to done);
    `qa_slots` the latest five QA results, newest first.

    Whoever sets `changed_at` asks for a look: a trigger raises `needs_score` and `needs_check`, which the
    sweeps lower again. The three due times say when time alone may change a score, a rule, a blocker's age.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="pulse")
    work_total = models.PositiveIntegerField(default=0)
    work_open = models.PositiveIntegerField(default=0)
    work_done = models.PositiveIntegerField(default=0)
    cycle_hours = ArrayField(models.FloatField(), default=list)
    cycle_median_hours = models.FloatField(null=True)
    last_work_at = models.DateTimeField(null=True)
    qa_slots = ArrayField(models.BooleanField(), default=list)
    qa_runs = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    needs_score = models.BooleanField(default=True, db_default=True, editable=False)
    needs_check = models.BooleanField(default=True, db_default=True, editable=False)
    score_due_at = models.DateTimeField(null=True, editable=False)
    check_due_at = models.DateTimeField(null=True, editable=False)
    age_due_at = models.DateTimeField(null=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "milestone"], name="a_milestone_has_one_pulse")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "milestone"], name="pulse_to_score", condition=Q(needs_score=True)
            ),
            models.Index(
                fields=["workspace", "milestone"], name="pulse_to_check", condition=Q(needs_check=True)
            ),
            *(
                models.Index(fields=[name], name=f"pulse_{name}", condition=Q(**{f"{name}__isnull": False}))
                for name in ("score_due_at", "check_due_at", "age_due_at")
            ),
        ]


class DayTally(WorkspaceModel):
    """How many work items of a milestone were opened and done on one day (the workspace's zone)."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="tallies")
    day = models.DateField()
    opened = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "day"], include=["done"], name="a_day_is_tallied_once"
            )
        ]
