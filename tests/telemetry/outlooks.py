"""Days of an on-time probability as they are kept, without simulating them."""

from dataclasses import asdict
from datetime import date
from typing import Any

from milestones.models import Milestone
from telemetry.forecast.evidence import Inputs, Progress
from telemetry.models import Basis, ProbabilityPoint
from tests.factories import MONDAY

TODAY, PLANNED = MONDAY.date(), date(2026, 3, 13)
INPUTS = Inputs(
    progress=Progress.ITEMS,
    total=12,
    left=8,
    days_left=5,
    own_days=7,
    done_a_day=1.14,
    planned_days=10,
    factor=3.5,
    learned_from=3,
    closed_of_kind=4,
    blockers=1,
    days_lost=2.0,
)


def point(
    milestone: Milestone,
    day: date = TODAY,
    percent: int = 70,
    *,
    planned: date = PLANNED,
    basis: Basis = Basis.OWN,
    **inputs: Any,
) -> ProbabilityPoint:
    return ProbabilityPoint.objects.create(
        milestone=milestone,
        day=day,
        planned_date=planned,
        percent=percent,
        basis=basis,
        inputs={**asdict(INPUTS), **inputs},
    )
