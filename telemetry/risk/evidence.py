"""What a score is made from, and what comes out: flat scalars, so that each one can be a column."""

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    VELOCITY = "execution_velocity"
    DEPENDENCY = "dependency_health"
    QUALITY = "quality_confidence"
    SCOPE = "scope_stability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Every input of a milestone's scores. Counts and hours are 0 where there is nothing; None is unknown.

    Days are full working days, hours of waiting are working hours of the workspace. Work items exclude
    cancelled ones; `done_recent` are completions of the last min(5, `full_days_in_execution`) working days,
    and `working_days_left` counts today and the forecast date themselves. `blockers_critical` is a part of
    `blockers_open`. The QA slots are the newest five runs, newest first: 1 passed, 0 failed, None no run.
    """

    in_setup: bool = False
    review_or_later: bool = False
    full_days_in_execution: int = 0
    work_total: int = 0
    work_open: int = 0
    done_total: int = 0
    done_recent: int = 0
    working_days_left: int = 0
    cycle_hours_here: float | None = None  # median, started to done, of this milestone's items
    cycle_hours_usual: float | None = None  # median of closed milestones of the same kind
    reported_percent: float | None = None  # 0-100, by the latest progress update
    elapsed_share: float | None = None  # of the planned span: 0 at its start, 1 at its end
    blockers_open: int = 0
    blockers_critical: int = 0
    longest_unanswered_hours: float = 0
    review_overdue_hours: float = 0  # past the review's decide-by
    overdue_predecessors: int = 0
    qa_1: int | None = None
    qa_2: int | None = None
    qa_3: int | None = None
    qa_4: int | None = None
    qa_5: int | None = None
    resets: int = 0  # resets and revision rounds
    unplanned_14d: int = 0  # unplanned requests of the last 14 days
    undecided: int = 0  # those of them that nobody has decided on
    growth_percent: float = (
        0  # accepted days of change / baseline working days x 100, since the last baseline
    )


@dataclass(frozen=True, slots=True)
class Scores:
    """Whole numbers 0-100, named as in the record; all None in setup. Groups are health, the last is risk."""

    execution_velocity_score: int | None
    dependency_health_score: int | None
    quality_confidence_score: int | None
    scope_stability_score: int | None
    delivery_risk_score: int | None

    def of(self, group: Group) -> int | None:
        score: int | None = getattr(self, f"{group}_score")
        return score
