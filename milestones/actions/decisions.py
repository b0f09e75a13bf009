"""Writes about decisions: made by link, recorded from another agreed channel, countermanded.

Exactly one answer to a question is ever kept: the request is locked, and the database holds it besides.
"""

from datetime import datetime
from uuid import UUID

from journal.actions import record as journal
from journal.actors import Actor
from journal.models import Event
from milestones import asking, signing
from milestones.actions import comments, mails, requests
from milestones.actions.consequences import CONSEQUENCES, UNDOING
from milestones.actions.engagements import check_is_not_archived
from milestones.actions.followers import tell_followers
from milestones.models import Comment, Contact, Decision, DecisionRequest
from milestones.queries.decisions import decision_of, shown
from milestones.words import ApprovalChannel, RequestKind, RequestState, Stage
from tenancy.refusal import Refused
from tenancy.saving import add, change


def decide(
    request_pk: UUID,
    *,
    option: str,
    name: str,
    digest: str,
    contact: Contact,
    comment: str = "",
    by: Actor,
    now: datetime,
) -> Decision:
    """Takes the answer that the holder of the link gives to exactly what they were shown.

    An answer after decide-by counts as well: silence decides nothing, in neither direction.

    Raises:
        Refused: by a code of its own for each reason why the question takes no answer.
    """
    request = requests.request_to_answer(request_pk)
    if closed := why_closed(request, contact=contact):
        raise closed
    _check_channel(request, ApprovalChannel.LINK)
    _check_is_as_shown(request, digest)
    answer = Decision(request=request, option=option, contact=contact, name=name.strip(), comment=comment)
    answer.channel = ApprovalChannel.LINK
    return _made(answer, by=by, now=now)


def record(
    request_pk: UUID,
    *,
    option: str,
    name: str,
    channel: ApprovalChannel | str,
    evidence: str,
    comment: str = "",
    contact: Contact | None = None,
    by: Actor,
    now: datetime,
) -> Decision:
    """Notes an answer that was given through another agreed channel, with what proves it.

    Raises:
        Refused: for another channel than the agreed one, above all where only the link counts.
    """
    request = requests.request_to_answer(request_pk)
    if closed := why_closed(request, contact=contact or request.approver):
        raise closed
    if by.kind not in ("user", "token"):
        raise Refused("A decision is recorded by a member of the team.", code="not_a_member")
    _check_channel(request, ApprovalChannel(channel))
    if request.channel == ApprovalChannel.LINK:
        raise _elsewhere(request)
    _check_is_as_shown(request, request.shown_digest)
    if not evidence.strip():
        said = "Say what was said, when and where: without that it proves nothing."
        raise Refused(said, code="invalid", fields={"evidence": [said]})
    decider = contact or request.approver
    answer = Decision(request=request, option=option, contact=decider, name=name.strip(), comment=comment)
    answer.channel, answer.evidence = channel, evidence
    return _made(answer, by=by, now=now)


def why_closed(request: DecisionRequest, *, contact: Contact) -> Refused | None:
    """Why this person cannot answer this question, whatever they would say; None when they can."""
    if contact.pk not in (request.approver_id, request.delegate_id):
        return Refused(
            f"This question is for {request.approver.name}; only they or their delegate can answer it.",
            code="not_the_approver",
        )
    if request.state != RequestState.PENDING:
        return _ended(request)
    if past := _past(request):
        return past
    if request.milestone.approver_id != request.approver_id:
        return Refused(
            "Somebody else was named to decide since this was sent. They get a question of their own.",
            code="approver_replaced",
        )
    return None


def _past(request: DecisionRequest) -> Refused | None:
    """Why a question that waits has nothing left to decide about."""
    if request.project.archived_at:
        return Refused("This project is archived; nothing is decided here any more.", code="project_archived")
    if request.milestone.stage == Stage.CLOSED:
        return Refused(
            "The milestone is closed; nothing about it is decided any more.", code="milestone_closed"
        )
    if request.kind == RequestKind.CHANGE and request.milestone.completed_at:
        return Refused("The milestone is completed and takes no change any more.", code="milestone_completed")
    return None


def _ended(request: DecisionRequest) -> Refused:
    match request.state:
        case RequestState.DECIDED:
            return Refused(_answered(request), code="already_decided")
        case RequestState.WITHDRAWN:
            return Refused(f"This question was withdrawn: {request.end_reason}", code="withdrawn")
        case RequestState.REPLACED:
            return Refused(
                "A newer question took the place of this one; its link is in your newest mail.",
                code="replaced",
            )
        case RequestState.COUNTERMANDED:
            return Refused(
                f"The answer to this was taken back: {request.end_reason} You will be asked again.",
                code="countermanded",
            )
    return Refused("This question has not been sent yet.", code="not_sent")


def _answered(request: DecisionRequest) -> str:
    answer = decision_of(request)
    if answer is None:
        return "This was decided already."
    option = asking.chosen(request.options, answer.option)
    label = option["label"] if option else answer.option
    return f"{answer.name} decided this on {answer.at:%d %b %Y at %H:%M} UTC: {label}."


def _check_channel(request: DecisionRequest, channel: ApprovalChannel) -> None:
    if request.channel != channel:
        raise _elsewhere(request)


def _elsewhere(request: DecisionRequest) -> Refused:
    """The answer came by another way than the one that was agreed."""
    agreed = ApprovalChannel(request.channel).label.lower()
    if request.channel == ApprovalChannel.LINK:
        said = f"The agreed channel is the decision link: only {request.approver.name} can answer, by it."
    else:
        said = f"The agreed channel is the {agreed}. Answer there; it is noted here with its evidence."
    return Refused(said, code="other_channel", fields={"channel": [said]})


def _check_is_as_shown(request: DecisionRequest, digest: str) -> None:
    """An answer holds for what was shown, and for nothing else."""
    if digest == request.shown_digest == asking.digest(shown(request)):
        return
    raise Refused(
        "What you were shown has changed meanwhile, so nothing was decided. "
        "You will get the question anew, with what is there now.",
        code="changed_meanwhile",
    )


def _made(answer: Decision, *, by: Actor, now: datetime) -> Decision:
    """Keeps the answer, lets it act, journals it and sends the receipts.

    The event comes after the consequences, so that the hash in the receipt covers them too.
    """
    request = answer.request
    _check_answer(request, answer)
    answer.shown_digest, answer.at = request.shown_digest, now
    answer.by_kind, answer.by_id, answer.by_name = by.kind, by.id, by.name
    add(answer)
    requests.end(request, RequestState.DECIDED, "", now=now)
    CONSEQUENCES[request.kind](request, answer, by=by, now=now)
    event = _journalled(answer, "decision.made", by=by, now=now)
    mails.receipt(answer, event, now=now)
    tell_followers(answer, now=now)
    return answer


def _check_answer(request: DecisionRequest, answer: Decision) -> None:
    option = asking.chosen(request.options, answer.option)
    wrong: dict[str, list[str]] = {}
    if option is None:
        wrong["option"] = ["Choose one of the answers."]
    elif asking.needs_words(request.kind, option) and not answer.comment.strip():
        wrong["comment"] = ["Say what is missing, so that whoever goes on knows what to do."]
    if not answer.name:
        wrong["name"] = ["Type the full name of whoever decides."]
    if wrong:
        raise Refused("The decision is not complete.", code="invalid", fields=wrong)
    if not signing.matches(answer.name, answer.contact.name):
        said = (
            f"The name does not match {answer.contact.name}. Only who was asked can decide: "
            "type that name, first and last."
        )
        raise Refused(said, code="name_mismatch", fields={"name": [said]})


def _journalled(answer: Decision, kind: str, *, by: Actor, now: datetime) -> Event:
    request = answer.request
    return journal(
        answer,
        kind,
        by=by,
        at=now,
        data={
            "request_id": request.pk,
            "number": request.number,
            "kind": request.kind,
            "subject_id": request.subject_id,
            "option": answer.option,
            "channel": answer.channel,
            "digest": answer.shown_digest,
        },
        personal={"name": answer.name, "comment": answer.comment, "evidence": answer.evidence},
        thread_id=request.milestone_id,
    )


def wrong_person(request_pk: UUID, *, comment: str, contact: Contact, by: Actor, now: datetime) -> Comment:
    """Notes that whoever was asked is not the one to decide. The question still waits for its answer."""
    request = requests.locked_request(request_pk)
    if closed := why_closed(request, contact=contact):
        raise closed
    words = comment.strip() or "I am not the right person to decide this."
    said = comments.kept(request.milestone, words, request=request, contact=contact, by=by, now=now)
    data = {"number": request.number, "kind": request.kind}
    journal(
        said,
        "decision.wrong_person",
        by=by,
        at=now,
        data=data,
        personal={"text": words},
        thread_id=request.milestone_id,
    )
    mails.tell_wrong_person(request, said, now=now)
    return said


def note_refusal(
    request_pk: UUID, refusal: Refused, *, contact: Contact, by: Actor, now: datetime, typed: str = ""
) -> None:
    """Writes a refused answer down, in a transaction of its own after the refused one was rolled back.

    When what was shown has changed, the owner of the review is told, once:
    the client waits for a new question. `typed` is the name that did not match.
    """
    request = requests.locked_request(request_pk)
    if refusal.code == "changed_meanwhile":
        mails.tell_changed(request, contact=contact, now=now)
    data = {"number": request.number, "code": refusal.code, "said": str(refusal)}
    personal = {"typed": typed} if typed else None
    thread = request.milestone_id
    journal(request, "decision.refused", by=by, at=now, data=data, personal=personal, thread_id=thread)


def countermand(decision_pk: UUID, *, reason: str, by: Actor, now: datetime) -> Decision:
    """Takes back a decision that was recorded by mistake: by another entry, with its reason, before close.

    The mistaken entry stays as it is. What it did is undone where it can be; a new request is needed.
    """
    mistaken = Decision.objects.get(pk=decision_pk)
    request = requests.request_in_turn(mistaken.request_id)
    mistaken.request = request
    _check_may_countermand(mistaken, reason)
    entry = add(
        Decision(
            request=request,
            option=mistaken.option,
            contact=mistaken.contact,
            name=by.name,
            channel=mistaken.channel,
            evidence=reason,
            comment=reason,
            shown_digest=mistaken.shown_digest,
            at=now,
            by_kind=by.kind,
            by_id=by.id,
            by_name=by.name,
            countermands=mistaken,
        )
    )
    change(request, {"state": RequestState.COUNTERMANDED, "ended_at": now, "end_reason": reason[:300]})
    UNDOING[request.kind](request, entry, by=by, now=now)
    _journalled(entry, "decision.countermanded", by=by, now=now)
    mails.tell_countermanded(mistaken, entry, now=now)
    tell_followers(entry, now=now)
    return entry


def _check_may_countermand(mistaken: Decision, reason: str) -> None:
    request = mistaken.request
    check_is_not_archived(request.project)
    if not reason.strip():
        said = "Say what the mistake was."
        raise Refused(said, code="invalid", fields={"reason": [said]})
    if mistaken.countermands_id or request.state != RequestState.DECIDED:
        raise Refused("Only a decision that stands can be countermanded, once.", code="not_standing")
    if request.milestone.stage == Stage.CLOSED:
        raise Refused("The milestone is closed for good; its decisions stand.", code="closed")
