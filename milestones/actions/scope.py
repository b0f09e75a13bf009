"""Writes about scope: an ask outside what was agreed waits in a queue until the client decides on it.

Only an accepted change request changes the scope, and with it the date; the milestone's boundary stays.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones import pricing
from milestones.actions import requests, reversals
from milestones.actions.engagements import at_work
from milestones.actions.forecasts import move_forecast
from milestones.actions.milestone import add_criterion, take_out_criterion
from milestones.actions.reports import touch
from milestones.asking import chosen
from milestones.models import ChangeRequest, Decision, DecisionRequest, Milestone, WorkItem
from milestones.queries.decisions import open_about
from milestones.scope_rules import is_marked
from milestones.words import Ask, ChangeState, MoveReason, RequestKind, Stage
from tenancy.numbers import next_number
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from tenancy.text import one_line
from workspaces.queries import calendar_of
from workspaces.working_time import Calendar


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
    milestone = at_work(milestone_id)
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
        item.milestone_id,
        title=one_line(item.title, limit=200),
        source=item.source,
        source_id=item.pk,
        by=by,
        now=now,
    )


def queue_outside(items: Iterable[Mapping[str, Any]], *, now: datetime) -> None:
    """Queues mirrored items that their tool marks as outside the agreed scope, each of them once.

    What was there before execution began was agreed with the rest. The milestones are locked.
    """
    marked = {item["id"]: item for item in items if is_marked(item["labels"])}
    if not marked:
        return
    queued = set(ChangeRequest.objects.filter(source_id__in=marked).values_list("source_id", flat=True))
    begun = _execution_began({item["milestone_id"] for item in marked.values()})
    for pk, item in marked.items():
        since = begun[item["milestone_id"]]
        if pk not in queued and since and item["opened_at"] > since:
            _queue_mirrored(item, now=now)


def _execution_began(milestones: set[UUID]) -> dict[UUID, datetime | None]:
    rows = Milestone.objects.filter(pk__in=milestones)
    return dict(rows.values_list("pk", "execution_started_at"))


def _queue_mirrored(item: Mapping[str, Any], *, now: datetime) -> None:
    title = one_line(item["title"], limit=200)
    queue_request(
        item["milestone_id"], title=title, source=item["source"], source_id=item["id"], by=SYSTEM, now=now
    )


def estimate(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> ChangeRequest:
    """Says what a change would cost: working days, price, and the criterion that it would add.

    Raises:
        Refused: once the client is being asked, or has decided.
    """
    request = undecided(pk, expected=expected)
    _check_is_not_asked(request)
    _check_amounts(changes)
    if moved := change(request, changes):
        touch(request.milestone_id, now=now)
        _note(request, "change_request.estimated", by=by, now=now, data={"fields": moved})
    return request


def ask_client(
    pk: UUID, *, decide_by: datetime, context: str = "", by: Actor, now: datetime, expected: int | None = None
) -> DecisionRequest:
    """Puts price, days and the effect on the date to the client's approver, for a decision of its own.

    Raises:
        Refused: when price or days are not said, or the milestone takes no change any more.
    """
    request = undecided(pk, expected=expected)
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
    asked = requests.draft(
        RequestKind.CHANGE,
        milestone=milestone,
        subject_id=request.pk,
        ask=Ask.CHOICE,
        question=pricing.question(request.title),
        context="\n\n".join(part for part in (request.detail, context) if part),
        options=options(request, milestone, calendar_of(milestone.workspace)),
        decide_by=decide_by,
        by=by,
        now=now,
    )
    return requests.send(asked.pk, by=by, now=now)


def options(request: ChangeRequest, milestone: Milestone, calendar: Calendar) -> list[pricing.Priced]:
    """The two answers that the client is offered, by what the change is estimated at now."""
    days = whole_days(request.days)
    return pricing.options(
        pricing.Offer(
            price=request.price or Decimal(),
            currency=milestone.project.currency,
            days=days,
            forecast=milestone.forecast_date,
            later=later(milestone, days, calendar),
            criterion=request.adds_criterion,
        )
    )


def later(milestone: Milestone, days: int, calendar: Calendar) -> date | None:
    """The forecast, so many working days later."""
    forecast = milestone.forecast_date
    return calendar.add_working_days(forecast, days) if forecast and days else forecast


def whole_days(days: Decimal | None) -> int:
    """A part of a day moves the date by a whole one."""
    return int((days or Decimal()).to_integral_value(ROUND_CEILING))


def decline(pk: UUID, reason: str, *, by: Actor, now: datetime, expected: int | None = None) -> ChangeRequest:
    """Our own no: the ask is not taken up, and a question to the client about it is withdrawn."""
    request = undecided(pk, expected=expected)
    if not reason.strip():
        raise Refused("Say why.", code="invalid", fields={"reason": ["Say why it is not taken up."]})
    requests.withdraw_for(request.pk, reason, by=by, now=now)
    _settle(request, ChangeState.DECLINED, None, now=now)
    _note(
        request,
        "change_request.declined",
        by=by,
        now=now,
        data={"number": request.number, "by": "us", "reason": reason},
    )
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
    _move_date(request, asked, decision, by=by, now=now)
    _note(request, "change_request.accepted", by=by, now=now, data=data)


def undo(asked: DecisionRequest, entry: Decision, *, by: Actor, now: datetime) -> None:
    """Takes a mistaken answer back: the request waits in the queue again, and a yes leaves scope and date.

    Raises:
        Refused: once the client accepted the milestone with the change in it.
    """
    if entry.option == pricing.ACCEPT:
        _check_is_not_accepted(asked.milestone)
    request = locked(ChangeRequest, asked.subject_id)
    change(request, {"state": ChangeState.UNDECIDED, "decision": None, "decided_at": None})
    touch(request.milestone_id, now=now)
    if entry.option == pricing.ACCEPT:
        reversals.return_forecasts(entry, by=by, now=now)
        _leave_scope(request, asked.milestone, by=by, now=now)
    data = {"number": request.number, "reason": entry.comment}
    _note(request, "change_request.reopened", by=by, now=now, data=data)


def _check_is_not_accepted(milestone: Milestone) -> None:
    if milestone.stage == Stage.CLOSEOUT:
        raise Refused(
            f"The client has accepted {milestone.code} with this change in it. "
            "Take the acceptance back first.",
            code="not_undone",
        )


def _leave_scope(request: ChangeRequest, milestone: Milestone, *, by: Actor, now: datetime) -> None:
    """The criterion that the change brought goes with it; one in other words by now is somebody's own."""
    brought = milestone.criteria.filter(statement=request.adds_criterion).order_by("-position").first()
    if request.adds_criterion and brought:
        take_out_criterion(brought, milestone, by=by, now=now)


def _move_date(
    request: ChangeRequest, asked: DecisionRequest, decision: Decision, *, by: Actor, now: datetime
) -> None:
    """The date goes where the answer said that it would."""
    day = (chosen(asked.options, decision.option) or {}).get("forecast")
    to = date.fromisoformat(day) if day else None
    if to is None or to == request.milestone.forecast_date:
        return
    days = whole_days(request.days)
    move_forecast(
        request.milestone_id,
        to,
        code=MoveReason.SCOPE_CHANGE,
        reason=f"You accepted the change “{request.title}”, which takes {pricing.in_days(days)}.",
        decision=decision,
        by=by,
        now=now,
    )


def _settle(request: ChangeRequest, state: ChangeState, decision: Decision | None, *, now: datetime) -> None:
    change(request, {"state": state, "decision": decision, "decided_at": now})
    touch(request.milestone_id, now=now)


def undecided(pk: UUID, *, expected: int | None = None) -> ChangeRequest:
    """The request, locked after its milestone; refused once it is decided."""
    milestone_id = ChangeRequest.objects.values_list("milestone_id", flat=True).get(pk=pk)
    at_work(milestone_id)
    request = locked(ChangeRequest, pk, expected=expected)
    if request.state != ChangeState.UNDECIDED:
        raise Refused(
            f"Request #{request.number} is {ChangeState(request.state).label.lower()} already.",
            code="already_decided",
        )
    return request


def _check_is_not_asked(request: ChangeRequest) -> None:
    if open_about(request.pk):
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
