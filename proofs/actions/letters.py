"""The mails around packets: to our own people, and to whoever decided. Packets go out as notices."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings

from journal import outbox
from journal.actors import Recipient
from journal.letters import compose, link_placeholder
from milestones.actions.mails import owner_of
from milestones.models import Decision
from proofs.clock import last_minute, left
from proofs.models import Confidence, ProofPacket
from proofs.queries.deliveries import brand_name
from tenancy.refusal import Unmet

DUE: Final = "proof_due"
ASKED: Final = "confidence_asked"


def remind_of_clock(packet: ProofPacket, unmet: Sequence[Unmet], *, now: datetime) -> None:
    """The day of the acceptance ends soon, and its packet is not out yet."""
    if packet.clock_ends_at is None:
        raise LookupError("No clock runs for this packet.")
    milestone = packet.milestone
    until = last_minute(packet.clock_ends_at, zone=packet.clock_zone)
    to = owner_of(milestone)
    said = {
        "workspace": milestone.workspace,
        "milestone": milestone,
        "to": to,
        "until": f"{until:%H:%M} on {until.day} {until:%B} ({packet.clock_zone})",
        "left": left(packet.clock_ends_at, now=now),
        "is_over": now >= packet.clock_ends_at,
        "unmet": unmet,
        "url": f"{settings.PUBLIC_URL}/w/{milestone.workspace.slug}/milestones/{milestone.pk}/proof/",
    }
    outbox.enqueue(
        compose(DUE, said), kind=DUE, subject=packet, to=to, due_at=now, thread_id=packet.milestone_id
    )


def ask_confidence(asked: Confidence, decision: Decision, *, now: datetime) -> None:
    """How confident somebody is whose answer came another way than by their decision link."""
    contact, request = decision.contact, decision.request
    said = {"request": request, "contact": contact, "sender": brand_name()}
    outbox.enqueue(
        compose(ASKED, said | {"url": link_placeholder(asked.link_id)}),
        kind=ASKED,
        subject=asked,
        to=Recipient("contact", contact.pk, contact.name, contact.email),
        due_at=now,
        thread_id=request.milestone_id,
    )
