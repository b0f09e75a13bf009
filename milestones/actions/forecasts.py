"""Writes about forecasts: no date moves silently.

A move, its cascade and the client's notice are one transaction, whoever makes it.
"""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.actions import record
from journal.actors import Actor
from milestones import cascade, date_letters
from milestones.actions import labels
from milestones.actions.engagements import at_work, check_is_not_archived
from milestones.actions.reports import touch
from milestones.actions.shifts import Said, in_turn, shift
from milestones.cascade import Plan, Shift
from milestones.models import DateMove, Decision, Milestone
from milestones.queries import dates as queries
from milestones.queries.dates import Foreseen
from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.slips import ATTRIBUTED
from milestones.words import Attribution, MoveReason, Stage
from tenancy.refusal import Refused
from tenancy.saving import change

SHORTEST_REASON = 10
FARTHEST = timedelta(days=5 * 366)
SAY_WHY = "Give the reason in a sentence that the client may read."


def preview(milestone_id: UUID, to: date, *, now: datetime) -> list[Shift]:
    """Everything that would move, itself first; nothing is saved.

    Raises:
        Refused: where the move itself would be.
    """
    return cascade.cascade(_plan_for(milestone_id, to, now=now), milestone_id, to)


def foresee(milestone_id: UUID, to: date, *, now: datetime) -> Foreseen:
    """The preview by name, with what could come earlier.

    Raises:
        Refused: where the move itself would be.
    """
    return queries.foreseen(_plan_for(milestone_id, to, now=now), milestone_id, to)


def _plan_for(milestone_id: UUID, to: date, *, now: datetime) -> Plan:
    milestone = Milestone.objects.get(pk=milestone_id)
    plan = queries.plan_of(milestone.project_id, now=now)
    _check_may_move(milestone, to, plan)
    return plan


def move_forecast(
    milestone_id: UUID,
    to: date,
    *,
    code: MoveReason,
    reason: str,
    attributed_to: Attribution | None = None,
    mitigation: str = "",
    decision: Decision | None = None,
    by: Actor,
    now: datetime,
    expected: int | None = None,
    previewed: str = "",
) -> list[DateMove]:
    """Moves a forecast, its own move first and then all that it drags along.

    Raises:
        Refused: without a reason, or when the milestone or the day does not allow it.
        Stale: when somebody saved since version `expected`, or other dates would move than `previewed`.
    """
    said = Said(
        code=code,
        reason=_reason(reason),
        attributed_to=attributed_to or ATTRIBUTED[code],
        mitigation=_one_line(mitigation),
        decision=decision,
    )
    milestone = in_turn(milestone_id, expected=expected)
    plan = queries.plan_of(milestone.project_id, now=now)
    _check_may_move(milestone, to, plan)
    return shift(milestone, plan, to, said, by=by, now=now, previewed=previewed)


def confirm_forecast(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Milestone:
    """Says that the forecast still stands: it is looked at weekly, twice weekly where it is aggressive.

    Raises:
        Refused: when there is no forecast that anybody waits for, or its day has passed.
    """
    milestone = at_work(pk, expected=expected)
    _check_is_open(milestone)
    if milestone.forecast_date and milestone.forecast_date < _today(milestone, now=now):
        passed = date_letters.day(milestone.forecast_date)
        raise Refused(f"The forecast, {passed}, has passed. Move it to a day to come.", code="date_passed")
    change(milestone, {"forecast_confirmed_at": now})
    touch(milestone.pk, now=now)
    record(
        milestone,
        "milestone.forecast_confirmed",
        by=by,
        at=now,
        data={"forecast_date": milestone.forecast_date},
        thread_id=milestone.pk,
    )
    labels.evaluate(milestone.pk, now=now)
    return milestone


def _today(milestone: Milestone, *, now: datetime) -> date:
    return now.astimezone(ZoneInfo(milestone.workspace.time_zone)).date()


def _reason(text: str) -> str:
    if len(said := _one_line(text)) < SHORTEST_REASON:
        raise Refused("No date moves without a reason.", code="invalid", fields={"reason": [SAY_WHY]})
    return said


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _check_may_move(milestone: Milestone, to: date, plan: Plan) -> None:
    check_is_not_archived(milestone.project)
    _check_is_open(milestone)
    if said := _impossible(milestone, to, plan):
        raise Refused(said, code="invalid", fields={"date": [said]})


def _check_is_open(milestone: Milestone) -> None:
    if milestone.stage == Stage.CLOSED or milestone.completed_at:
        raise Refused(
            f"{milestone.code} is completed: its date is a fact and moves no more.", code="completed"
        )
    if milestone.forecast_date is None:
        raise Refused(
            f"{milestone.code} has no date yet. Set its planned date in the record first.", code="no_date"
        )


def _impossible(milestone: Milestone, to: date, plan: Plan) -> str:
    """Why a milestone cannot be expected on that day; empty when it can."""
    if not is_in_reach(to):
        return OUT_OF_REACH
    if to > plan.today + FARTHEST:
        return "This lies more than five years ahead. Give a day that somebody can plan for."
    if to == milestone.forecast_date:
        return "This is the forecast already. Confirm it, if it still stands."
    if to < plan.today:
        return "This day has passed. Give today or a day to come."
    if milestone.planned_start and to < milestone.planned_start:
        return f"This lies before the planned start, {date_letters.day(milestone.planned_start)}."
    return _too_early(milestone, to, plan)


def _too_early(milestone: Milestone, to: date, plan: Plan) -> str:
    """Pulling in ends where what it needs lets it; a later day is never refused for what comes before."""
    floor = cascade.earliest(plan, milestone.pk)
    if floor is None or floor.because_of is None or to >= min(floor.to, milestone.forecast_date or to):
        return ""
    needs = Milestone.objects.get(pk=floor.because_of)
    return (
        f"It waits for {needs.code}, expected on {date_letters.day(needs.forecast_date)}: "
        f"{date_letters.day(floor.to)} is the earliest. Pull {needs.code} in first."
    )
