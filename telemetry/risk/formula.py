"""The formulas of delivery risk, written once over values that may be numbers, arrays or SQL.

Each group loses named costs from 100; a group's score and its explanation come from the same costs.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from telemetry.risk.evidence import Group

Value = Any  # a number, an array or an Sql expression
Inputs = Any  # the fields of Evidence as values
Costs = Mapping[str, Value]

WEIGHTS = {Group.VELOCITY: 30, Group.DEPENDENCY: 30, Group.QUALITY: 25, Group.SCOPE: 15}
RISK = "delivery_risk_score"
WINDOW_DAYS = 5
EARLY_DAYS = 2
CYCLE_NEEDS_DONE = 3
RESPONSE_ALLOWED_HOURS = 8
EMPTY_SLOT = 0.7

# Halves go up. The sliver lets a half that floating point shows as 68.4999… count as one.
HALF = 0.5 + 1e-9


class Ops(Protocol):
    """What the formulas need beside + - * and comparisons."""

    nothing: Value

    def minimum(self, a: Value, b: Value) -> Value: ...
    def maximum(self, a: Value, b: Value) -> Value: ...
    def floor(self, a: Value) -> Value: ...
    def where(self, condition: Value, a: Value, b: Value) -> Value: ...
    def given(self, a: Value) -> Value: ...
    def either(self, a: Value, otherwise: Value) -> Value: ...
    def share(self, a: Value, b: Value) -> Value:
        """a of b, at most 1; 1 where b is 0. Never divides where it could overflow."""


def evaluate(e: Inputs, ops: Ops) -> dict[str, Value]:
    """The five scores by their names in the record: null in setup, else whole numbers."""
    health = groups(e, ops)
    return {**health, RISK: risk(health, ops)}


def groups(e: Inputs, ops: Ops) -> dict[str, Value]:
    """The scores of the four groups."""
    health = {f"{group}_score": score(costs(e, ops), ops) for group, costs in COSTS.items()}
    return {name: ops.where(e.in_setup, ops.nothing, value) for name, value in health.items()}


def risk(health: Mapping[str, Value], ops: Ops) -> Value:
    """The groups are whole numbers here, so that the risk follows from what is shown; null as they are."""
    weighted = sum(weight * health[f"{group}_score"] for group, weight in WEIGHTS.items())
    return rounded(100 - weighted / 100, ops)


def score(costs: Costs, ops: Ops) -> Value:
    return rounded(clip(100 - sum(costs.values()), 0, 100, ops), ops)


def rounded(value: Value, ops: Ops) -> Value:
    return ops.floor(value + HALF)


def clip(value: Value, low: float, high: float, ops: Ops) -> Value:
    return ops.minimum(ops.maximum(value, low), high)


def velocity_costs(e: Inputs, ops: Ops) -> Costs:
    pace_weight = ops.where(has_cycle(e, ops), 70, 100)
    itemised, reported = by_items(e, ops), by_report(e, ops)
    return {
        "pace": ops.where(itemised, pace_weight * (1 - pace(e, ops)), 0),
        "cycle_time": ops.where(itemised, (100 - pace_weight) * (1 - cycle(e, ops)), 0),
        "reported_progress": ops.where(reported, 100 * (1 - progress(e, ops)), 0),
    }


def is_judged(e: Inputs, ops: Ops) -> Value:
    """Whether speed says anything: not too early, and not from review on."""
    return ops.where(e.review_or_later, 0, e.full_days_in_execution) >= EARLY_DAYS


def by_items(e: Inputs, ops: Ops) -> Value:
    return is_judged(e, ops) & (e.work_open > 0)


def by_report(e: Inputs, ops: Ops) -> Value:
    return is_judged(e, ops) & (e.work_total <= 0)


def pace(e: Inputs, ops: Ops) -> Value:
    """Completions a day over the completions a day that the forecast needs, at most 1."""
    days_left = ops.maximum(e.working_days_left, 0)
    return ops.share(e.done_recent * days_left, window(e, ops) * e.work_open)


def window(e: Inputs, ops: Ops) -> Value:
    return ops.minimum(e.full_days_in_execution, WINDOW_DAYS)


def has_cycle(e: Inputs, ops: Ops) -> Value:
    enough = e.done_total >= CYCLE_NEEDS_DONE
    return enough & ops.given(e.cycle_hours_here) & ops.given(e.cycle_hours_usual)


def cycle(e: Inputs, ops: Ops) -> Value:
    return ops.share(ops.either(e.cycle_hours_usual, 0), ops.either(e.cycle_hours_here, 0))


def progress(e: Inputs, ops: Ops) -> Value:
    """Reported share over elapsed share of the plan, at most 1; 1 while nothing could be expected."""
    elapsed = ops.minimum(ops.either(e.elapsed_share, 0), 1)
    return ops.share(ops.either(e.reported_percent, 0) / 100, elapsed)


def dependency_costs(e: Inputs, ops: Ops) -> Costs:
    late = e.longest_unanswered_hours - RESPONSE_ALLOWED_HOURS
    return {
        "critical_blockers": 25 * e.blockers_critical,
        "open_blockers": 15 * (e.blockers_open - e.blockers_critical),
        "response_lag": clip(late, 0, 40, ops),
        "approver_stall": clip(2 * e.review_overdue_hours, 0, 40, ops),
        "overdue_predecessors": 10 * e.overdue_predecessors,
    }


def quality_costs(e: Inputs, ops: Ops) -> Costs:
    return {
        "qa_pass_rate": 100 * (1 - pass_rate(e, ops)),
        "rework": ops.minimum(10 * e.resets, 40),
    }


def pass_rate(e: Inputs, ops: Ops) -> Value:
    """Of the newest five runs, weighted 5 for the newest … 1 for the oldest."""
    slots = (e.qa_1, e.qa_2, e.qa_3, e.qa_4, e.qa_5)
    passed = sum((5 - n) * ops.either(slot, EMPTY_SLOT) for n, slot in enumerate(slots))
    return passed / 15


def scope_costs(e: Inputs, ops: Ops) -> Costs:
    return {
        "unplanned_requests": 12 * e.unplanned_14d,
        "undecided_requests": 8 * e.undecided,
        "scope_growth": 2 * ops.maximum(e.growth_percent, 0),
    }


COSTS = {
    Group.VELOCITY: velocity_costs,
    Group.DEPENDENCY: dependency_costs,
    Group.QUALITY: quality_costs,
    Group.SCOPE: scope_costs,
}
