"""Writes about metrics: what a milestone is measured by, and what was measured.

A value is never changed. A wrong one is retracted with its reason, and the right one is taken anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max

from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones.actions.engagements import at_work
from milestones.models import Milestone
from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.words import Stage
from proofs.content import MOST
from proofs.measuring import digits
from proofs.models import Metric, Snapshot
from proofs.queries import metrics as queries
from proofs.words import Direction, Role, SnapshotSource
from telemetry.models import Reading
from tenancy.refusal import Refused
from tenancy.saving import add, change, check, locked

AT_ONCE = 1000
AHEAD = timedelta(minutes=5)  # clocks differ; a time a little ahead is taken as this moment


def add_metric(milestone_id: UUID, fields: Mapping[str, Any], *, by: Actor, now: datetime) -> Metric:
    """Says what the milestone is measured by.

    Raises:
        Refused: when the milestone is closed, has a metric of this name, or has as many as a packet tells.
    """
    milestone = _open(milestone_id)
    _check_name_is_free(milestone_id, fields["name"])
    if queries.metrics_of(milestone_id).count() >= MOST["metrics"]:
        raise Refused(
            f"A milestone holds at most {MOST['metrics']} metrics. Remove one that nobody needs first.",
            code="too_many",
        )
    last = milestone.metrics.aggregate(last=Max("position"))["last"] or 0
    metric = add(Metric(**fields, milestone=milestone, position=last + 1, created_at=now))
    data = {"name": metric.name, "unit": metric.unit, "direction": metric.direction, "target": metric.target}
    record(metric, "metric.added", by=by, at=now, data=data, thread_id=milestone_id)
    return metric


def change_metric(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Metric:
    """Changes how a metric is named, read, aimed at or fed. Its values stay.

    Raises:
        Refused: when its milestone is closed, or another metric has this name.
        Stale: when somebody saved since version `expected`.
    """
    metric = _metric(pk, expected=expected)
    if changes.get("name", metric.name) != metric.name:
        _check_name_is_free(metric.milestone_id, changes["name"])
    if moved := change(metric, changes):
        data = {"name": metric.name, "fields": moved}
        record(metric, "metric.changed", by=by, at=now, data=data, thread_id=metric.milestone_id)
    return metric


def remove_metric(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Metric:
    """Takes a metric out of the packets to come. Its values stay readable in the journal and in exports.

    Raises:
        Refused: when its milestone is closed, or it is removed already.
        Stale: when somebody saved since version `expected`.
    """
    metric = _metric(pk, expected=expected)
    change(metric, {"removed_at": now})
    record(metric, "metric.removed", by=by, at=now, data={"name": metric.name}, thread_id=metric.milestone_id)
    return metric


def take_snapshot(
    metric_id: UUID,
    *,
    role: Role,
    value: Decimal,
    measured_at: datetime | None = None,
    note: str = "",
    source: SnapshotSource = SnapshotSource.HAND,
    by: Actor,
    now: datetime,
) -> Snapshot:
    """Keeps what was measured, by default just now.

    Raises:
        Refused: when the milestone is closed, a baseline stands already, or the time lies in the future.
    """
    metric = _metric(metric_id)
    if role == Role.BASELINE:
        _check_no_baseline_stands(metric)
    return _taken(
        metric,
        role=role,
        value=value,
        measured_at=_measured(measured_at or now, now=now),
        recorded_at=now,
        note=note,
        source=source,
        by=by,
        now=now,
    )


def _taken(metric: Metric, *, by: Actor, now: datetime, **fields: Any) -> Snapshot:
    snapshot = add(Snapshot(metric=metric, **fields, **_author(by)))
    data = {
        "name": metric.name,
        "unit": metric.unit,
        "role": snapshot.role,
        "value": snapshot.value,
        "measured_at": snapshot.measured_at,
        "source": snapshot.source,
    }
    record(snapshot, "snapshot.taken", by=by, at=now, data=data, thread_id=metric.milestone_id)
    return snapshot


def retract_snapshot(pk: UUID, *, reason: str, by: Actor, now: datetime) -> Snapshot:
    """Says that a value does not count, and why. It stays readable.

    Raises:
        Refused: when its milestone is closed, it is retracted already, or the reason is missing.
    """
    metric = _metric(Snapshot.objects.values_list("metric_id", flat=True).get(pk=pk))
    snapshot = Snapshot.objects.get(pk=pk)
    if snapshot.retracted_at:
        raise Refused("This value is retracted already.", code="retracted")
    if not reason.strip():
        said = "Say why this value does not count; the reason stays beside it."
        raise Refused(said, code="invalid", fields={"reason": [said]})
    _retract(snapshot, reason.strip(), now=now)
    data = {
        "name": metric.name,
        "unit": metric.unit,
        "role": snapshot.role,
        "value": snapshot.value,
        "reason": snapshot.retract_reason,
    }
    record(snapshot, "snapshot.retracted", by=by, at=now, data=data, thread_id=metric.milestone_id)
    return snapshot


def _retract(snapshot: Snapshot, reason: str, *, now: datetime) -> None:
    snapshot.retracted_at, snapshot.retract_reason = now, reason
    check(snapshot, ["retract_reason"])
    snapshot.save(update_fields=["retracted_at", "retract_reason"])


def take_over_measure(milestone_id: UUID, *, by: Actor, now: datetime) -> Metric | None:
    """Makes the record's measured figure a metric, with what its progress has measured so far.

    Twice it takes over only what is new. None where the record names no complete figure, where somebody has
    removed its metric, or the milestone is closed.
    """
    milestone = locked(Milestone, milestone_id)
    if milestone.stage == Stage.CLOSED or not milestone.measure_name or milestone.measure_baseline is None:
        return None
    known = Metric.objects.filter(milestone=milestone, name=milestone.measure_name)
    metric = known.filter(removed_at=None).first()
    if metric is None:
        if known.exists():
            return None
        metric = _of_measure(milestone, by=by, now=now)
    metric = locked(Metric, metric.pk)
    _take_measured(metric, milestone, by=by, now=now)
    return metric


def _of_measure(milestone: Milestone, *, by: Actor, now: datetime) -> Metric:
    baseline, target = milestone.measure_baseline, milestone.measure_target
    falls = baseline is not None and target is not None and target < baseline
    fields = {
        "name": milestone.measure_name,
        "direction": Direction.DOWN if falls else Direction.UP,
        "target": target,
        "source": "The milestone's measured progress",
    }
    return add_metric(milestone.pk, fields, by=by, now=now)


def _take_measured(metric: Metric, milestone: Milestone, *, by: Actor, now: datetime) -> None:
    """The record's baseline, unless one was ever stated here, and each measured progress once."""
    if not metric.snapshots.filter(role=Role.BASELINE).exists():
        stated_at = queries.measure_stated_at(milestone)
        of_record = {"role": Role.BASELINE, "value": milestone.measure_baseline, "note": "From the record"}
        _take_at(metric, stated_at, of_record, by=by, now=now)
    for update in queries.untaken_progress(metric):
        author = Actor(update.author_kind, update.author_id, update.author_name)  # type: ignore[arg-type]
        measured = {"role": Role.CURRENT, "value": update.measured, "reading_id": update.pk}
        _take_at(metric, update.at, measured, by=author, now=now)


def _take_at(metric: Metric, at: datetime, fields: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    """Cairn has known it since then, so that is when it was recorded, too."""
    known = {"measured_at": at, "recorded_at": at, "source": SnapshotSource.MEASURE}
    _taken(metric, **fields, **known, by=by, now=now)


def take_readings(*, now: datetime) -> int:
    """Takes what tools reported into the metrics that are fed by it, each reading once. Returns how many.

    What nobody measures by is let go. A reading in another unit than its metric's is not taken.
    """
    waiting = Reading.objects.filter(is_new=True).select_related("connection").order_by("pk")
    fresh = list(waiting.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
    if not fresh:
        return 0
    fed = _still_open(queries.fed_by(reading.key for reading in fresh))
    made = [snapshot for metric in fed for snapshot in _readings_of(metric, fresh, now=now)]
    known = set(
        Snapshot.objects.filter(reading_id__in=[r.pk for r in fresh]).values_list("metric_id", "reading_id")
    )
    new = [each for each in made if (each.metric_id, each.reading_id) not in known]
    Snapshot.objects.bulk_create(new)
    Reading.objects.filter(pk__in=[reading.pk for reading in fresh]).update(is_new=False)
    _tell_fed(fed, new, now=now)
    return len(fresh)


def _still_open(fed: Sequence[Metric]) -> list[Metric]:
    """Those whose milestone nobody has closed meanwhile, nor will until these values are kept."""
    milestones = Milestone.objects.filter(
        pk__in={metric.milestone_id for metric in fed}, project__archived_at=None
    )
    held = milestones.select_for_update(of=("self",), no_key=True).exclude(stage=Stage.CLOSED).order_by("pk")
    still = set(held.values_list("pk", flat=True))
    return [metric for metric in fed if metric.milestone_id in still]


def _readings_of(metric: Metric, fresh: Iterable[Reading], *, now: datetime) -> Iterable[Snapshot]:
    for reading in fresh:
        if reading.key == metric.feed_key and speaks_unit(metric, reading):
            yield Snapshot(
                metric=metric,
                role=Role.CURRENT,
                value=reading.value,
                measured_at=min(reading.measured_at, now),
                recorded_at=now,
                source=SnapshotSource.CONNECTION,
                note=f"Reported as {reading.key}",
                reading_id=reading.pk,
                **_author(Actor("connection", reading.connection_id, reading.connection.name)),
            )


def speaks_unit(metric: Metric, reading: Reading) -> bool:
    """Whether a reading is in the metric's unit, or one of both says none."""
    return not (metric.unit and reading.unit) or metric.unit.casefold() == reading.unit.casefold()


def _tell_fed(fed: Iterable[Metric], new: Sequence[Snapshot], *, now: datetime) -> None:
    """One entry for each metric, however many values came at once."""
    for metric in fed:
        mine = [each for each in new if each.metric_id == metric.pk]
        if mine:
            latest = max(mine, key=lambda each: each.measured_at)
            data = {
                "name": metric.name,
                "unit": metric.unit,
                "key": metric.feed_key,
                "count": len(mine),
                "value": latest.value,
                "measured_at": latest.measured_at,
            }
            record(metric, "metric.fed", by=SYSTEM, at=now, data=data, thread_id=metric.milestone_id)


def _author(by: Actor) -> dict[str, Any]:
    return {"by_kind": by.kind, "by_id": by.id, "by_name": by.name}


def _open(milestone_id: UUID) -> Milestone:
    milestone = at_work(milestone_id)
    if milestone.stage == Stage.CLOSED:
        raise Refused(
            "The milestone is closed: what it was measured by stands as it is.", code="milestone_closed"
        )
    return milestone


def _metric(pk: UUID, *, expected: int | None = None) -> Metric:
    """A metric that may change, locked after its milestone."""
    _open(Metric.objects.values_list("milestone_id", flat=True).get(pk=pk))
    metric = locked(Metric, pk, expected=expected)
    if metric.removed_at:
        raise Refused("This metric was removed; add it anew to measure by it.", code="removed")
    return metric


def _check_name_is_free(milestone_id: UUID, name: str) -> None:
    if queries.metrics_of(milestone_id).filter(name=name).exists():
        said = "Another metric of this milestone has this name; choose another."
        raise Refused(said, code="invalid", fields={"name": [said]})


def _check_no_baseline_stands(metric: Metric) -> None:
    standing = metric.snapshots.filter(role=Role.BASELINE, retracted_at=None).first()
    if standing:
        value = f"{digits(standing.value)} {metric.unit}".strip()
        raise Refused(
            f"A baseline stands already: {value}. Retract it with a reason first; both stay readable.",
            code="baseline_stands",
        )


def _measured(at: datetime, *, now: datetime) -> datetime:
    """When the value was true: not in the future, apart from what clocks differ."""
    if not is_in_reach(at.date()):
        raise Refused(OUT_OF_REACH, code="invalid", fields={"measured_at": [OUT_OF_REACH]})
    if at > now + AHEAD:
        said = "This lies in the future: give the time at which it was measured."
        raise Refused(said, code="invalid", fields={"measured_at": [said]})
    return min(at, now)
