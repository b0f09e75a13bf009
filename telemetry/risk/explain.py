"""Why a score is what it is: every input that matters, its value, and the points it cost.

The points of a group are the drops of its score as its costs are taken off one by one, so they add up to
what is missing from 100, caps and rounding included. What costs nothing but changes the reading is a mark
with 0 points.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from telemetry.risk import formula
from telemetry.risk.evidence import Evidence, Group
from telemetry.risk.numbers import OPS, inputs


@dataclass(frozen=True, slots=True)
class Reason:
    """`points` were taken from the group's health; `value` is the input in its own unit, None for a mark."""

    group: Group
    code: str
    points: int
    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    value: float
    text: str


def reasons(evidence: Evidence) -> list[Reason]:
    """Group by group, heaviest first; a group without any reading says so with a mark."""
    if evidence.in_setup:
        return [Reason(group, "in_setup", 0, None, "Not scored before execution.") for group in Group]
    return [reason for group in Group for reason in _of_group(group, evidence)]


def _of_group(group: Group, evidence: Evidence) -> list[Reason]:
    points = _points(formula.COSTS[group](inputs(evidence), OPS))
    readings = READINGS[group](evidence)
    costly = [Reason(group, code, points[code], r.value, r.text) for code, r in readings.items()]
    found = sorted(costly, key=lambda reason: -reason.points) + _marks(group, evidence)
    return found or [Reason(group, "clear", 0, None, CLEAR[group])]


def _points(costs: formula.Costs) -> dict[str, int]:
    scores = [100]
    taken: dict[str, formula.Value] = {}
    for code, cost in costs.items():
        taken[code] = cost
        scores.append(int(formula.score(taken, OPS)))
    return {code: before - after for code, (before, after) in zip(costs, pairwise(scores), strict=True)}


def _velocity(e: Evidence) -> Mapping[str, Reading]:
    values = inputs(e)
    if formula.by_report(values, OPS):
        return {"reported_progress": Reading(e.reported_percent or 0, _reported(e))}
    if not formula.by_items(values, OPS):
        return {}
    pace = {"pace": Reading(e.done_recent / _window(e), _pace(e))}
    return {**pace, **_cycle(e)} if formula.has_cycle(values, OPS) else pace


def _reported(e: Evidence) -> str:
    reported = "No percent reported" if e.reported_percent is None else f"{e.reported_percent:.0f}% reported"
    return f"{reported}, {100 * (e.elapsed_share or 0):.0f}% of the planned time has passed."


def _pace(e: Evidence) -> str:
    days, left = _count(_window(e), "working day"), _count(max(e.working_days_left, 0), "working day")
    return f"{e.done_recent} done in the last {days}; {e.work_open} still open with {left} left."


def _cycle(e: Evidence) -> Mapping[str, Reading]:
    here, usual = e.cycle_hours_here or 0, e.cycle_hours_usual or 0
    return {
        "cycle_time": Reading(here, f"An item takes {here:.1f} h; usual for this kind are {usual:.1f} h.")
    }


def _marks(group: Group, evidence: Evidence) -> list[Reason]:
    found = _velocity_marks(evidence) if group == Group.VELOCITY else ()
    return [Reason(group, code, 0, None, text) for code, text in found]


def _velocity_marks(e: Evidence) -> Iterator[tuple[str, str]]:
    values = inputs(e)
    if e.review_or_later:
        yield "from_review_on", "Not judged from review on."
    elif not formula.is_judged(values, OPS):
        yield "too_early", "Too early: fewer than two full working days in execution."
    elif formula.by_report(values, OPS):
        yield "no_work_items", "No work items: the reported percent is compared with the plan."
    elif e.work_open <= 0:
        yield "nothing_left", "Nothing left to do."
    elif not formula.has_cycle(values, OPS):
        yield "no_baseline", "No usual cycle time to compare with yet: pace alone counts."


def _dependency(e: Evidence) -> Mapping[str, Reading]:
    ordinary = e.blockers_open - e.blockers_critical
    return _present(
        critical_blockers=Reading(
            e.blockers_critical, f"{_count(e.blockers_critical, 'critical blocker')} open."
        ),
        open_blockers=Reading(ordinary, f"{_count(ordinary, 'blocker')} open."),
        response_lag=Reading(
            e.longest_unanswered_hours,
            f"A response is awaited for {e.longest_unanswered_hours:.1f} working hours; 8 are allowed.",
        ),
        approver_stall=Reading(
            e.review_overdue_hours, f"A decision is {e.review_overdue_hours:.1f} h past its decide-by."
        ),
        overdue_predecessors=Reading(
            e.overdue_predecessors, f"{_count(e.overdue_predecessors, 'overdue predecessor')}."
        ),
    )


def _quality(e: Evidence) -> Mapping[str, Reading]:
    rate = 100 * float(formula.pass_rate(inputs(e), OPS))
    rework = _present(rework=Reading(e.resets, f"{_count(e.resets, 'reset or revision round')}."))
    return {"qa_pass_rate": Reading(rate, _runs(e)), **rework}


def _runs(e: Evidence) -> str:
    runs = [slot for slot in (e.qa_1, e.qa_2, e.qa_3, e.qa_4, e.qa_5) if slot is not None]
    passed = f"{sum(runs)} of the latest {_count(len(runs), 'QA run')} passed" if runs else "No QA run yet"
    empty = 5 - len(runs)
    return f"{passed}; {_count(empty, 'empty slot')} of five counted 0.7." if empty else f"{passed}."


def _scope(e: Evidence) -> Mapping[str, Reading]:
    return _present(
        unplanned_requests=Reading(
            e.unplanned_14d, f"{_count(e.unplanned_14d, 'unplanned request')} in the last 14 days."
        ),
        undecided_requests=Reading(e.undecided, f"{e.undecided} of them not decided."),
        scope_growth=Reading(
            e.growth_percent, f"Accepted changes added {e.growth_percent:.1f}% to the baseline."
        ),
    )


def _present(**readings: Reading) -> dict[str, Reading]:
    return {code: reading for code, reading in readings.items() if reading.value > 0}


def _window(e: Evidence) -> int:
    return min(e.full_days_in_execution, formula.WINDOW_DAYS)


def _count(number: float, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


READINGS: Mapping[Group, Callable[[Evidence], Mapping[str, Reading]]] = {
    Group.VELOCITY: _velocity,
    Group.DEPENDENCY: _dependency,
    Group.QUALITY: _quality,
    Group.SCOPE: _scope,
}
CLEAR = {
    Group.VELOCITY: "Nothing slows the work.",
    Group.DEPENDENCY: "Nobody is waited for.",
    Group.QUALITY: "Nothing failed.",
    Group.SCOPE: "No change has been asked for.",
}
