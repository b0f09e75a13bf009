"""Laying a plan's milestones out on the working calendar. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil

from milestones.templates import MilestonePlan
from workspaces.working_time import Calendar


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day of the work, both working days."""

    start: date
    end: date


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
            spans[code] = _span(known[code], [span(needed).end for needed in known[code]["needs"]])
        return spans[code]

    def _span(plan: MilestonePlan, ends: list[date]) -> Span:
        begins = calendar.add_working_days(max(ends), 1) if ends else calendar.add_working_days(start, 0)
        return Span(begins, calendar.add_working_days(begins, stretched(plan, factors) - 1))

    return {code: span(code) for code in known}


def stretched(plan: MilestonePlan, factors: Mapping[str, float]) -> int:
    """The milestone's working days, by the factor that its kind has been found to need."""
    return max(1, ceil(plan["days"] * factors.get(plan["kind"], 1)))
