"""Laying a plan's milestones out on the working calendar. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from milestones.templates import MilestonePlan
from workspaces.working_time import Calendar

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day of the work, both working days."""

    start: date
    end: date


def span_of(start: date | None, end: date | None) -> Span:
    """The planned span of a milestone that is known to have both days."""
    if start is None or end is None:
        raise ValueError("Only a milestone with both days has a span.")
    return Span(start, end)


def lay_out(
    plans: Iterable[MilestonePlan],
    *,
    start: date,
    calendar: Calendar,
    factors: Mapping[str, float],
    fixed: Mapping[str, Span],
) -> dict[str, Span]:
    """Each milestone as early as what it needs allows; `factors` stretch the days of a kind.

    `fixed` are milestones whose days stand already, by code. What needs what must not run in a circle.
    """
    known = {plan["code"]: plan for plan in plans}
    spans = dict(fixed)

    def span(code: str) -> Span:
        if code not in spans:
            lags = known[code].get("lags", {})
            ends = [(span(needed).end, lags.get(needed, 0)) for needed in known[code]["needs"]]
            spans[code] = _span(known[code], ends)
        return spans[code]

    def _span(plan: MilestonePlan, ends: list[tuple[date, int]]) -> Span:
        days = [calendar.add_working_days(end + DAY, lag) for end, lag in ends]
        begins = max(days) if days else calendar.add_working_days(start, 0)
        return Span(begins, calendar.add_working_days(begins, stretched(plan, factors) - 1))

    return {code: span(code) for code in known}


def stretched(plan: MilestonePlan, factors: Mapping[str, float]) -> int:
    """The milestone's working days, by the factor that its kind has been found to need."""
    exact = plan["days"] * factors.get(plan["kind"], 1)
    return max(1, ceil(round(exact, 6)))  # 10 × 1.1 is 11, whatever floats make of it
