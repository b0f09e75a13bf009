"""Asking the client to agree to a new baseline: old and new planned dates, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.actors import Actor
from milestones import date_letters
from milestones.actions import requests
from milestones.actions.baselines import ACCEPT, DECLINE
from milestones.models import DecisionRequest, Milestone
from milestones.queries.plan import has_history
from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.words import Ask, RequestKind, RequestState, Stage
from tenancy.ids import uuid7
from tenancy.numbers import take_turn
from tenancy.refusal import Refused

SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class _Proposed:
    """One planned date, old and new, as a letter names it."""

    milestone: Milestone
    before: date | None
    to: date


def ask_for_rebaseline(
    planned: Mapping[UUID, date],
    *,
    project_id: UUID,
    reason: str,
    decide_by: datetime,
    by: Actor,
    now: datetime,
) -> DecisionRequest:
    """Asks the client to agree to new planned dates of one project's milestones, and sends the question.

    Raises:
        Refused: when a date cannot be meant or is no new one, or the milestones are not agreed and open.
    """
    take_turn(f"baseline {project_id}")
    _check_nobody_is_asked(project_id)
    proposed = _proposed(planned, project_id, now=now)
    if len(said := " ".join(reason.split())) < SHORTEST_REASON:
        sentence = "Say in a sentence why the plan changes; the client reads it beside the dates."
        raise Refused("A new baseline needs its reason.", code="invalid", fields={"reason": [sentence]})
    first = proposed[0].milestone
    request = requests.draft(
        RequestKind.REBASELINE,
        milestone=first,
        subject_id=uuid7(),
        ask=Ask.CHOICE,
        question=_question(proposed),
        context=date_letters.asked(proposed, reason=said),
        options=_options(proposed, said),
        recommended=ACCEPT,
        decide_by=decide_by,
        by=by,
        now=now,
    )
    return requests.send(request.pk, by=by, now=now)


def _check_nobody_is_asked(project_id: UUID) -> None:
    """Two questions about one plan contradict each other: the answer to one makes the other untrue."""
    waiting = DecisionRequest.objects.filter(
        project=project_id, kind=RequestKind.REBASELINE, state=RequestState.PENDING
    )
    if asked := waiting.first():
        raise Refused(
            f"Question #{asked.number} about this plan waits for {asked.approver.name}'s answer. "
            "Withdraw it to ask for other dates.",
            code="request_pending",
        )


def _proposed(planned: Mapping[UUID, date], project_id: UUID, *, now: datetime) -> list[_Proposed]:
    found = Milestone.objects.select_related("workspace").filter(pk__in=planned, project=project_id)
    rows = list(found.order_by("code"))
    if not rows or len(rows) < len(planned):
        said = "Name milestones of this project, each with its new planned date."
        raise Refused("There is nothing to agree to.", code="invalid", fields={"planned": [said]})
    wrong = {str(row.pk): [said] for row in rows if (said := _wrong(row, planned[row.pk], now=now))}
    if wrong:
        raise Refused("These planned dates cannot be asked for.", code="invalid", fields=wrong)
    return [_Proposed(row, row.planned_date, planned[row.pk]) for row in rows]


def _wrong(row: Milestone, to: date, *, now: datetime) -> str:
    if row.stage == Stage.SETUP and not has_history(row):
        return f"{row.code} is still in setup: change its planned date in the record."
    if row.stage == Stage.CLOSED or row.completed_at:
        return f"{row.code} is completed; its plan moves no more."
    return _wrong_day(row, to, today=now.astimezone(ZoneInfo(row.workspace.time_zone)).date())


def _wrong_day(row: Milestone, to: date, *, today: date) -> str:
    if not is_in_reach(to):
        return OUT_OF_REACH
    if to == row.planned_date:
        return f"{row.code} is planned for this day already."
    if row.planned_start and to < row.planned_start:
        return f"{row.code} would end before its planned start, {date_letters.day(row.planned_start)}."
    if to < today:
        return "This day has passed. Give today or a day to come."
    return ""


def _question(proposed: Sequence[_Proposed]) -> str:
    if len(proposed) == 1:
        (only,) = proposed
        return (
            f"Do you agree to {date_letters.day(only.to)} as the new planned date of {only.milestone.code}?"
        )
    return f"Do you agree to the new planned dates of {len(proposed)} milestones?"


def _options(proposed: Sequence[_Proposed], reason: str) -> list[dict[str, object]]:
    """What is agreed to lies in the option itself, so that the answer is bound to these very dates."""
    planned = {str(each.milestone.pk): each.to.isoformat() for each in proposed}
    return [
        {
            "code": ACCEPT,
            "label": "Agree to the new dates",
            "consequence": "The new dates become the plan that we are measured by.",
            "planned": planned,
            "reason": reason,
        },
        {
            "code": DECLINE,
            "label": "Keep the plan",
            "consequence": "The planned dates stay; what is late shows as late.",
        },
    ]
