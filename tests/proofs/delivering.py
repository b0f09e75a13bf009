"""What tests of deliveries share: a published packet with its address, and an e-mail that has arrived."""

import json
from datetime import datetime
from typing import Any

from journal.actors import Actor, Recipient
from journal.models import Delivery, Event, State
from milestones.actions import notices
from milestones.models import Milestone
from proofs.actions import deliveries
from proofs.models import ProofPacket
from proofs.words import PacketState
from tests.factories import MONDAY
from workspaces.actions import make_link
from workspaces.models import Link, Purpose


def published(
    milestone: Milestone, by: Actor, *, number: int = 1, now: datetime = MONDAY, **texts: Any
) -> ProofPacket:
    """A published version of a milestone's packet, with the milestone's address."""
    if not Link.objects.filter(purpose=Purpose.PROOF, subject_id=milestone.pk).exists():
        anyone = Recipient("contact", None, milestone.project.account.name, "")
        make_link(Purpose.PROOF, subject=milestone, to=anyone, by=by, now=now)
    return ProofPacket.objects.create(
        milestone=milestone,
        number=number,
        state=PacketState.PUBLISHED,
        created_at=now,
        published_at=now,
        published_kind=by.kind,
        published_by=by.id,
        published_name=by.name,
        content={},
        content_sha256="0" * 64,
        journal_seq=1,
        journal_hash="0" * 64,
        **texts,
    )


def delivered(milestone: Milestone, by: Actor, *, now: datetime = MONDAY, **texts: Any) -> ProofPacket:
    """A packet whose e-mail has arrived."""
    packet = published(milestone, by, now=now, **texts)
    arrive(deliveries.deliver(packet, by=by, now=now).delivery_id, now=now)
    return deliveries.note_delivered(packet.pk, now=now)


def arrive(delivery_id: Any, *, now: datetime = MONDAY) -> None:
    """The mail server has taken the message, and the notice knows it."""
    Delivery.objects.filter(pk=delivery_id).update(state=State.SENT, finished_at=now)
    notices.follow(Delivery.objects.get(pk=delivery_id).subject_id, now=now)


def data(event: Event) -> Any:
    """What an event holds."""
    return json.loads(event.body)["data"]
