"""What tests of questions and answers share: a question that waits, and an answer by its link."""

from datetime import date, datetime, timedelta
from typing import Any

from journal.actors import Actor
from journal.models import Delivery
from milestones.actions import decisions, requests
from milestones.actions.clients import set_absence
from milestones.models import Contact, Decision, DecisionRequest, Milestone
from milestones.words import Ask, RequestKind, RequestState
from tenancy.ids import uuid7
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=2)
FRIDAY = MONDAY + timedelta(days=4)
TWO_WAYS = [
    {"code": "vendor", "label": "Wait for the vendor", "consequence": "The date moves by a week."},
    {
        "code": "without",
        "label": "Go on without it",
        "consequence": "The date holds.",
    },
]


def by_link(contact: Contact) -> Actor:
    return Actor("contact", contact.pk, contact.name)


def pending(milestone: Milestone) -> DecisionRequest:
    return DecisionRequest.objects.get(milestone=milestone, state=RequestState.PENDING)


def answer(
    request: DecisionRequest, option: str = "approved", *, now: datetime = LATER, **changes: Any
) -> Decision:
    """The approver's answer by the link, as the page posts it."""
    contact = changes.pop("contact", request.approver)
    said = {"name": contact.name, "digest": request.shown_digest, "comment": "", **changes}
    return decisions.decide(request.pk, option=option, contact=contact, by=by_link(contact), now=now, **said)


def drafted(milestone: Milestone, by: Actor, *, now: datetime = MONDAY, **changes: Any) -> DecisionRequest:
    """A question about a blocker, not sent yet."""
    content = {
        "subject_id": uuid7(),
        "ask": Ask.CHOICE,
        "question": "Do we wait for the vendor?",
        "options": TWO_WAYS,
        "decide_by": FRIDAY,
        **changes,
    }
    kind = content.pop("kind", RequestKind.BLOCKER)
    return requests.draft(kind, milestone=milestone, **content, by=by, now=now)


def asked(milestone: Milestone, by: Actor, *, now: datetime = MONDAY, **changes: Any) -> DecisionRequest:
    """The same question, sent."""
    return requests.send(drafted(milestone, by, now=now, **changes).pk, by=by, now=now)


def away(by: Actor, *, first: date = date(2026, 3, 2), last: date = date(2026, 3, 20)) -> Contact:
    """Dan is away, Carla decides for him."""
    dan = Contact.objects.get(email="dan@client.example")
    carla = Contact.objects.get(email="carla@client.example")
    return set_absence(dan.pk, absent_from=first, absent_until=last, delegate=carla, by=by, now=MONDAY)


def mails(kind: str) -> list[tuple[str, str]]:
    """Address and subject of each mail of a kind that is meant to leave."""
    rows = Delivery.objects.filter(kind=kind).exclude(state="withdrawn").order_by("created_at", "id")
    return [(row.address, row.payload["subject"]) for row in rows]
