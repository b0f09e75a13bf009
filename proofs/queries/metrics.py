"""Reads of metrics: what a milestone is measured by, and the pair of before and after of each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate

from journal.models import Event
from milestones.models import Milestone, ProgressUpdate
from milestones.words import Stage
from proofs.content import MetricTold
from proofs.measuring import Pair, Value, told
from proofs.models import Metric, Snapshot
from proofs.words import Direction, Role, SnapshotSource
from telemetry.models import Reading
from tenancy.door import current_workspace_id
from tenancy.models import Workspace

SHOWN = 20  # values of one metric on a page, retracted ones among them


def metrics() -> QuerySet[Metric]:
    return Metric.objects.filter(removed_at=None)


def metrics_of(milestone_id: UUID) -> QuerySet[Metric]:
    """What a milestone is measured by now, in order."""
    return metrics().filter(milestone_id=milestone_id).order_by("position", "pk")


def snapshots_of(metric_id: UUID) -> QuerySet[Snapshot]:
    """Every value of a metric, retracted ones too."""
    return Snapshot.objects.filter(metric_id=metric_id)


def told_of(milestone: Milestone) -> list[MetricTold]:
    """The complete pairs of a milestone, in the order of its metrics."""
    kickoff, zone = milestone.project.kickoff_completed_at, _zone()
    pairs = pairs_of(list(metrics_of(milestone.pk)))
    return [pair for each in pairs if (pair := told(each, kickoff, zone))]


def told_by(rows: Sequence[Metric]) -> dict[UUID, MetricTold | None]:
    """The pair of each metric, None while it is not complete. Metrics come with milestone and project."""
    zone = _zone()
    return {
        row.pk: told(pair, row.milestone.project.kickoff_completed_at, zone)
        for row, pair in zip(rows, pairs_of(rows), strict=True)
    }


def _zone() -> ZoneInfo:
    return ZoneInfo(Workspace.objects.values_list("time_zone", flat=True).get(pk=current_workspace_id()))


def pairs_of(rows: Sequence[Metric]) -> list[Pair]:
    """The standing values of each metric, in one statement."""
    standing: dict[UUID, list[Snapshot]] = defaultdict(list)
    for snapshot in _standing(rows):
        standing[snapshot.metric_id].append(snapshot)
    return [_pair(metric, standing[metric.pk]) for metric in rows]


def _standing(rows: Sequence[Metric]) -> list[Snapshot]:
    """The baseline, and the last value of each day, oldest first: a chart needs no more of them."""
    last_of_day = (
        Snapshot.objects.filter(metric__in=[metric.pk for metric in rows], retracted_at=None)
        .annotate(day=TruncDate("measured_at", tzinfo=UTC))
        .order_by("metric_id", "role", "day", "-measured_at", "-recorded_at", "-pk")
        .distinct("metric_id", "role", "day")
    )
    return sorted(last_of_day, key=lambda each: (each.measured_at, each.recorded_at, each.pk))


def _pair(metric: Metric, standing: Sequence[Snapshot]) -> Pair:
    baseline = next((each for each in standing if each.role == Role.BASELINE), None)
    current = next((each for each in reversed(standing) if each.role == Role.CURRENT), None)
    return Pair(
        name=metric.name,
        unit=metric.unit,
        direction=Direction(metric.direction),
        source=metric.source,
        target=metric.target,
        baseline=_value(baseline),
        current=_value(current),
        history=[(each.measured_at, each.value) for each in standing],
    )


def _value(snapshot: Snapshot | None) -> Value | None:
    if snapshot is None:
        return None
    return Value(
        value=snapshot.value,
        measured_at=snapshot.measured_at,
        recorded_at=snapshot.recorded_at,
        source=SnapshotSource(snapshot.source),
        note=snapshot.note,
    )


def latest_of(rows: Iterable[Metric]) -> dict[UUID, list[Snapshot]]:
    """The latest values of each metric, retracted ones too, newest first."""
    place = Window(
        RowNumber(),
        partition_by=[F("metric_id")],
        order_by=[F("measured_at").desc(), F("recorded_at").desc(), F("id").desc()],
    )
    found = Snapshot.objects.filter(metric__in=[metric.pk for metric in rows]).annotate(place=place)
    by_metric: dict[UUID, list[Snapshot]] = defaultdict(list)
    for snapshot in found.filter(place__lte=SHOWN).order_by("metric_id", "place"):
        by_metric[snapshot.metric_id].append(snapshot)
    return by_metric


def last_readings(rows: Iterable[Metric]) -> dict[str, Reading]:
    """What tools reported last, by key."""
    keys = {metric.feed_key for metric in rows} - {""}
    if not keys:
        return {}
    latest = Reading.objects.filter(key__in=keys).order_by("key", "-received_at", "-pk").distinct("key")
    return {reading.key: reading for reading in latest.select_related("connection")}


def fed_by(keys: Iterable[str]) -> list[Metric]:
    """The metrics of open milestones that take readings under these keys."""
    fed = metrics().filter(feed_key__in=set(keys)).exclude(milestone__stage=Stage.CLOSED)
    return list(fed.select_related("milestone").order_by("milestone_id", "position", "pk"))


def untaken_progress(metric: Metric) -> list[ProgressUpdate]:
    """What was measured in the milestone's progress and is no value of this metric yet, oldest first."""
    taken = Snapshot.objects.filter(metric=metric, reading_id__isnull=False).values("reading_id")
    measured = ProgressUpdate.objects.filter(milestone=metric.milestone_id, measured__isnull=False)
    return list(measured.exclude(pk__in=taken).order_by("at", "pk"))


def measure_stated_at(milestone: Milestone) -> datetime:
    """Since when the record has held its measured figure's baseline as it is now."""
    changed = Event.objects.filter(
        thread_id=milestone.pk, kind="milestone.changed", body__contains='"measure_baseline":['
    )
    return changed.order_by("-seq").values_list("at", flat=True).first() or milestone.created_at
