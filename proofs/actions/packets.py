"""Writes about proof packets: assembled by themselves, written by the founder, published for good, corrected.

A published version never changes. What was wrong in it is said in the next one.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from journal import outbox
from journal.actions import record, stand_in_line
from journal.actors import SYSTEM, Actor
from journal.letters import link_placeholder
from milestones.actions import endings
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Milestone
from milestones.words import Stage
from proofs import clock
from proofs.actions import checks, deliveries, letters, renderings, versions
from proofs.actions.links import opened
from proofs.actions.metrics import take_over_measure
from proofs.models import ProofPacket
from proofs.queries import packets as queries
from proofs.queries.checks import is_awaited
from proofs.queries.contents import built, delivered, missing
from proofs.queries.telling import with_people
from proofs.words import PacketState
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from workspaces.models import Purpose

ACCEPTED_ANEW: Final = "The acceptance of the version before was taken back; this one follows the new one."
drop: Final = partial(versions.drop, ProofPacket)
journal_refusal: Final = partial(versions.journal_refusal, ProofPacket)

TEXTS: Final = ("recap", "risks", "recommendation", "not_measurable")
NO_CLOCK: Final = {
    "clock_started_at": None,
    "clock_ends_at": None,
    "clock_zone": "",
    "clock_reminded_at": None,
}


def assemble(milestone_id: UUID, *, by: Actor = SYSTEM, now: datetime) -> ProofPacket:
    """Begins the draft that a milestone needs, and starts or stops its same-day clock. Twice changes nothing.

    Returns the draft, or the published packet that still stands.

    Raises:
        Refused: when there is nothing to prove yet, or nothing will be accepted any more.
    """
    milestone = locked(Milestone, milestone_id)
    check_is_not_archived(milestone.project)
    draft = queries.draft_of(milestone_id)
    if draft is None:
        last = queries.published(milestone_id).first()
        if last and milestone.proof_packet_url:
            return last
        _check_has_begun(milestone)
        draft = _begun(milestone, last, ACCEPTED_ANEW if last else "", by=by, now=now)
        take_over_measure(milestone_id, by=SYSTEM, now=now)
    return _timed(locked(ProofPacket, draft.pk), milestone, now=now)


def _check_has_begun(milestone: Milestone) -> None:
    if milestone.stage not in (Stage.REVIEW, Stage.CLOSEOUT):
        raise Refused(
            f"A proof packet begins when the client is asked; {milestone.code} is in "
            f"{Stage(milestone.stage).label.lower()}.",
            code="not_in_review",
        )


def _begun(
    milestone: Milestone, last: ProofPacket | None, correction: str, *, by: Actor, now: datetime
) -> ProofPacket:
    """The draft of the next version, with what the one before said."""
    texts = {name: getattr(last, name) for name in TEXTS} if last else {}
    number = last.number + 1 if last else 1
    packet = ProofPacket(milestone=milestone, number=number, correction=correction, created_at=now, **texts)
    add(packet)
    data = {"number": number, "correction": correction}
    checks.look_again(milestone.pk, now=now)
    record(packet, "proof_packet.drafted", by=by, at=now, data=data, thread_id=milestone.pk)
    return packet


def _timed(packet: ProofPacket, milestone: Milestone, *, now: datetime) -> ProofPacket:
    """Lets the clock of a locked draft follow the acceptance.

    What somebody is writing at that moment does not go stale by it, so the version stays.
    """
    wanted = _clock(packet, milestone)
    if wanted["clock_started_at"] == packet.clock_started_at:
        return packet
    for name, value in wanted.items():
        setattr(packet, name, value)
    packet.save(update_fields=list(wanted))
    checks.look_again(milestone.pk, now=now)
    kind = "proof_packet.clock_started" if packet.clock_ends_at else "proof_packet.clock_stopped"
    data = {"number": packet.number, "ends_at": packet.clock_ends_at, "zone": packet.clock_zone}
    record(packet, kind, by=SYSTEM, at=now, data=data, thread_id=milestone.pk)
    return packet


def _clock(packet: ProofPacket, milestone: Milestone) -> dict[str, Any]:
    """From the acceptance to the end of that day where the approver is; none once a packet stands for it."""
    if milestone.accepted_at is None or milestone.proof_packet_url:
        return NO_CLOCK
    zone = milestone.approver.time_zone if milestone.approver else milestone.workspace.time_zone
    ends_at = clock.end_of_day(milestone.accepted_at, zone=zone)
    started = {"clock_started_at": milestone.accepted_at, "clock_ends_at": ends_at, "clock_zone": zone}
    return {**NO_CLOCK, **started}


def write(
    packet_id: UUID,
    changes: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> ProofPacket:
    """Writes what only people know: the texts, and whether the packet may publish itself.

    `as_found` agrees to what the looks have found by now; what another look finds is to be agreed to anew.

    Raises:
        Refused: when it is published already: that version stays.
        Stale: when somebody saved since version `expected`.
    """
    packet = versions.draft(ProofPacket, packet_id, expected=expected)
    check_is_not_archived(packet.milestone.project)
    said = dict(changes)
    if "publishes_itself" in said and said["publishes_itself"] != packet.publishes_itself:
        allows = said["publishes_itself"]
        said |= {"allowed_by": by.id if allows else None, "allowed_name": by.name if allows else ""}
    if "as_found" in said:
        said["as_found_of"] = [each.shown for each in delivered(packet.milestone) if said["as_found"]]
    if moved := change(packet, said):
        agreed = {"as_found"} if "as_found_of" in moved else set()
        data = {"number": packet.number, "fields": [name for name in changes if name in {*moved, *agreed}]}
        record(packet, "proof_packet.written", by=by, at=now, data=data, thread_id=packet.milestone_id)
    return packet


def publish(packet_id: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> ProofPacket:
    """Freezes the packet for good, opens it to the client, has its files made and its mail sent.

    Raises:
        Refused: when it is published already, or with everything that is `unmet`.
        Stale: when somebody saved since version `expected`.
    """
    milestone_id = ProofPacket.objects.values_list("milestone_id", flat=True).get(pk=packet_id)
    milestone = locked(Milestone, milestone_id)
    check_is_not_archived(milestone.project)
    packet = _timed(versions.draft(ProofPacket, packet_id, expected=expected), milestone, now=now)
    if unmet := missing(packet, milestone):
        raise versions.incomplete(packet, unmet)
    stand_in_line()
    _freeze(packet, by=by, now=now)
    link = opened(Purpose.PROOF, milestone, by=by, now=now)
    endings.link_packets(milestone.pk, proof_packet_url=link_placeholder(link.pk), by=by, now=now)
    outbox.withdraw(packet, now=now)
    renderings.ask(proof=packet, now=now)
    deliveries.deliver(packet, by=by, now=now)
    _journal_published(packet, by=by, now=now)
    return packet


def _freeze(packet: ProofPacket, *, by: Actor, now: datetime) -> None:
    signed = {
        "published_name": _publisher(packet, by),
        "same_day": clock.is_same_day(now, ends_at=packet.clock_ends_at),
    }
    people = with_people(packet.milestone_id)
    versions.freeze(packet, partial(built, milestone=people), by=by, now=now, **signed)


def _publisher(packet: ProofPacket, by: Actor) -> str:
    return f"{by.name}, as {packet.allowed_name} allowed"[:200] if by == SYSTEM else by.name


def _journal_published(packet: ProofPacket, *, by: Actor, now: datetime) -> None:
    record(
        packet,
        "proof_packet.published",
        by=by,
        at=now,
        data={
            "number": packet.number,
            "content_sha256": packet.content_sha256,
            "journal_seq": packet.journal_seq,
            "same_day": packet.same_day,
        },
        personal={"allowed_by": packet.allowed_name} if by == SYSTEM else None,
        thread_id=packet.milestone_id,
    )


def publish_as_allowed(packet_id: UUID, *, now: datetime) -> ProofPacket | None:
    """Publishes a draft that may publish itself, once it is complete and the looks for it are made.

    Returns None while it is not; then it is tried again after a pause.
    """
    draft = ProofPacket.objects.filter(pk=packet_id, state=PacketState.DRAFT, publishes_itself=True).first()
    if draft is None:
        return None
    if is_awaited(draft.milestone_id, now=now) or missing(draft, draft.milestone):
        ProofPacket.objects.filter(pk=packet_id).update(tried_at=now)
        return None
    return publish(packet_id, by=SYSTEM, now=now)


def correct(milestone_id: UUID, *, correction: str, by: Actor, now: datetime) -> ProofPacket:
    """Begins the next version from the one before, which stays. `correction` is printed on it.

    Raises:
        Refused: when nothing is published, the next version is being written, or the reason is missing.
    """
    milestone, last = versions.to_correct(ProofPacket, milestone_id, correction=correction)
    return _begun(milestone, last, correction.strip(), by=by, now=now)


def remind(packet_id: UUID, *, now: datetime) -> None:
    """Tells the owner of the review, once, that the day of the acceptance ends before its packet is out."""
    packet = locked(ProofPacket, packet_id)
    if packet.state != PacketState.DRAFT or packet.clock_ends_at is None or packet.clock_reminded_at:
        return
    if now < packet.clock_ends_at - clock.REMINDED_BEFORE:
        return
    packet.clock_reminded_at = now
    packet.save(update_fields=["clock_reminded_at"])  # no new version: whoever writes goes on writing
    milestone: Milestone = packet.milestone
    letters.remind_of_clock(packet, missing(packet, milestone), now=now)
    data = {"number": packet.number, "ends_at": packet.clock_ends_at}
    record(packet, "proof_packet.reminded", by=SYSTEM, at=now, data=data, thread_id=milestone.pk)
