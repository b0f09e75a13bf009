"""Bringing a published packet to the client: one e-mail for each version, in the workspace's own words.

It is a notice like any other: never lost, never twice, and a client whom it did not reach is "not informed".
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones.actions import notices
from milestones.models import Contact, Milestone, Notice
from milestones.words import NoticeKind
from proofs import delivery_letters as letters
from proofs.actions import confidence, opportunities
from proofs.models import Confidence, DeliveryTemplate, ProofPacket
from proofs.queries.deliveries import brand_name, notice_of, template
from proofs.queries.links import link_of
from proofs.queries.packets import acceptance_of
from proofs.words import AskedAbout
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from workspaces.models import Link, Purpose

BUTTON: Final = {"link": letters.LINK, "words": "Open the proof packet"}


def deliver(packet: ProofPacket, *, by: Actor, now: datetime) -> Notice:
    """Owes the client the e-mail that brings a published packet; the one that is there already, if any."""
    milestone = packet.milestone
    reader = notices.reader_of(milestone.project, milestone)
    asked = _asked(packet, reader, now=now)
    words, values = template(), _values(milestone, reader)
    links = {letters.LINK: str(_link(milestone).pk)}
    if asked:
        links[letters.ASKS] = str(asked.link_id)
    return notices.owe(
        NoticeKind.PROOF,
        project=milestone.project,
        milestone=milestone,
        subject=packet,
        recipient=reader,
        title=letters.subject(words.subject, values, is_correction=_is_correction(packet)),
        body=letters.body(words.body, values, after=_after(packet, asked)),
        data={"links": links, "button": BUTTON},
        by=by,
        now=now,
    )


def _link(milestone: Milestone) -> Link:
    link = link_of(Purpose.PROOF, milestone.pk)
    if link is None:
        raise LookupError("A published packet has its address.")
    return link


def _asked(packet: ProofPacket, reader: Contact | None, *, now: datetime) -> Confidence | None:
    """The question about confidence. A corrected packet is the same work: its reader is not asked again."""
    if reader is None or _is_correction(packet):
        return None
    return confidence.ask(
        reader, about=AskedAbout.PACKET, subject_id=packet.pk, milestone=packet.milestone, now=now
    )


def _after(packet: ProofPacket, asked: Confidence | None) -> str:
    if _is_correction(packet):
        return letters.corrected(packet.number, packet.correction)
    told = letters.anew(packet.number, packet.correction) if packet.correction else ""
    return "\n\n".join(filter(None, [told, letters.QUESTION if asked else ""]))


def _is_correction(packet: ProofPacket) -> bool:
    """Whether the same acceptance has a packet already. The clock runs for the first one of each."""
    return bool(packet.correction) and packet.clock_started_at is None


def _values(milestone: Milestone, reader: Contact | None) -> dict[str, str]:
    client = milestone.project.account.name
    accepted = acceptance_of(milestone.pk)
    return {
        "contact": reader.name if reader else client,
        "client": client,
        "project": milestone.project.name,
        "milestone": milestone.name,
        "agency": brand_name(),
        "approved_by": accepted.name if accepted else client,
    }


def note_delivered(packet_id: UUID, *, now: datetime) -> ProofPacket:
    """Notes that the client has a packet, by mail or told another way, and starts its opportunity."""
    packet = locked(ProofPacket, packet_id)
    notice = notice_of(packet)
    at = notice and (notice.delivered_at or notice.told_otherwise_at)
    if packet.delivered_at or not notice or not at:
        return packet
    change(packet, {"delivered_at": at})
    data = {"number": packet.number, "notice_id": notice.pk, "delivered_at": at}
    record(packet, "proof_packet.delivered", by=SYSTEM, at=now, data=data, thread_id=packet.milestone_id)
    opportunities.start_from(packet, by=SYSTEM, now=now)
    return packet


def set_template(
    *, subject: str, body: str, by: Actor, now: datetime, expected: int | None = None
) -> DeliveryTemplate:
    """Words the e-mail that brings a packet.

    Raises:
        Refused: with the name of each placeholder that is not known.
        Stale: when somebody saved since version `expected`; the shipped words are version 0.
    """
    letters.check_words(subject, body)
    words = {"subject": subject.strip(), "body": body.strip()}
    if empty := {name: ["Write at least a line."] for name, text in words.items() if not text}:
        raise Refused("An e-mail needs a subject and a text.", code="invalid", fields=empty)
    mine = DeliveryTemplate.objects.first()
    if mine is None:
        mine = add(DeliveryTemplate(**words, changed_at=now))
    else:
        mine = locked(DeliveryTemplate, mine.pk, expected=expected)
        change(mine, {**words, "changed_at": now})
    record(mine, "delivery_template.set", by=by, at=now, data=words)
    return mine


def reset_template(*, by: Actor, now: datetime, expected: int | None = None) -> None:
    """Goes back to the shipped words.

    Raises:
        Stale: when somebody saved since version `expected`.
    """
    mine = DeliveryTemplate.objects.first()
    if mine is None:
        return
    mine = locked(DeliveryTemplate, mine.pk, expected=expected)
    record(mine, "delivery_template.reset", by=by, at=now)
    mine.delete()
