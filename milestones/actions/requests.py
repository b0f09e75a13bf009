"""Writes about decision requests: written, sent, replaced, handed to a delegate, withdrawn.

Whoever locks a request locks its milestone first, so that decisions and stages take turns.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from journal import outbox
from journal.actions import record
from journal.actors import Actor, Recipient
from journal.canonical import plain
from milestones import asking
from milestones.actions import mails
from milestones.actions.engagements import check_is_not_archived
from milestones.actions.reports import touch
from milestones.actions.shifts import plan_in_turn
from milestones.models import Contact, DecisionRequest, Milestone, Review, Reviewer
from milestones.queries.decisions import OPEN, decides, is_away, open_about, shown
from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.words import ApprovalChannel, Ask, RequestKind, RequestState, Stage
from tenancy.numbers import next_number, take_turn
from tenancy.refusal import Refused, Unmet
from tenancy.saving import change, check, locked
from workspaces.actions.links import add_link
from workspaces.models import Link, Purpose

TEXTS = ("ask", "question", "context", "caveats", "options", "recommended", "channel")


def draft(
    kind: RequestKind,
    *,
    milestone: Milestone,
    subject_id: UUID,
    ask: Ask,
    question: str,
    options: Sequence[Mapping[str, Any]],
    decide_by: datetime,
    context: str = "",
    caveats: str = "",
    recommended: str = "",
    channel: ApprovalChannel | str | None = None,
    by: Actor,
    now: datetime,
) -> DecisionRequest:
    """Writes a question to the milestone's approver; one about the same subject not sent yet is rewritten.

    Raises:
        Refused: when it is vague or no choice, when decide-by does not lie ahead, when nobody is named to
            decide, or while another question about the subject waits for its answer.
    """
    check_is_not_archived(milestone.project)
    _check_is_decidable(kind, question, options, recommended)
    _check_lies_ahead(decide_by, now=now)
    content = _deciders(milestone, now=now) | {
        "ask": ask,
        "question": question,
        "context": context,
        "caveats": caveats,
        "options": [dict(option) for option in options],
        "recommended": recommended,
        "decide_by": decide_by,
        "channel": channel or milestone.approval_channel,
    }
    take_turn(f"request {subject_id}")
    if earlier := open_about(subject_id):
        return _rewritten(locked_request(earlier.pk), content, by=by, now=now)
    request = _added(kind, milestone, subject_id, content, now=now)
    _note(request, "decision_request.drafted", by=by, now=now)
    return request


def _added(
    kind: str, milestone: Milestone, subject_id: UUID, content: Mapping[str, Any], *, now: datetime
) -> DecisionRequest:
    request = DecisionRequest(
        **content,
        kind=kind,
        milestone=milestone,
        project=milestone.project,
        subject_id=subject_id,
        number=next_number(DecisionRequest),
        created_at=now,
    )
    check(request, {"kind", "decide_by", *TEXTS})
    request.save(force_insert=True)
    return request


def _rewritten(
    request: DecisionRequest, content: Mapping[str, Any], *, by: Actor, now: datetime
) -> DecisionRequest:
    if request.state == RequestState.PENDING:
        raise Refused(
            f"Question #{request.number} about this waits for {decides(request, now=now).name}'s answer. "
            "Withdraw or replace it to ask something else.",
            code="request_pending",
        )
    if change(request, content):
        _note(request, "decision_request.changed", by=by, now=now)
    return request


def _check_is_decidable(
    kind: str, question: str, options: Sequence[Mapping[str, Any]], recommended: str
) -> None:
    if asking.is_vague(question):
        said = (
            f"“{question}” asks for nothing that can be decided. "
            "Ask for acceptance, for revision notes, or for one decision."
        )
        raise Refused(said, code="vague", fields={"question": [said]})
    if wrong := asking.wrong_with(kind, options, recommended):
        raise Refused(wrong, code="invalid", fields={"options": [wrong]})


def _check_lies_ahead(decide_by: datetime, *, now: datetime) -> None:
    said = "" if decide_by > now else "Give a moment in the future: the client needs time to decide."
    said = said if is_in_reach(decide_by) else OUT_OF_REACH
    if said:
        raise Refused("The client cannot decide by then.", code="invalid", fields={"decide_by": [said]})


def _deciders(milestone: Milestone, *, now: datetime) -> dict[str, Any]:
    approver = milestone.approver
    if approver is None or not milestone.approval_channel:
        raise Refused(
            f"Nobody is named to decide about {milestone.code}. "
            "Name the approver and the agreed channel on its record.",
            code="no_approver",
        )
    return {"approver": approver, "delegate": approver.delegate if is_away(approver, now=now) else None}


def locked_request(pk: UUID, *, expected: int | None = None) -> DecisionRequest:
    """The request, with its milestone locked before it."""
    milestone_id = DecisionRequest.objects.values_list("milestone_id", flat=True).get(pk=pk)
    milestone = locked(Milestone, milestone_id)
    request = locked(DecisionRequest, pk, expected=expected)
    request.milestone = milestone
    return request


def request_to_answer(pk: UUID) -> DecisionRequest:
    """The request, locked for its answer; where that may move dates, after the dates of the project."""
    kind = DecisionRequest.objects.values_list("kind", flat=True).get(pk=pk)
    moves_dates = kind in (RequestKind.CHANGE, RequestKind.REBASELINE)
    return request_in_turn(pk) if moves_dates else locked_request(pk)


def request_in_turn(pk: UUID) -> DecisionRequest:
    """The request, locked after the dates of its project."""
    plan_in_turn(DecisionRequest.objects.values_list("project_id", flat=True).get(pk=pk))
    return locked_request(pk)


def send(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> DecisionRequest:
    """Asks the question: freezes what is shown, makes the link, and tells whoever decides.

    Raises:
        Refused: when it was sent before, or decide-by has passed, or a review has not passed its gate.
    """
    request = locked_request(pk, expected=expected)
    if request.state != RequestState.DRAFT:
        raise Refused(
            f"Question #{request.number} is {_state(request)}; only one that was not sent yet can be sent.",
            code="not_a_draft",
        )
    return _sent(request, by=by, now=now)


def _sent(request: DecisionRequest, *, by: Actor, now: datetime) -> DecisionRequest:
    _check_may_ask(request, now=now)
    frozen = shown(request)
    change(request, _deciders(request.milestone, now=now))
    to = decides(request, now=now)
    link = _link(request, to, now=now)
    sent = {"state": RequestState.PENDING, "sent_at": now, "link_id": link.pk}
    sent |= {"shown": frozen, "shown_digest": asking.digest(frozen)}
    change(request, {**sent, "remind_at": _remind_at(request, to, after=now)})
    _keep_decide_by(request, request.decide_by, now=now)
    mails.ask(request, to, link=link, now=now)
    if to.pk != request.approver_id:
        mails.tell_handed_over(request, to, now=now)
    _note(
        request,
        "decision_request.sent",
        by=by,
        now=now,
        data={"digest": request.shown_digest, "decide_by": request.decide_by},
        personal={"recipient": to.name},
    )
    return request


def _check_may_ask(request: DecisionRequest, *, now: datetime) -> None:
    _check_lies_ahead(request.decide_by, now=now)
    if request.project.archived_at:
        raise Refused(
            "The project is archived; its client is asked nothing any more.", code="project_archived"
        )
    if request.kind == RequestKind.REVIEW and request.milestone.stage != Stage.REVIEW:
        raise Refused(
            "A review is sent by taking the milestone through the gate to review.", code="gate_unmet"
        )
    if request.kind == RequestKind.REVIEW and (missing := unmet(request)):
        raise Refused("The review cannot be sent like this.", code="gate_unmet", unmet=missing)


def unmet(request: DecisionRequest) -> list[Unmet]:
    """What a review that is asked still misses of its request, in whichever round and however often."""
    milestone, several = request.milestone, Reviewer.objects.filter(review=request.subject_id)
    has_route = bool(milestone.project.feedback_route) or not several.exists()
    checks = [
        (bool(milestone.approver_id), "approver", "Name the approver, the contact whose decision counts."),
        (bool(milestone.review_owner_id), "review_owner", "Name the review owner, who collects feedback."),
        (bool(request.caveats.strip()), "caveats", "Disclose the open caveats, or write “none”."),
        (has_route, "feedback_route", "Several people are asked: agree on who collects feedback, and where."),
    ]
    return [Unmet(code, message) for passed, code, message in checks if not passed]


def _link(request: DecisionRequest, to: Contact, *, now: datetime) -> Link:
    recipient = Recipient("contact", to.pk, to.name, to.email)
    ends = request.decide_by + asking.LINK_LIFE
    return add_link(Purpose.DECISION, subject=request, to=recipient, now=now, expires_at=ends)


def _remind_at(request: DecisionRequest, to: Contact, *, after: datetime) -> datetime | None:
    return asking.next_reminder(request.decide_by, after=after, zone=to.time_zone)


def _keep_decide_by(request: DecisionRequest, moment: datetime | None, *, now: datetime) -> None:
    """The record knows until when a review is to be decided; a stalled one costs it points."""
    if request.kind == RequestKind.REVIEW:
        Milestone.objects.filter(pk=request.milestone_id).update(decide_by=moment)
        request.milestone.decide_by = moment
    touch(request.milestone_id, now=now)


def replace(
    pk: UUID,
    *,
    decide_by: datetime,
    by: Actor,
    now: datetime,
    expected: int | None = None,
    **texts: Any,
) -> DecisionRequest:
    """Asks anew in place of a question that waits: as before, but for `texts`, with what is shown now.

    The former link answers that there is a newer question.

    Raises:
        Refused: when its answers promise dates that may have moved since.
    """
    former = locked_request(pk, expected=expected)
    check_is_not_archived(former.project)
    check_is_pending(former)
    if not is_still_true(former):
        raise Refused(
            "What its answers say of dates may have moved. Withdraw it and ask again.", code="dates_moved"
        )
    content = {name: getattr(former, name) for name in TEXTS} | texts | {"decide_by": decide_by}
    _check_is_decidable(former.kind, content["question"], content["options"], content["recommended"])
    _check_lies_ahead(decide_by, now=now)
    end(former, RequestState.REPLACED, "A newer question took its place.", now=now)
    content |= _deciders(former.milestone, now=now)
    request = _added(former.kind, former.milestone, former.subject_id, content, now=now)
    change(former, {"replaced_by": request})
    Review.objects.filter(pk=request.subject_id).update(request=request)
    _note(former, "decision_request.replaced", by=by, now=now, data={"replaced_by": request.pk})
    return _sent(request, by=by, now=now)


def is_still_true(request: DecisionRequest) -> bool:
    """Whether a question can be asked anew as it stands: its answers say what follows for the dates."""
    if request.kind == RequestKind.REBASELINE:
        return False
    milestone, dates = request.milestone, ("planned_date", "forecast_date")
    held = request.shown["milestone"]
    return request.kind == RequestKind.REVIEW or all(
        held[name] == plain(getattr(milestone, name)) for name in dates
    )


def delegate(
    pk: UUID, *, to: Contact | None = None, by: Actor, now: datetime, expected: int | None = None
) -> DecisionRequest:
    """Hands a question that waits to the delegate of an absent approver, who may still answer it.

    Raises:
        Refused: when the approver is not away, or `to` is somebody else than the delegate they named.
    """
    request = locked_request(pk, expected=expected)
    check_is_not_archived(request.project)
    check_is_pending(request)
    stand_in = _stand_in(request.approver, to, now=now)
    link = _link(request, stand_in, now=now)
    change(
        request,
        {
            "delegate": stand_in,
            "link_id": link.pk,
            "remind_at": _remind_at(request, stand_in, after=now),
        },
    )
    mails.ask(request, stand_in, link=link, now=now)
    mails.tell_handed_over(request, stand_in, now=now)
    _note(request, "decision_request.delegated", by=by, now=now, personal={"recipient": stand_in.name})
    return request


def _stand_in(approver: Contact, to: Contact | None, *, now: datetime) -> Contact:
    stand_in: Contact | None = approver.delegate
    if stand_in is None or (to is not None and to.pk != stand_in.pk):
        raise Refused(
            f"Only the delegate of {approver.name} can stand in. Name the delegate with the absence first.",
            code="no_delegate",
        )
    if not is_away(approver, now=now):
        raise Refused(
            f"{approver.name} is not away, so nobody stands in. Note the absence on the contact first.",
            code="not_away",
        )
    return stand_in


def withdraw(
    pk: UUID, reason: str, *, by: Actor, now: datetime, expected: int | None = None
) -> DecisionRequest:
    """Takes a question back, unsent or waiting; whoever was asked is told why."""
    request = locked_request(pk, expected=expected)
    if not reason.strip():
        raise Refused("Say why.", code="invalid", fields={"reason": ["The client reads why in one line."]})
    if request.state not in OPEN:
        raise Refused(
            f"Question #{request.number} is {_state(request)}; there is nothing to take back.",
            code="not_open",
        )
    was_asked = request.state == RequestState.PENDING
    end(request, RequestState.WITHDRAWN, reason, now=now)
    if was_asked:
        mails.tell_withdrawn(request, now=now)
    _note(request, "decision_request.withdrawn", by=by, now=now, data={"reason": request.end_reason})
    return request


def withdraw_for(subject_id: UUID, reason: str, *, by: Actor, now: datetime) -> DecisionRequest | None:
    """Takes back whatever is being asked about a subject."""
    request = open_about(subject_id)
    return withdraw(request.pk, reason, by=by, now=now) if request else None


def withdraw_all(
    milestone: Milestone,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    kinds: Collection[RequestKind] = tuple(RequestKind),
) -> None:
    """Takes back what is still being asked about a locked milestone."""
    asked = DecisionRequest.objects.filter(milestone=milestone, kind__in=kinds, state__in=OPEN)
    for pk in list(asked.order_by("id").values_list("pk", flat=True)):
        withdraw(pk, reason, by=by, now=now)


def check_is_pending(request: DecisionRequest) -> None:
    if request.state != RequestState.PENDING:
        raise Refused(
            f"Question #{request.number} is {_state(request)}; it does not wait for an answer.",
            code="not_pending",
        )


def end(request: DecisionRequest, state: RequestState, reason: str, *, now: datetime) -> None:
    """Ends a locked question and takes back what was still to be said about it."""
    change(request, {"state": state, "ended_at": now, "end_reason": reason[:300], "remind_at": None})
    outbox.withdraw(request, now=now)
    _keep_decide_by(request, None, now=now)


def remind(pk: UUID, *, by: Actor, now: datetime) -> None:
    """Reminds of a question whose moment has come; from an approver who is away it goes to the delegate.

    Where somebody else was named to decide since, the question is withdrawn instead.
    """
    request = locked_request(pk)
    if request.state != RequestState.PENDING or not request.remind_at or request.remind_at > now:
        return
    approver = request.approver
    if request.milestone.approver_id != approver.pk:
        withdraw(pk, "Somebody else was named to decide.", by=by, now=now)
        return
    if not request.delegate and approver.delegate and is_away(approver, now=now):
        delegate(pk, by=by, now=now)
        return
    to = decides(request, now=now)
    number = request.reminders + 1
    change(request, {"reminders": number, "remind_at": _remind_at(request, to, after=now)})
    mails.remind(request, to, link=_link_of(request, to, now=now), now=now)
    _note(request, "decision_request.reminded", by=by, now=now, data={"reminder": number})


def _link_of(request: DecisionRequest, to: Contact, *, now: datetime) -> Link:
    theirs = Link.objects.filter(subject_id=request.pk, recipient_id=to.pk, revoked_at=None)
    return theirs.order_by("-created_at").first() or _link(request, to, now=now)


def _state(request: DecisionRequest) -> str:
    return RequestState(request.state).label.lower()


def _note(
    request: DecisionRequest,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
) -> None:
    said = {"number": request.number, "kind": request.kind, "question": request.question}
    record(
        request,
        kind,
        by=by,
        at=now,
        data=said | dict(data or {}),
        personal=personal,
        thread_id=request.milestone_id,
    )
