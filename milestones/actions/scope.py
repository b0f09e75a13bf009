"""Writes about scope: an ask outside what was agreed waits in a queue until the client decides on it.

Only an accepted change request changes the scope, and with it the date; the milestone's boundary stays.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones import pricing
from milestones.actions import requests
from milestones.actions.forecasts import move_forecast
from milestones.actions.milestone import add_criterion
from milestones.actions.reports import touch
from milestones.models import ChangeRequest, Decision, DecisionRequest, Milestone, WorkItem
from milestones.words import Ask, ChangeState, MoveReason, RequestKind, Stage
from tenancy.numbers import next_number
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from workspaces.queries import calendar_of


class Asked(TypedDict, total=False):
    """What is known of an unplanned ask. `days` are working days, `source_id` the row it came from."""

    detail: str
    asked_by: str
    source: str
    source_id: UUID | None
    days: Decimal | None
    price: Decimal | None


def queue_request(
    milestone_id: UUID, *, title: str, by: Actor, now: datetime, **asked: Unpack[Asked]
) -> ChangeRequest:
    """Turns an unplanned ask into a change request in the queue; the milestone's boundary stays."""
    milestone = locked(Milestone, milestone_id)
    request = add(
        ChangeRequest(
            milestone=milestone, number=next_number(ChangeRequest), title=title, asked_at=now, **asked
        )
    )
    touch(milestone.pk, now=now)
    data = {"number": request.number, "title": title, "source": request.source}
    personal = {"asked_by": request.asked_by}
    _note(request, "change_request.queued", by=by, now=now, data=data, personal=personal)
    return request


def queue_item(item: WorkItem, *, by: Actor, now: datetime) -> ChangeRequest | None:
    """Turns a work item outside the agreed scope into a change request, once; None when it is one already."""
    if ChangeRequest.objects.filter(source_id=item.pk).exists():
        return None
    return queue_request(
        item.milestone_id, title=item.title[:200], source=item.source, source_id=item.pk, by=by, now=now
    )


def estimate(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> ChangeRequest:
    """Says what a change would cost: working days, price, and the criterion that it would add.

    Raises:
        Refused: once the client is being asked, or has decided.
    """
    request = _undecided(pk, expected=expected)
    _check_is_not_asked(request)
    _check_amounts(changes)
    if moved := change(request, changes):
        touch(request.milestone_id, now=now)
        _note(request, "change_request.estimated", by=by, now=now, data={"fields": moved})
    return request


def ask_client(
    pk: UUID, *, decide_by: datetime, context: str = "", by: Actor, now: datetime
) -> DecisionRequest:
    """Puts price, days and the effect on the date to the client's approver, for a decision of its own.

    Raises:
        Refused: when price or days are not said, or the milestone takes no change any more.
    """
    request = _undecided(pk)
    milestone = request.milestone
    if milestone.stage == Stage.CLOSED or milestone.completed_at:
        raise Refused(
            f"{milestone.code} is completed; plan the change as a milestone of its own.", code="completed"
        )
    if request.days is None or request.price is None:
        raise Refused(
            "Say what it costs first: working days and price, zero where it costs nothing.",
            code="not_estimated",
            fields={name: ["Fill this in."] for name in ("days", "price") if getattr(request, name) is None},
        )
    offer = _offer(request, milestone)
    asked = requests.draft(
        RequestKind.CHANGE,
        milestone=milestone,
        subject_id=request.pk,
        ask=Ask.CHOICE,
        question=pricing.question(request.title),
        context="\n\n".join(part for part in (request.detail, context) if part),
        options=pricing.options(offer),
        decide_by=decide_by,
        by=by,
        now=now,
    )
    return requests.send(asked.pk, by=by, now=now)


def _offer(request: ChangeRequest, milestone: Milestone) -> pricing.Offer:
    days = whole_days(request.days)
    forecast = milestone.forecast_date
    later = _later(milestone, days) if days else forecast
    return pricing.Offer(
        price=request.price or Decimal(),
        currency=milestone.project.currency,
        days=days,
        forecast=forecast,
        later=later,
        criterion=request.adds_criterion,
    )


def _later(milestone: Milestone, days: int) -> date | None:
    """The forecast, so many working days later."""
    if milestone.forecast_date is None:
        return None
    return calendar_of(milestone.workspace).add_working_days(milestone.forecast_date, days)


def whole_days(days: Decimal | None) -> int:
    """A part of a day moves the date by a whole one."""
    return int((days or Decimal()).to_integral_value(ROUND_CEILING))


def decline(pk: UUID, reason: str, *, by: Actor, now: datetime, expected: int | None = None) -> ChangeRequest:
    """Our own no: the ask is not taken up, and a question to the client about it is withdrawn."""
    request = _undecided(pk, expected=expected)
    if not reason.strip():
        raise Refused("Say why.", code="invalid", fields={"reason": ["Say why it is not taken up."]})
    requests.withdraw_for(request.pk, reason, by=by, now=now)
    _settle(request, ChangeState.DECLINED, None, now=now)
    _note(request, "change_request.declined", by=by, now=now, data={"number": request.number, "by": "us"})
    return request


def conclude(asked: DecisionRequest, decision: Decision, *, by: Actor, now: datetime) -> None:
    """Acts on the client's decision: an accepted change enters the scope and moves the date."""
    request = locked(ChangeRequest, asked.subject_id)
    data = {"number": request.number, "by": "client", "days": request.days, "price": request.price}
    if decision.option != pricing.ACCEPT:
        _settle(request, ChangeState.DECLINED, decision, now=now)
        _note(request, "change_request.declined", by=by, now=now, data=data)
        return
    _settle(request, ChangeState.ACCEPTED, decision, now=now)
    if request.adds_criterion:
        add_criterion(request.milestone_id, {"statement": request.adds_criterion}, by=by, now=now)
    _move_date(request, decision, by=by, now=now)
    _note(request, "change_request.accepted", by=by, now=now, data=data)


def _move_date(request: ChangeRequest, decision: Decision, *, by: Actor, now: datetime) -> None:
    days = whole_days(request.days)
    later = _later(request.milestone, days) if days else None
    if later is None:
        return
    move_forecast(
        request.milestone_id,
        later,
        code=MoveReason.SCOPE_CHANGE,
        reason=f"You accepted the change “{request.title}”, which takes {pricing.in_days(days)}.",
        decision=decision,
        by=by,
        now=now,
    )


def _settle(request: ChangeRequest, state: ChangeState, decision: Decision | None, *, now: datetime) -> None:
    change(request, {"state": state, "decision": decision, "decided_at": now})
    touch(request.milestone_id, now=now)


def _undecided(pk: UUID, *, expected: int | None = None) -> ChangeRequest:
    milestone_id = ChangeRequest.objects.values_list("milestone_id", flat=True).get(pk=pk)
    locked(Milestone, milestone_id)
    request = locked(ChangeRequest, pk, expected=expected)
    if request.state != ChangeState.UNDECIDED:
        raise Refused(
            f"Request #{request.number} is {ChangeState(request.state).label.lower()} already.",
            code="already_decided",
        )
    return request


def _check_is_not_asked(request: ChangeRequest) -> None:
    if requests.open_about(request.pk):
        raise Refused(
            "The client is being asked about exactly this. Withdraw the question to change it.",
            code="request_pending",
        )


def _check_amounts(changes: Mapping[str, Any]) -> None:
    wrong = {
        name: ["Give zero or more."]
        for name in ("days", "price")
        if changes.get(name) is not None and changes[name] < 0
    }
    if wrong:
        raise Refused("A change costs nothing or something.", code="invalid", fields=wrong)


def _note(
    request: ChangeRequest,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    data: Mapping[str, Any],
    personal: Mapping[str, Any] | None = None,
) -> None:
    record(request, kind, by=by, at=now, data=data, personal=personal, thread_id=request.milestone_id)
