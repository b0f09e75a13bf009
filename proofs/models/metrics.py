"""What a milestone is measured by: metrics and their snapshots. The pair of before and after is computed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from milestones.models import Milestone
from proofs.words import Direction, Role, SnapshotSource
from tenancy.models import TenantKey, WorkspaceModel
from tenancy.text import Line


class Metric(WorkspaceModel):
    """One figure that shows the value of a milestone. `feed_key` is the name under which tools report it."""

    milestone = TenantKey(Milestone, models.PROTECT, related_name="metrics")
    position = models.PositiveSmallIntegerField()
    name = Line(max_length=80)
    unit = Line(max_length=20, blank=True)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.UP)
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    source = Line(max_length=200, blank=True)
    feed_key = Line(max_length=120, blank=True)
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "milestone", "name"],
                condition=Q(removed_at=None),
                name="metrics_of_a_milestone_differ",
            ),
            models.CheckConstraint(
                name="metric_direction_is_known", condition=Q(direction__in=Direction.values)
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "milestone", "position", "id"], name="metric_in_order"),
            models.Index(
                fields=["workspace", "feed_key"],
                name="metric_fed",
                condition=~Q(feed_key="") & Q(removed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Snapshot(WorkspaceModel):
    """One measured value. Never changed; a wrong one is retracted with its reason and stays readable.

    `measured_at` is when the value was true, `recorded_at` when Cairn learned of it. One baseline stands.
    """

    metric = TenantKey(Metric, models.PROTECT, related_name="snapshots")
    role = models.CharField(max_length=8, choices=Role)
    value = models.DecimalField(max_digits=18, decimal_places=4)
    measured_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=10, choices=SnapshotSource)
    note = Line(max_length=200, blank=True)
    reading_id = models.UUIDField(null=True, editable=False)
    by_kind = models.CharField(max_length=20)
    by_id = models.UUIDField(null=True)
    by_name = models.CharField(max_length=200)
    retracted_at = models.DateTimeField(null=True, editable=False)
    retract_reason = Line(max_length=300, blank=True, editable=False)

    class Meta(WorkspaceModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "metric"],
                condition=Q(role=Role.BASELINE, retracted_at=None),
                name="a_metric_has_one_standing_baseline",
            ),
            models.UniqueConstraint(
                fields=["workspace", "metric", "reading_id"],
                condition=Q(reading_id__isnull=False),
                name="a_reading_is_taken_once",
            ),
            models.CheckConstraint(
                name="snapshot_was_measured_before_it_was_recorded",
                condition=Q(measured_at__lte=F("recorded_at")),
            ),
            models.CheckConstraint(
                name="snapshot_retracted_means_explained",
                condition=Q(retracted_at=None, retract_reason="")
                | (Q(retracted_at__isnull=False) & ~Q(retract_reason="")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("workspace"), F("metric"), F("measured_at").desc(), F("id").desc(), name="snapshot_newest"
            )
        ]
