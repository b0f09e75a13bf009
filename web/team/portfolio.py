"""What the project page shows of its plan: the table, the two figures, planned and earned value, slips."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from milestones import charts
from milestones.charts import Work
from milestones.models import DateMove, Milestone
from milestones.queries.portfolio import Portfolio
from web.here import Here
from web.team.dates import folded, slips

LISTED = 20  # moves in the slip log


@dataclass(frozen=True, slots=True)
class PlanRow:
    milestone: Milestone
    label: Any
    blocked_for: str  # age of the oldest open blocker
    needs: str
    past: list[dict[str, Any]]  # where the forecast has been, oldest first
    actual: Any
    share: float


def context(portfolio: Portfolio, here: Here) -> dict[str, Any]:
    """Everything about the plan that the project page shows."""
    planned, earned, ahead = portfolio.planned_curve, portfolio.earned_curve, portfolio.forecast_curve
    return {
        "plan": [_row(milestone, portfolio, here) for milestone in portfolio.plan],
        "timeline": charts.timeline([_work(m, portfolio) for m in portfolio.plan], today=portfolio.today),
        "curve": charts.s_curve(planned, earned, ahead, today=portfolio.today),
        "levels": charts.levels(planned, earned, ahead),
        "figures": _figures(portfolio),
        "pace": portfolio.pace,
        "today": portfolio.today,
        "slip_moves": folded(portfolio.moves)[:LISTED],
        **slips(portfolio.slips),
    }


def _row(milestone: Milestone, portfolio: Portfolio, here: Here) -> PlanRow:
    return PlanRow(
        milestone=milestone,
        label=here.label(milestone),
        blocked_for=here.age(milestone.blocked_since),
        needs=", ".join(need.needs.code for need in milestone.predecessors.all()),
        past=[_struck(move) for move in portfolio.past.get(milestone.pk, [])],
        actual=portfolio.day(milestone.completed_at),
        share=portfolio.shares[milestone.pk],
    )


def _struck(move: DateMove) -> dict[str, Any]:
    return {"date": move.from_date, "reason": move.reason}


def _work(milestone: Milestone, portfolio: Portfolio) -> Work:
    return Work(
        id=milestone.pk,
        code=milestone.code,
        name=milestone.name,
        planned_start=milestone.planned_start,
        planned=milestone.planned_date,
        forecast=milestone.forecast_date,
        begun=portfolio.day(milestone.execution_started_at),
        until=portfolio.day(milestone.completed_at or milestone.closed_at),
        needs=[need.needs_id for need in milestone.predecessors.all()],
    )


def _figures(portfolio: Portfolio) -> Mapping[str, str]:
    """Planned and earned value and what they make of each other, as they are read."""
    value = portfolio.value
    return {
        "planned": f"{value.planned:.0%}",
        "earned": f"{value.earned:.0%}",
        "spi": _ratio(value.spi),
        "spi_t": _ratio(value.spi_t),
    }


def _ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
