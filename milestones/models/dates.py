"""Where dates and labels have been: moves with their reasons, misses, changes of the label."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from milestones.models.decisions import Decision
from milestones.models.milestone import Milestone
from milestones.words import Attribution, Colour, DateKind, MoveReason, Recovery
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text


class DateMove(WorkspaceModel):
    """One move of a date, with its reason. `root` is the move that dragged this one along.

    `days` are calendar days, negative when it was pulled in. A baseline moves only by the client's decision.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="date_moves")
    kind = models.CharField(max_length=8, choices=DateKind)
    from_date = models.DateField(null=True)
    to_date = models.DateField()
    days = models.GeneratedField(
        expression=models.Func(F("to_date"), F("from_date"), template="(%(expressions)s)", arg_joiner=" - "),
        output_field=models.IntegerField(null=True),
        db_persist=True,
    )
    reason_code = models.CharField(max_length=20, choices=MoveReason)
    reason = Line(max_length=500)
    attributed_to = models.CharField(max_length=12, choices=Attribution)
    root = TenantKey("self", models.PROTECT, null=True, related_name="dragged")
    decision = TenantKey(Decision, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(name="a_date_moves_with_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_date_move_goes_somewhere",
                condition=Q(from_date=None) | ~Q(to_date=F("from_date")),
            ),
            models.CheckConstraint(
                name="a_baseline_moves_by_decision",
                condition=~Q(kind=DateKind.BASELINE) | Q(decision__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("milestone"), F("at").desc(), F("id").desc(), name="date_move_newest"
            )
        ]


class Miss(WorkspaceModel):
    """A planned date that passed without the milestone being completed: said, explained, recovered from."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="misses")
    planned_date = models.DateField()
    opened_at = models.DateTimeField()
    root_cause = Text(max_length=2000, blank=True)
    recovery = models.CharField(max_length=10, choices=Recovery, blank=True)
    plan = Text(max_length=2000, blank=True)
    consent = Text(max_length=500, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "planned_date"], name="a_planned_date_is_missed_once"
            ),
            models.CheckConstraint(
                name="a_miss_is_acknowledged_with_cause_and_plan",
                condition=Q(acknowledged_at=None) | (~Q(root_cause="") & ~Q(plan="") & ~Q(recovery="")),
            ),
            models.CheckConstraint(
                name="overtime_needs_consent",
                condition=Q(acknowledged_at=None) | ~Q(recovery=Recovery.OVERTIME) | ~Q(consent=""),
            ),
        ]


class LabelChange(WorkspaceModel):
    """One change of a milestone's schedule colour, as it was written."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="label_changes")
    at = models.DateTimeField()
    before = models.CharField(max_length=10, choices=Colour, blank=True)
    after = models.CharField(max_length=10, choices=Colour)
    reason = Line(max_length=300)
    warning_skipped = models.BooleanField(default=False)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                name="yellow_comes_before_red",
                condition=~Q(before=Colour.ON_TRACK, after__in=[Colour.DELAYED, Colour.BLOCKED]),
            )
        ]
        indexes: ClassVar = [
            models.Index(F("workspace"), F("milestone"), F("at").desc(), name="label_change_newest")
        ]
