"""Reads of metrics: what a milestone is measured by, and the pair of before and after of each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

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

NEWEST_FIRST = "ORDER BY s.measured_at DESC, s.recorded_at DESC, s.id DESC"

# From the newest value to the last one of the day before it and so on, however many values a day has.
STANDING = f"""
WITH RECURSIVE last AS (
    SELECT newest.* FROM unnest(%(metrics)s::uuid[]) AS asked (id) CROSS JOIN LATERAL (
        SELECT s.* FROM proofs_snapshot s
        WHERE s.workspace_id = %(workspace_id)s AND s.metric_id = asked.id
          AND s.role = 'current' AND s.retracted_at IS NULL
        {NEWEST_FIRST} LIMIT 1) newest
    UNION ALL
    SELECT newest.* FROM last CROSS JOIN LATERAL (
        SELECT s.* FROM proofs_snapshot s
        WHERE s.workspace_id = %(workspace_id)s AND s.metric_id = last.metric_id
          AND s.measured_at < date_trunc('day', last.measured_at, 'UTC')
          AND s.role = 'current' AND s.retracted_at IS NULL
        {NEWEST_FIRST} LIMIT 1) newest
)
SELECT * FROM last
UNION ALL
SELECT s.* FROM proofs_snapshot s
WHERE s.workspace_id = %(workspace_id)s AND s.metric_id = ANY(%(metrics)s::uuid[])
  AND s.role = 'baseline' AND s.retracted_at IS NULL
ORDER BY measured_at, recorded_at, id
"""  # noqa: S608 – of constants only

LATEST = f"""
SELECT latest.* FROM unnest(%(metrics)s::uuid[]) AS asked (id) CROSS JOIN LATERAL (
    SELECT s.* FROM proofs_snapshot s
    WHERE s.workspace_id = %(workspace_id)s AND s.metric_id = asked.id
    {NEWEST_FIRST} LIMIT %(shown)s) latest
ORDER BY measured_at DESC, recorded_at DESC, id DESC
"""  # noqa: S608 – of constants only


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
    """The pair of each metric. Of its values it holds the last of each day: a chart needs no more of them."""
    standing = _by_metric(STANDING, rows)
    return [_pair(metric, standing[metric.pk]) for metric in rows]


def _by_metric(statement: str, rows: Iterable[Metric], **values: int) -> dict[UUID, list[Snapshot]]:
    """The values that a statement finds, by their metric."""
    asked = {"workspace_id": current_workspace_id(), "metrics": [metric.pk for metric in rows]}
    by_metric: dict[UUID, list[Snapshot]] = defaultdict(list)
    for snapshot in Snapshot.objects.raw(statement, {**asked, **values}):
        by_metric[snapshot.metric_id].append(snapshot)
    return by_metric


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
    return _by_metric(LATEST, rows, shown=SHOWN)


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
