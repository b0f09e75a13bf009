"""The mails around packets to our own people. What clients are told goes out as a notice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.conf import settings

from journal import outbox
from journal.letters import compose
from milestones.actions.mails import owner_of
from proofs.clock import last_minute, left
from proofs.models import ProofPacket
from tenancy.refusal import Unmet

DUE: Final = "proof_due"


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
