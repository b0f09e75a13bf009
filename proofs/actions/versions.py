"""What the versions of proof and handoff packets have in common: corrected, frozen, refused, dropped.

A published version never changes. What was wrong in it is said in the next one.
"""

import hashlib
from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from journal.canonical import canonical, plain
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Milestone
from proofs.models import HandoffPacket, ProofPacket
from proofs.words import PacketState
from tenancy.refusal import Refused, Unmet
from tenancy.saving import change, locked

P = TypeVar("P", ProofPacket, HandoffPacket)


def draft(model: type[P], pk: UUID, *, expected: int | None = None) -> P:
    """The locked draft.

    Raises:
        Refused: when it is published already: that version stays.
        Stale: when somebody saved since version `expected`.
    """
    packet = locked(model, pk, expected=expected)
    if packet.state == PacketState.PUBLISHED:
        raise Refused(
            f"Version {packet.number} is published and stays as it is. Correct it by a new version.",
            code="published",
        )
    return packet


def to_correct(model: type[P], milestone_id: UUID, *, correction: str) -> tuple[Milestone, P]:
    """The locked milestone whose published version is to be corrected, and that version.

    Raises:
        Refused: when nothing is published, the next version is being written, or the reason is missing.
    """
    milestone = locked(Milestone, milestone_id)
    check_is_not_archived(milestone.project)
    versions = model.objects.filter(milestone=milestone_id).order_by("-number")
    last = versions.filter(state=PacketState.PUBLISHED).first()
    if last is None:
        raise Refused("Nothing is published yet: write the draft itself.", code="not_published")
    if begun := versions.filter(state=PacketState.DRAFT).first():
        raise Refused(f"Version {begun.number} is being written already.", code="already_drafted")
    if not correction.strip():
        said = "Say what is corrected; it is printed on the new version."
        raise Refused(said, code="invalid", fields={"correction": [said]})
    return milestone, last


def freeze(
    packet: P, said: Callable[[P], Mapping[str, Any]], *, by: Actor, now: datetime, **signed: Any
) -> None:
    """Keeps what the packet says at this moment, with its hash and the end of the journal before it."""
    signed = {
        "state": PacketState.PUBLISHED,
        "published_at": now,
        "published_kind": by.kind,
        "published_by": by.id,
        "published_name": by.name,
        **signed,
    }
    told = copy(packet)
    for name, value in signed.items():
        setattr(told, name, value)
    content = said(told)
    kept = {
        "content": plain(content),
        "content_sha256": hashlib.sha256(canonical(content).encode()).hexdigest(),
        "journal_seq": content["journal"]["seq"],
        "journal_hash": content["journal"]["hash"],
    }
    change(packet, {**signed, **kept})


def incomplete(packet: P, unmet: list[Unmet]) -> Refused:
    """The refusal of a packet that is not complete, with everything that it misses."""
    still = "1 item is" if len(unmet) == 1 else f"{len(unmet)} items are"
    return Refused(
        f"Version {packet.number} is not complete: {still} still missing.",
        code="packet_incomplete",
        unmet=unmet,
    )


def journal_refusal(model: type[P], pk: UUID, refusal: Refused, *, by: Actor, now: datetime) -> None:
    """Writes down what kept a packet back, in a transaction after the one that was rolled back."""
    if not refusal.unmet:
        return  # somebody was faster, or it is published already: that says nothing of the packet
    packet = model.objects.get(pk=pk)
    data = {
        "number": packet.number,
        "unmet": [item.code for item in refusal.unmet],
        "said": str(refusal),
    }
    record(packet, f"{model.TOLD_AS}.refused", by=by, at=now, data=data, thread_id=packet.milestone_id)


def drop(model: type[P], pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> P:
    """Takes back the draft of a version that is not needed after all; the published one stands.

    Raises:
        Refused: when it is published, or the only packet that this acceptance has.
        Stale: when somebody saved since version `expected`.
    """
    packet = draft(model, pk, expected=expected)
    check_is_not_archived(packet.milestone.project)
    if not getattr(packet.milestone, model.KEPT_AS):
        raise Refused("This draft is the packet itself; only a later version can be dropped.", code="needed")
    model.objects.filter(pk=pk).delete()
    data = {"number": packet.number}
    record(packet, f"{model.TOLD_AS}.dropped", by=by, at=now, data=data, thread_id=packet.milestone_id)
    return packet
