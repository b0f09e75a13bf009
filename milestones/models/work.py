"""What is known of the work on a milestone: items, reports of progress, and what scoring reads of them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from milestones.models.common import PERCENT, percent
from milestones.models.milestone import Milestone
from milestones.words import WorkState
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line, Text


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

    measured = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.CheckConstraint(
                name="progress_percent_is_a_percentage", condition=Q(percent=None) | percent("percent")
            ),
            models.CheckConstraint(
                name="progress_says_something",
                condition=~Q(done="", next="", blocked="", percent=None, measured=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("milestone"), F("at").desc(), F("id").desc(), name="progress_newest"
            )
        ]


class Pulse(WorkspaceModel):
    """What scoring reads of a milestone's work, in one narrow row that is kept as work and QA change.

    `cycle_hours` are the latest cycle times (at most 25, newest first, wall hours from started to done);
    `qa_slots` the latest five QA results, newest first. `done_days` are the last days on which something was
    done, oldest first, `done_sums` what had been done by the end of each of them: what was done between two
    days is one subtraction.

    Whoever sets `changed_at` asks for a look: a trigger raises `needs_score`, `needs_check`, `needs_label`
    and `needs_outlook`, which the sweeps lower again. The due times say when time alone may change a score,
    a rule, a blocker's age, the label, or the on-time probability. Where the project is archived the row
    `rests`: nothing is asked for, and nothing comes due.
    """

    milestone = TenantKey(Milestone, models.PROTECT, related_name="pulse")
    work_total = models.PositiveIntegerField(default=0)
    work_open = models.PositiveIntegerField(default=0)
    work_done = models.PositiveIntegerField(default=0)
    cycle_hours = ArrayField(models.FloatField(), default=list)
    cycle_median_hours = models.FloatField(null=True)
    done_days = ArrayField(models.DateField(), default=list, db_default=[])
    done_sums = ArrayField(models.IntegerField(), default=list, db_default=[])
    last_work_at = models.DateTimeField(null=True)
    qa_slots = ArrayField(models.BooleanField(), default=list)
    qa_runs = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    needs_score = models.BooleanField(default=True, db_default=True, editable=False)
    needs_check = models.BooleanField(default=True, db_default=True, editable=False)
    needs_label = models.BooleanField(default=True, db_default=True, editable=False)
    needs_outlook = models.BooleanField(default=True, db_default=True, editable=False)
    rests = models.BooleanField(default=False, db_default=False, editable=False)
    score_due_at = models.DateTimeField(null=True, editable=False)
    check_due_at = models.DateTimeField(null=True, editable=False)
    age_due_at = models.DateTimeField(null=True, editable=False)
    label_due_at = models.DateTimeField(null=True, editable=False)
    outlook_due_at = models.DateTimeField(null=True, editable=False)

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
            models.Index(
                fields=["workspace", "milestone"], name="pulse_to_label", condition=Q(needs_label=True)
            ),
            models.Index(
                fields=["workspace", "milestone"], name="pulse_to_foresee", condition=Q(needs_outlook=True)
            ),
            *(
                models.Index(fields=[name], name=f"pulse_{name}", condition=Q(**{f"{name}__isnull": False}))
                for name in ("score_due_at", "check_due_at", "age_due_at", "label_due_at", "outlook_due_at")
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
