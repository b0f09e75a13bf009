"""An approval blocker asks the client's approver to choose between two ways; the answer ends it.

The answer itself is taken by the milestones app. It travels up as its row and its event: the sweep finds each
open blocker whose question was answered, or asked anew, and follows it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypedDict
from uuid import UUID

import structlog
from django.db import transaction

from escalation.actions import end, note, reopen, still_open
from escalation.models import Blocker, BlockerType
from journal.actors import Actor
from milestones import pricing
from milestones.actions import requests
from milestones.actions.forecasts import move_forecast
from milestones.actions.scope import later
from milestones.actions.shifts import in_turn
from milestones.asking import chosen
from milestones.models import Decision, DecisionRequest, Milestone
from milestones.queries.decisions import decision_of
from milestones.words import Ask, MoveReason, RequestKind, RequestState
from tenancy.refusal import Refused
from tenancy.saving import change
from workspaces.queries import calendar_of

log = structlog.get_logger(__name__)

CODES = ("first", "second")
EFFECT_LENGTH = 100  # room for the sentence about the date behind what somebody wrote


class Way(TypedDict):
    """One of the two. `days` is how many working days later the milestone is forecast for, zero for none."""

    label: str
    consequence: str
    days: int


def ask_two_options(
    blocker_pk: UUID,
    *,
    question: str,
    options: Sequence[Way],
    recommended: str,
    decide_by: datetime,
    context: str = "",
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> DecisionRequest:
    """Asks the approver to choose, with a recommendation and the effect of each way on the date.

    Whoever must answer for the blocker stays so, and its clocks go on. `recommended` is first or second.

    Raises:
        Refused: for another type of blocker, for anything but two ways, without a recommendation, or while
            the client is being asked already.
    """
    blocker = still_open(blocker_pk, expected=expected)
    milestone = blocker.milestone
    _check_is_a_choice(blocker, options, recommended)
    drafted = requests.draft(
        RequestKind.BLOCKER,
        milestone=milestone,
        subject_id=blocker.pk,
        ask=Ask.CHOICE,
        question=question,
        context="\n\n".join(part for part in (blocker.title, context) if part),
        options=_offered(milestone, options),
        recommended=recommended,
        decide_by=decide_by,
        by=by,
        now=now,
    )
    asked = requests.send(drafted.pk, by=by, now=now)
    change(blocker, {"decision_request": asked})
    note(blocker, "blocker.asked", by=by, now=now, data={"question": asked.question})
    return asked


def _check_is_a_choice(blocker: Blocker, options: Sequence[Way], recommended: str) -> None:
    if blocker.type != BlockerType.APPROVAL:
        raise Refused(
            f"Blocker {blocker.number} does not wait for an approval; only such a one asks the approver.",
            code="not_an_approval",
        )
    if len(options) != len(CODES) or any(option["days"] < 0 for option in options):
        said = "Offer exactly two ways, each with the working days that it moves the date, zero for none."
        raise Refused(said, code="invalid", fields={"options": [said]})
    if recommended not in CODES:
        said = "Recommend one of the two: first or second."
        raise Refused(said, code="invalid", fields={"recommended": [said]})


def _offered(milestone: Milestone, options: Sequence[Way]) -> list[dict[str, Any]]:
    calendar = calendar_of(milestone.workspace)
    return [
        {
            "code": code,
            "label": way["label"],
            "consequence": f"{way['consequence']} {pricing.effect(milestone.forecast_date, to)}".strip(),
            "forecast": to and to.isoformat(),
        }
        for code, way in zip(CODES, options, strict=True)
        for to in [later(milestone, way["days"], calendar)]
    ]


def follow_question(blocker_pk: UUID, *, now: datetime) -> None:
    """Ends a blocker by the answer to its question; a question that was asked anew is followed to the newest.

    Twice, or twice at once, changes nothing more.
    """
    in_turn(Blocker.objects.values_list("milestone_id", flat=True).get(pk=blocker_pk))
    blocker = still_open(blocker_pk, expected=None)
    asked = _newest(blocker.decision_request)
    if asked.pk != blocker.decision_request_id:
        change(blocker, {"decision_request": asked})
    answer = decision_of(asked) if asked.state == RequestState.DECIDED else None
    if answer is None:
        return
    option = chosen(asked.options, answer.option) or {}
    by, words = Actor("contact", answer.contact_id, answer.name), _told(option, answer)
    _move_date(blocker.milestone, option, answer, by=by, now=now)
    end(blocker, words, at=answer.at, by=by, now=now, response=blocker.response or words)


def follow_countermand(blocker_pk: UUID, *, now: datetime) -> None:
    """Opens a blocker again whose ending answer was taken back, in the name of who took it back."""
    asked = Blocker.objects.select_related("decision_request").get(pk=blocker_pk).decision_request
    entry = Decision.objects.select_related("countermands").get(countermands__request=asked)
    by = Actor(entry.by_kind, entry.by_id, entry.by_name)  # type: ignore[arg-type]
    reopen(blocker_pk, entry.countermands, by=by, now=now)


def _newest(asked: DecisionRequest) -> DecisionRequest:
    while asked.replaced_by is not None:
        asked = asked.replaced_by
    return asked


def _told(option: Mapping[str, Any], answer: Decision) -> str:
    words = f"{answer.name} decided: {option.get('label', answer.option)}."
    return f"{words} {answer.comment}".strip()[:5000]


def _move_date(
    milestone: Milestone, option: Mapping[str, Any], answer: Decision, *, by: Actor, now: datetime
) -> None:
    """The date follows as the answer said. Where that cannot be any more, it stays for somebody to move."""
    to = date.fromisoformat(option["forecast"]) if option.get("forecast") else None
    if to is None or to == milestone.forecast_date:
        return
    try:
        with transaction.atomic():
            move_forecast(
                milestone.pk,
                to,
                code=MoveReason.CLIENT_DECISION,
                reason=f"You decided: {option['label']}.",
                decision=answer,
                by=by,
                now=now,
            )
    except Refused as refusal:
        log.warning("blocker.date_not_moved", milestone=str(milestone.pk), said=str(refusal))
    milestone.refresh_from_db()
