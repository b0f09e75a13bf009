"""The mails around a decision: to whoever decides, to reviewers, and to the owner of the review.

A person's own step (sending, deciding) is told at once; reminders come in the recipient's working hours.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from journal import outbox
from journal.actors import Recipient
from journal.letters import compose, link_placeholder
from journal.models import Event
from milestones.asking import chosen
from milestones.models import Comment, Contact, DateMove, Decision, DecisionRequest, Milestone, Reviewer
from milestones.words import ApprovalChannel
from workspaces.models import Link, Membership, Role

LIFE = timedelta(days=3)  # older than that a reminder would only puzzle


def ask(request: DecisionRequest, to: Contact, *, link: Link, now: datetime) -> None:
    """The question itself, with one button."""
    _send("decision_request", request, _contact(to), _asked(request, to, link), now=now)


def remind(request: DecisionRequest, to: Contact, *, link: Link, now: datetime) -> None:
    said = _asked(request, to, link) | {"is_late": now > request.decide_by}
    _send("decision_reminder", request, _contact(to), said, now=now, occurrence=request.reminders, life=LIFE)


def tell_handed_over(request: DecisionRequest, to: Contact, *, now: datetime) -> None:
    """The approver learns who was asked in their place."""
    said = {"request": request, "stand_in": to}
    _send("decision_handed_over", request, _contact(request.approver), said, now=now)


def tell_withdrawn(request: DecisionRequest, *, now: datetime) -> None:
    """Everybody who holds a link to the question learns that it needs no answer any more."""
    for contact in filter(None, (request.approver, request.delegate)):
        _send("decision_withdrawn", request, _contact(contact), {"request": request}, now=now)


def receipt(decision: Decision, event: Event, *, now: datetime) -> None:
    """What the decider keeps: the answer, when, bound to what, and where it stands in the journal.

    The approver has a copy of what was decided in their place.
    """
    seal, milestone = {"entry": event.seq, "hash": bytes(event.hash).hex()}, decision.request.milestone
    said = _answered(decision, decision.contact.time_zone) | seal
    _send("decision_receipt", decision, _contact(decision.contact), said, now=now)
    _send("decision_made", decision, owner_of(milestone), said | {"url": _page(milestone)}, now=now)
    approver = decision.request.approver
    if approver.pk != decision.contact_id:
        said = _answered(decision, approver.time_zone) | seal | {"is_copy": True}
        _send("decision_receipt", decision, _contact(approver), said, now=now)


def tell_countermanded(decision: Decision, entry: Decision, *, now: datetime) -> None:
    """The decider learns why their answer was taken back, and whether dates went back with it."""
    returned = DateMove.objects.filter(decision=entry).select_related("milestone").order_by("milestone__code")
    said = _answered(decision, decision.contact.time_zone)
    said |= {"reason": entry.comment, "returned": list(returned)}
    _send("decision_countermanded", decision, _contact(decision.contact), said, now=now)


def tell_changed(request: DecisionRequest, *, now: datetime, contact: Contact) -> None:
    """The owner of the review learns that an answer was turned away, because what was shown has changed."""
    said = {"request": request, "contact": contact, "url": _page(request.milestone)}
    _send("decision_outdated", request, owner_of(request.milestone), said, now=now)


def tell_wrong_person(request: DecisionRequest, comment: Comment, *, now: datetime) -> None:
    said = {"request": request, "comment": comment, "url": _page(request.milestone)}
    _send("decision_wrong_person", comment, owner_of(request.milestone), said, now=now)


def invite(reviewer: Reviewer, request: DecisionRequest, *, link: Link, now: datetime) -> None:
    """Asks somebody besides the approver for comments; they decide nothing."""
    said = {"request": request, "reviewer": reviewer, "url": link_placeholder(link.pk)}
    said |= {"route": request.project.feedback_route, "decide_by": _moment(request, reviewer.contact)}
    _send("review_invitation", reviewer, _contact(reviewer.contact), said, now=now)


def route(comment: Comment, *, now: datetime) -> None:
    """Takes a client's words to whoever collects them."""
    milestone = comment.milestone
    said = {"comment": comment, "route": milestone.project.feedback_route, "url": _page(milestone)}
    _send("comment_added", comment, owner_of(milestone), said, now=now)


def owner_of(milestone: Milestone) -> Recipient:
    """Whoever reads what the client says."""
    return as_recipient(member_for(milestone))


def member_for(milestone: Milestone) -> Membership:
    """Who sees to what the client says: the review owner, else the primary owner, else the founder."""
    named = (milestone.review_owner, milestone.owner_primary)
    return next((each for each in named if each and each.ended_at is None), None) or founder()


def as_recipient(member: Membership) -> Recipient:
    return Recipient("user", member.user.pk, member.user.name, member.user.email)


def founder() -> Membership:
    owners = Membership.objects.filter(role=Role.OWNER, ended_at=None).select_related("user")
    return owners.order_by("joined_at", "id")[0]


def _contact(contact: Contact) -> Recipient:
    return Recipient("contact", contact.pk, contact.name, contact.email)


def _asked(request: DecisionRequest, to: Contact, link: Link) -> dict[str, Any]:
    return {
        "request": request,
        "contact": to,
        "stands_in_for": request.approver if to.pk != request.approver_id else None,
        "decide_by": _moment(request, to),
        "url": link_placeholder(link.pk),
        "elsewhere": _elsewhere(request.channel),
    }


def _answered(decision: Decision, zone: str) -> dict[str, Any]:
    return {
        "decision": decision,
        "request": decision.request,
        "option": chosen(decision.request.options, decision.option),
        "at": _local(decision.at, zone),
        "at_here": _local(decision.at, decision.workspace.time_zone),
        "elsewhere": _elsewhere(decision.channel),
    }


def _elsewhere(channel: str) -> str:
    """The agreed channel in words, unless it is the link."""
    return "" if channel == ApprovalChannel.LINK else ApprovalChannel(channel).label.lower()


def _moment(request: DecisionRequest, to: Contact) -> str:
    return _local(request.decide_by, to.time_zone)


def _local(at: datetime, zone: str) -> str:
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%A}, {there.day} {there:%B %Y, %H:%M} ({zone})"


def _page(milestone: Milestone) -> str:
    return f"{settings.PUBLIC_URL}/w/{milestone.workspace.slug}/milestones/{milestone.pk}/"


def _send(
    name: str,
    subject: models.Model,
    to: Recipient,
    said: Mapping[str, Any],
    *,
    now: datetime,
    occurrence: int = 1,
    life: timedelta | None = None,
) -> None:
    milestone = _milestone(subject)
    letter = compose(name, {"workspace": milestone.workspace, "milestone": milestone, "to": to, **said})
    outbox.enqueue(
        letter,
        kind=name,
        subject=subject,
        to=to,
        due_at=now,
        thread_id=milestone.pk,
        occurrence=occurrence,
        expires_at=now + life if life else None,
    )


def _milestone(subject: Any) -> Milestone:
    above = {Decision: "request", Reviewer: "review"}.get(type(subject))
    milestone: Milestone = (getattr(subject, above) if above else subject).milestone
    return milestone
