"""What changed between before and after: computed from measured values, never typed. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from journal.canonical import plain as written
from proofs.content import MOST, MetricTold, ValueTold
from proofs.words import Direction, SnapshotSource

TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A measured value: what it was, when, when Cairn learned of it, and from where."""

    value: Decimal
    measured_at: datetime
    recorded_at: datetime
    source: SnapshotSource = SnapshotSource.HAND
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A metric with the values that stand: one before, the latest after, and those between, oldest first."""

    name: str
    unit: str = ""
    direction: Direction = Direction.UP
    source: str = ""
    target: Decimal | None = None
    baseline: Value | None = None
    current: Value | None = None
    history: Sequence[tuple[datetime, Decimal]] = ()


def told(pair: Pair, kickoff: datetime | None, zone: ZoneInfo) -> MetricTold | None:
    """The pair in words; None while a half is missing, or the current value is older than the baseline.

    Days are those of `zone`.
    """
    before, after = pair.baseline, pair.current
    if before is None or after is None or after.measured_at < before.measured_at:
        return None
    change = after.value - before.value
    return MetricTold(
        name=pair.name,
        unit=pair.unit,
        direction=_direction(pair.direction),
        source=pair.source,
        baseline=_value(before),
        current=_value(after),
        target=None if pair.target is None else digits(pair.target),
        change=signed(change),
        percent=_percent(change, of=before.value),
        is_better=_is_better(change, pair.direction),
        target_met=is_met(after.value, pair.target, pair.direction),
        caveat=caveat(before, kickoff, zone),
        history=[(written(at), digits(value)) for at, value in thinned(pair.history)],
    )


def digits(value: Decimal) -> str:
    """Plain digits, without an exponent or trailing zeros."""
    text = f"{value.normalize():f}"
    return "0" if text == "-0" else text


def signed(value: Decimal) -> str:
    return f"+{digits(value)}" if value > 0 else digits(value)


def is_met(value: Decimal, target: Decimal | None, direction: Direction | str) -> bool | None:
    """Whether the target is reached; None where there is none."""
    if target is None:
        return None
    return value >= target if direction == Direction.UP else value <= target


def caveat(baseline: Value, kickoff: datetime | None, zone: ZoneInfo) -> str:
    """What a reader has to know of a baseline that came late; empty when it was known that day."""
    if kickoff is None:
        return ""
    measured = _days(kickoff, baseline.measured_at, zone)
    recorded = _days(kickoff, baseline.recorded_at, zone)
    if recorded <= 0:
        return ""
    said, days = ("measured", measured) if measured > 0 else ("recorded", recorded)
    return f"Baseline {said} {days} day{'' if days == 1 else 's'} after kickoff"


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> int:
    """From day to day, as a calendar counts."""
    return (until.astimezone(zone).date() - since.astimezone(zone).date()).days


def thinned(history: Sequence[tuple[datetime, Decimal]]) -> list[tuple[datetime, Decimal]]:
    """At most so many as are told, evenly, the first and the last among them."""
    most, last = MOST["history"], len(history) - 1
    if last < most:
        return list(history)
    return [history[round(place * last / (most - 1))] for place in range(most)]


def _direction(direction: Direction) -> Literal["up", "down"]:
    return "up" if direction == Direction.UP else "down"


def _value(value: Value) -> ValueTold:
    return ValueTold(
        value=digits(value.value),
        measured_at=written(value.measured_at),
        recorded_at=written(value.recorded_at),
        source=str(SnapshotSource(value.source).label),
        note=value.note,
    )


def _percent(change: Decimal, *, of: Decimal) -> str | None:
    """Of the baseline's size, so that a rise is positive from below zero, too."""
    if of == 0:
        return None
    return signed((100 * change / abs(of)).quantize(TENTH, ROUND_HALF_UP))


def _is_better(change: Decimal, direction: Direction) -> bool | None:
    if change == 0:
        return None
    return (change > 0) == (direction == Direction.UP)


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line of values in a view box of `width` by `height`. `target` is the height of its line."""

    width: float
    height: float
    points: str
    x: float
    y: float
    target: float | None


WIDTH: Final = 120.0
HEIGHT: Final = 32.0
EDGE: Final = 3.0


def spark(history: Sequence[tuple[datetime, Decimal]], target: Decimal | None = None) -> Spark | None:
    """The course of a figure; None with fewer than two values."""
    drawn = thinned(history)
    if len(drawn) < 2:
        return None
    values = [value for _, value in drawn]
    span = [*values, target] if target is not None else values
    low, high = min(span), max(span)
    places = list(_places(drawn, low, high))
    x, y = places[-1]
    return Spark(
        WIDTH,
        HEIGHT,
        " ".join(f"{x},{y}" for x, y in places),
        x,
        y,
        None if target is None else _height(target, low, high),
    )


def _places(
    drawn: Sequence[tuple[datetime, Decimal]], low: Decimal, high: Decimal
) -> Iterator[tuple[float, float]]:
    """By time, or evenly where all were measured at one moment."""
    first, last = drawn[0][0], drawn[-1][0]
    for number, (at, value) in enumerate(drawn):
        share = (at - first) / (last - first) if last > first else number / (len(drawn) - 1)
        yield round(EDGE + (WIDTH - 2 * EDGE) * share, 1), _height(value, low, high)


def _height(value: Decimal, low: Decimal, high: Decimal) -> float:
    share = float((value - low) / (high - low)) if high > low else 0.5
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share, 1)
