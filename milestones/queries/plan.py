"""Reads that decide whether the plan of a milestone may still change in its record."""

from dataclasses import replace
from datetime import date, datetime

from milestones.cascade import Edge, earliest
from milestones.models import DateMove, Milestone, Miss
from milestones.queries.dates import plan_of


def has_history(milestone: Milestone) -> bool:
    """Whether its date was moved, missed or promised for the whole that it was split from."""
    return (
        milestone.split_from_id is not None
        or DateMove.objects.filter(milestone=milestone).exists()
        or Miss.objects.filter(milestone=milestone, closed_at=None).exists()
    )


def earliest_after(milestone: Milestone, needs: Milestone, lag_days: int, *, now: datetime) -> date | None:
    """The first day on which an open milestone can be finished if it waits for `needs` with this lag.

    None where nothing is known of either day, or something else that it waits for takes longer anyway.
    """
    plan = plan_of(milestone.project_id, now=now)
    others = [edge for edge in plan.edges if edge[:2] != (milestone.pk, needs.pk)]
    plan = replace(plan, edges=[*others, Edge(milestone.pk, needs.pk, lag_days)])
    floor = earliest(plan, milestone.pk)
    if plan.nodes[milestone.pk].ended or floor is None or floor.because_of != needs.pk:
        return None
    return floor.to
