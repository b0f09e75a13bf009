"""Writes about rounds of review: prepared in QA, sent through the gate, ended in exactly one outcome."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max

from journal.actions import record
from journal.actors import Actor, Recipient
from milestones.actions import mails, requests
from milestones.actions.engagements import at_work
from milestones.asking import LINK_LIFE, review_options
from milestones.models import Contact, Milestone, Review, Reviewer
from milestones.queries.decisions import open_round
from milestones.words import Ask, Outcome, RequestKind, RequestState, Stage
from tenancy.refusal import Refused, Unmet
from tenancy.saving import add, change, locked
from workspaces.actions.links import add_link
from workspaces.models import Purpose

COMPLETED = "The milestone is completed and takes no change any more."


def prepare(
    milestone_id: UUID,
    *,
    ask: Ask,
    question: str,
    caveats: str,
    decide_by: datetime,
    context: str = "",
    options: Sequence[Mapping[str, Any]] = (),
    recommended: str = "",
    reviewers: Sequence[Contact] = (),
    by: Actor,
    now: datetime,
) -> Review:
    """Writes what the client will be asked in the next round; a round not sent yet is rewritten.

    `options` are given for a dependency decision; the answers to the other asks are known.
    """
    milestone = at_work(milestone_id)
    _check_may_prepare(milestone)
    _check_reviewers(milestone, reviewers)
    review = open_round(milestone.pk) or _next_round(milestone, now=now)
    review.milestone = milestone
    request = requests.draft(
        RequestKind.REVIEW,
        milestone=milestone,
        subject_id=review.pk,
        ask=ask,
        question=question,
        context=context,
        caveats=caveats,
        options=_options(review, ask, options),
        recommended=recommended,
        decide_by=decide_by,
        by=by,
        now=now,
    )
    change(review, {"request": request})
    _name(review, reviewers)
    _note(review, "review.prepared", by=by, now=now, data={"ask": ask})
    return review


def _check_may_prepare(milestone: Milestone) -> None:
    if milestone.stage not in (Stage.QA, Stage.REVIEW):
        raise Refused(
            f"A review is prepared in QA; {milestone.code} is in {Stage(milestone.stage).label.lower()}.",
            code="not_in_qa",
        )


def _check_reviewers(milestone: Milestone, reviewers: Sequence[Contact]) -> None:
    account_id = milestone.project.account_id
    if wrong := [each.name for each in reviewers if each.account_id != account_id]:
        said = f"{wrong[0]} is not a contact of this client."
        raise Refused(said, code="invalid", fields={"reviewers": [said]})
    if milestone.approver_id in {each.pk for each in reviewers}:
        said = "The approver decides and is asked anyway; name only the others."
        raise Refused(said, code="invalid", fields={"reviewers": [said]})


def _next_round(milestone: Milestone, *, now: datetime) -> Review:
    number = (milestone.reviews.aggregate(last=Max("number"))["last"] or 0) + 1
    counts = number >= milestone.accepting_round
    return add(Review(milestone=milestone, number=number, counts=counts, created_at=now))


def _options(review: Review, ask: Ask, given: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    if ask == Ask.DEPENDENCY or (ask == Ask.CHOICE and given):
        _check_accept_nothing(given)
        return given
    milestone = review.milestone
    return review_options(
        ask,
        accepting_in=max(0, milestone.accepting_round - review.number),
        invoice=milestone.invoice_trigger,
        follows=milestone.next_stage_trigger,
    )


def _check_accept_nothing(given: Sequence[Mapping[str, Any]]) -> None:
    """Nobody accepts a milestone by an answer that was worded for something else."""
    if any(option.get("code") == Outcome.APPROVED for option in given):
        said = "An answer worded here accepts nothing. Ask for acceptance in a review of its own."
        raise Refused(said, code="invalid", fields={"options": [said]})


def _name(review: Review, reviewers: Sequence[Contact]) -> None:
    """Those who are named now; whoever was invited already stays."""
    named = {each.pk for each in reviewers}
    review.reviewers.filter(invited_at=None).exclude(contact__in=named).delete()
    known = set(review.reviewers.values_list("contact_id", flat=True))
    Reviewer.objects.bulk_create(
        Reviewer(review=review, contact=each) for each in reviewers if each.pk not in known
    )


def unmet(milestone: Milestone) -> list[Unmet]:
    """What the gate from QA to review still misses of the request."""
    review = open_round(milestone.pk)
    request = review.request if review else None
    if review is None or request is None or request.state != RequestState.DRAFT:
        return [
            Unmet(
                "review_request",
                "Write what the client is asked: acceptance, revision notes or a dependency decision.",
            )
        ]
    request.milestone = milestone
    return requests.unmet(request)


def send_request(milestone: Milestone, *, by: Actor, now: datetime) -> Review:
    """Sends the round that is prepared for a locked milestone which has passed the gate to review."""
    review = open_round(milestone.pk)
    if review and review.request and review.request.state == RequestState.PENDING:
        raise Refused("This round was sent already; it waits for its answer.", code="already_sent")
    if review is None or review.request is None or review.request.state != RequestState.DRAFT:
        raise Refused("No review is prepared. Write what the client is asked first.", code="not_prepared")
    requests.withdraw_all(milestone, COMPLETED, kinds=[RequestKind.CHANGE], by=by, now=now)
    requests.send(review.request.pk, by=by, now=now)
    review = locked(Review, review.pk)
    review.milestone = milestone
    for reviewer in review.reviewers.filter(invited_at=None).select_related("contact"):
        _invite(review, reviewer, now=now)
    _note(review, "review.sent", by=by, now=now)
    return review


def _invite(review: Review, reviewer: Reviewer, *, now: datetime) -> None:
    request = review.request
    if request is None:
        raise LookupError("A round without a request has nobody to invite.")
    contact = reviewer.contact
    to = Recipient("contact", contact.pk, contact.name, contact.email)
    ends = request.decide_by + LINK_LIFE
    link = add_link(Purpose.REVIEW, subject=reviewer, to=to, now=now, expires_at=ends)
    reviewer.review, reviewer.link_id, reviewer.invited_at = review, link.pk, now
    reviewer.save(update_fields=["link_id", "invited_at"])
    mails.invite(reviewer, request, link=link, now=now)


def end_round(review: Review, outcome: Outcome, *, note: str, by: Actor, now: datetime) -> None:
    """Ends a locked round in its one outcome."""
    change(review, {"outcome": outcome, "ended_at": now, "note": note[:2000]})
    _note(review, "review.ended", by=by, now=now, data={"outcome": outcome, "counts": review.counts})


def end_open(
    milestone: Milestone,
    outcome: Outcome,
    *,
    note: str,
    by: Actor,
    now: datetime,
    unsent: bool = False,
) -> Review | None:
    """Ends the open round of a locked milestone without an answer; its question is withdrawn.

    A round that was not sent yet can be sent later, so it stays, unless `unsent` says otherwise.
    """
    found = open_round(milestone.pk)
    if found is None or not (unsent or _was_sent(found)):
        return None
    requests.withdraw_for(found.pk, note[:300], by=by, now=now)
    review = locked(Review, found.pk)
    review.milestone = milestone
    end_round(review, outcome, note=note, by=by, now=now)
    return review


def _was_sent(review: Review) -> bool:
    return review.request is not None and review.request.sent_at is not None


def withdraw(pk: UUID, reason: str, *, by: Actor, now: datetime, expected: int | None = None) -> Review:
    """Takes the round's question back. The round stays open: another question may be asked in it."""
    milestone = at_work(Review.objects.values_list("milestone_id", flat=True).get(pk=pk))
    review = locked(Review, pk, expected=expected)
    review.milestone = milestone
    if requests.withdraw_for(review.pk, reason, by=by, now=now) is None:
        raise Refused(f"Nothing is asked in round {review.number}.", code="not_open")
    review.refresh_from_db(fields=["request"])
    return review


def _note(
    review: Review, kind: str, *, by: Actor, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    said = {"round": review.number} | dict(data or {})
    record(review, kind, by=by, at=now, data=said, thread_id=review.milestone_id)
