"""The milestone, its criteria, and what it waits for."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from milestones.models.common import PERCENT, percent
from milestones.models.engagements import Contact, Phase, Project
from milestones.words import ApprovalChannel, BlockerStatus, Colour, Kind, Outcome, Stage
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text
from workspaces.models import Membership

HISTORY = Q(imported_at__isnull=False)


class Milestone(WorkspaceModel):
    """The operating unit: one visible outcome that the client accepts or not, and its record."""

    project = TenantKey(Project, models.PROTECT, related_name="milestones")
    phase = TenantKey(Phase, models.PROTECT, null=True, blank=True, related_name="milestones")
    code = Line(max_length=12)
    external_ref = Line(max_length=120, blank=True)
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
    paused_until = models.DateField(null=True, editable=False)
    pause_reason = Text(max_length=500, blank=True, editable=False)

    weight = models.DecimalField(max_digits=7, decimal_places=2, default=1)
    quality_threshold = models.PositiveSmallIntegerField(default=80, validators=PERCENT)
    owner_primary = TenantKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    review_owner = TenantKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    owner_client = TenantKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    approver = TenantKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    approval_channel = models.CharField(max_length=10, choices=ApprovalChannel, blank=True)
    accepting_round = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    dependency_risks = Text(max_length=1000, blank=True)
    invoice_trigger = Line(max_length=200, blank=True)
    next_stage_trigger = Line(max_length=200, blank=True)
    next_move_owner = Line(max_length=200, blank=True)
    is_aggressive = models.BooleanField(default=False)
    measure_name = Line(max_length=80, blank=True)
    measure_baseline = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    measure_target = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    split_from = TenantKey("self", models.PROTECT, null=True, blank=True, editable=False, related_name="+")

    # The latch of yellow before red: the last schedule colour that was written, and what it may become.
    colour = models.CharField(max_length=10, choices=Colour, blank=True, default="", editable=False)
    colour_since = models.DateTimeField(null=True, editable=False)
    green_until = models.DateTimeField(null=True, editable=False)
    warned_at = models.DateTimeField(null=True, editable=False)
    turning_red = models.BooleanField(default=False, editable=False)
    forecast_confirmed_at = models.DateTimeField(null=True, editable=False)
    output_changed_at = models.DateTimeField(null=True, editable=False)
    qa_passed_at = models.DateTimeField(null=True, editable=False)
    outcome_reason = Text(max_length=2000, blank=True, editable=False)
    open_dependencies = Text(max_length=2000, blank=True, editable=False)

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
    open_rules = ArrayField(models.CharField(max_length=30), default=list, editable=False)
    figures_warn = models.BooleanField(default=False, editable=False)
    figures_days = models.PositiveSmallIntegerField(default=0, editable=False)
    figures_on = models.DateField(null=True, editable=False)
    # A published packet's link as its placeholder, never its secret address; of imported history an address.
    proof_packet_url = Line(max_length=200, blank=True, default="", editable=False)
    handoff_packet_link = Line(max_length=200, blank=True, default="", editable=False)

    last_progress_at = models.DateTimeField(null=True, editable=False)
    reported_percent = models.PositiveSmallIntegerField(null=True, editable=False)
    measured = models.DecimalField(max_digits=14, decimal_places=4, null=True, editable=False)
    decide_by = models.DateTimeField(null=True, editable=False)
    resets = models.PositiveSmallIntegerField(default=0, editable=False)
    # When it was taken over as history: accepted before Cairn knew it, so nobody closed it here.
    imported_at = models.DateTimeField(null=True, editable=False)
    is_frozen = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField()
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
            models.UniqueConstraint(
                fields=["workspace", "project", "external_ref"],
                condition=~Q(external_ref=""),
                name="milestone_reference_is_its_own",
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
                )
                | HISTORY,
            ),
            models.CheckConstraint(
                name="milestone_closed_means_dated_with_outcome",
                condition=Q(~Q(outcome=""), stage=Stage.CLOSED, closed_at__isnull=False)
                | (~Q(stage=Stage.CLOSED) & Q(closed_at=None, outcome="")),
            ),
            models.CheckConstraint(
                name="milestone_closed_as_approved_holds_all_four",
                condition=~Q(outcome=Outcome.APPROVED)
                | (
                    ~Q(proof_packet_url="")
                    & ~Q(handoff_packet_link="")
                    & Q(review_owner__isnull=False, approver__isnull=False, accepted_at__isnull=False)
                )
                | HISTORY,
            ),
            models.CheckConstraint(
                name="milestone_of_history_was_accepted",
                condition=Q(imported_at=None)
                | Q(
                    stage=Stage.CLOSED,
                    outcome=Outcome.APPROVED,
                    accepted_at__isnull=False,
                    planned_date__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="milestone_closed_says_what_is_open_and_who_moves_next",
                condition=Q(outcome="") | (~Q(open_dependencies="") & ~Q(next_move_owner="")),
            ),
            models.CheckConstraint(
                name="milestone_in_review_is_completed",
                condition=Q(stage__in=[Stage.REVIEW, Stage.CLOSEOUT], completed_at__isnull=False)
                | Q(stage__in=[Stage.SETUP, Stage.EXECUTION, Stage.QA], completed_at=None)
                | Q(stage=Stage.CLOSED),
            ),
            models.CheckConstraint(
                name="milestone_in_closeout_is_accepted",
                condition=Q(stage=Stage.CLOSEOUT, accepted_at__isnull=False)
                | Q(stage=Stage.CLOSED)
                | (~Q(stage__in=[Stage.CLOSEOUT, Stage.CLOSED]) & Q(accepted_at=None)),
            ),
            models.CheckConstraint(
                name="milestone_paused_means_explained_with_an_end",
                condition=Q(paused_at=None, paused_until=None, pause_reason="")
                | (Q(paused_at__isnull=False, paused_until__isnull=False) & ~Q(pause_reason="")),
            ),
            models.CheckConstraint(
                name="milestone_colour_has_a_beginning",
                condition=Q(colour="", colour_since=None) | (~Q(colour="") & Q(colour_since__isnull=False)),
            ),
            models.CheckConstraint(
                name="milestone_accepting_round_counts_from_one", condition=Q(accepting_round__gte=1)
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
                fields=["workspace", "id"],
                name="milestone_at_work",
                condition=Q(stage__in=[Stage.EXECUTION, Stage.QA], paused_at=None),
            ),
            models.Index(
                fields=["planned_date"],
                name="milestone_to_be_completed",
                condition=Q(completed_at=None) & ~Q(stage=Stage.CLOSED),
            ),
            models.Index(
                fields=["accepted_at"],
                name="milestone_awaits_packets",
                condition=Q(stage__in=[Stage.REVIEW, Stage.CLOSEOUT]),
            ),
            models.Index(
                fields=["workspace", "kind"], name="milestone_closed", condition=Q(stage=Stage.CLOSED)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="milestone_becomes_no_history",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("imported_at"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(old__imported_at__df=pgtrigger.F("new__imported_at")),
                func="RAISE EXCEPTION 'History is taken over as it is; nothing becomes or ceases to be it.';",
            )
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
