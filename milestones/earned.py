"""Planned and earned value of a project, by the weights of its milestones. Pure.

Values are shares of the whole scope, 0 to 1. A milestone is planned to be earned when its planned date has
passed, and earned when it is accepted, never before.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise

Point = tuple[date, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One milestone's share of the scope, and when it is planned, expected and accepted.

    What was closed without acceptance is not open: it stays in the scope, and is never earned.
    """

    weight: float
    planned: date | None
    forecast: date | None = None
    accepted: date | None = None
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """Where a project stands. `spi` is None before anything was due, `spi_t` on the first day."""

    planned: float
    earned: float
    spi: float | None
    spi_t: float | None


def value(parts: Sequence[Part], *, start: date, today: date) -> Value:
    """PV, EV, SPI = EV ÷ PV, and SPI(t) = earned schedule ÷ actual time, which does not drift to 1."""
    total = sum(part.weight for part in parts)
    if not total:
        return Value(0.0, 0.0, None, None)
    due = sum(part.weight for part in parts if part.planned and part.planned < today)
    earned = sum(part.weight for part in parts if part.accepted and part.accepted <= today)
    return Value(
        planned=due / total,
        earned=earned / total,
        spi=earned / due if due else None,
        spi_t=_spi_t(parts, earned / total, start=start, today=today),
    )


def planned_curve(parts: Iterable[Part]) -> list[Point]:
    return _cumulated(parts, lambda part: part.planned)


def earned_curve(parts: Iterable[Part]) -> list[Point]:
    return _cumulated(parts, lambda part: part.accepted)


def forecast_curve(parts: Sequence[Part], *, today: date) -> list[Point]:
    """From what is earned today over what is still open, each at its forecast, at the earliest today."""
    total = sum(part.weight for part in parts)
    still = [part for part in parts if part.is_open and not part.accepted]
    open_parts = [part for part in still if part.forecast or part.planned]
    if not total or not open_parts:
        return []
    earned = sum(part.weight for part in parts if part.accepted) / total
    steps = sorted((max(part.forecast or part.planned or today, today), part.weight) for part in open_parts)
    sums = accumulate((weight / total for _, weight in steps), initial=earned)
    return [(today, earned), *zip((day for day, _ in steps), list(sums)[1:], strict=True)]


def _cumulated(parts: Iterable[Part], day_of: Callable[[Part], date | None]) -> list[Point]:
    parts = list(parts)
    total = sum(part.weight for part in parts)
    dated = sorted((day, part.weight) for part in parts if (day := day_of(part)))
    sums = list(accumulate(weight for _, weight in dated))
    last_of_day = {day: done / total for (day, _), done in zip(dated, sums, strict=True)}
    return list(last_of_day.items())


def _spi_t(parts: Sequence[Part], earned: float, *, start: date, today: date) -> float | None:
    """Once all is earned, time stops at the last acceptance."""
    if earned >= 1:
        today = max(part.accepted for part in parts if part.accepted)
    elapsed = (today - start).days
    return _earned_days(parts, earned, start) / elapsed if elapsed > 0 else None


def _earned_days(parts: Sequence[Part], earned: float, start: date) -> float:
    """On which day after the start the plan meant to have earned this much, between its dates evenly."""
    curve: list[Point] = [(start, 0.0), *planned_curve(parts)]
    for (since, low), (until, high) in pairwise(curve):
        if earned < high:
            return (since - start).days + (until - since).days * (earned - low) / (high - low)
    return float((curve[-1][0] - start).days)
