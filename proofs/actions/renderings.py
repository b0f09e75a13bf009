"""The files of a published packet: asked for when it is published, kept once, parked when they fail.

They are made by proofs/sweeps/renderings.py, which holds a claim: the right to finish one rendering, until
its lease ends or its fence is raised. Whoever lost the claim changes nothing here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from journal.actions import record
from journal.actors import SYSTEM, Actor
from milestones.files import keep_bytes
from proofs.models import HandoffPacket, PacketFile, ProofPacket, Rendering
from proofs.words import FileKind
from tenancy.refusal import Refused

BACKOFF: Final = (timedelta(minutes=1), timedelta(minutes=10))
MOST_ATTEMPTS: Final = len(BACKOFF) + 1

Packet = ProofPacket | HandoffPacket


@dataclass(frozen=True, slots=True)
class Claim:
    workspace_id: UUID
    id: UUID
    fence: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Made:
    """One file. `rendered`: what it was before the seal; `certificate`: what it is sealed with."""

    content: bytes
    rendered: bytes | None = None
    pages: int | None = None
    certificate: str = ""


def ask(
    *, proof: ProofPacket | None = None, handoff: HandoffPacket | None = None, now: datetime
) -> Rendering:
    """Commits the intent to make a packet's files. A second time changes nothing."""
    rendering, _ = Rendering.objects.get_or_create(
        proof=proof, handoff=handoff, defaults={"due_at": now, "created_at": now}
    )
    return rendering


def ask_again(rendering_id: UUID, *, by: Actor, now: datetime) -> None:
    """Puts a parked rendering back in line, its attempts counted anew.

    Raises:
        Rendering.DoesNotExist: when it is not in this workspace.
        Refused: when it is not parked.
    """
    rendering = Rendering.objects.select_for_update().get(pk=rendering_id)
    if rendering.parked_at is None:
        raise Refused("Only files that could not be made are made again.", code="not_parked")
    Rendering.objects.filter(pk=rendering.pk).update(due_at=now, parked_at=None, attempts=0)
    _tell(packet_of(rendering), "packet_files.asked_again", by=by, now=now)


def claimed(claim: Claim) -> Rendering | None:
    """The rendering, locked until the transaction ends, if the claim still holds."""
    return _mine(claim).select_for_update(of=("self",)).first()


def packet_of(rendering: Rendering) -> Packet:
    packet: Packet | None = rendering.proof or rendering.handoff
    assert packet is not None  # the database holds exactly one
    return packet


def keep(claim: Claim, packet: Packet, made: Mapping[FileKind, Made], *, now: datetime) -> None:
    """Keeps the files in one go: bytes, rows and the journal's entry that names them."""
    files = [_file(packet, kind, one, now=now) for kind, one in made.items()]
    PacketFile.objects.bulk_create(files)
    _mine(claim).update(due_at=None, done_at=now, lease_until=None, last_error="")
    _tell(packet, "packet_files.made", by=SYSTEM, now=now, files={file.kind: file.sha256 for file in files})


def put_off(claim: Claim, reason: str, *, now: datetime) -> None:
    """Another attempt after a while; after the last one it is parked."""
    if claim.attempts >= MOST_ATTEMPTS:
        give_up(claim, reason, now=now)
        return
    due_at = now + BACKOFF[claim.attempts - 1]
    _mine(claim).update(due_at=due_at, lease_until=None, last_error=reason)


def give_up(claim: Claim, reason: str, *, now: datetime) -> None:
    if rendering := claimed(claim):
        _mine(claim).update(due_at=None, parked_at=now, lease_until=None, last_error=reason)
        _tell(packet_of(rendering), "packet_files.failed", by=SYSTEM, now=now, reason=reason)


def _mine(claim: Claim) -> QuerySet[Rendering]:
    return Rendering.objects.filter(pk=claim.id, fence=claim.fence, due_at__isnull=False)


def _file(packet: Packet, kind: FileKind, made: Made, *, now: datetime) -> PacketFile:
    """Its bytes are kept, its row is not saved yet."""
    rendered = made.content if made.rendered is None else made.rendered
    return PacketFile(
        proof=packet if isinstance(packet, ProofPacket) else None,
        handoff=packet if isinstance(packet, HandoffPacket) else None,
        kind=kind,
        sha256=keep_bytes(made.content),
        rendered_sha256=hashlib.sha256(rendered).hexdigest(),
        size=len(made.content),
        pages=made.pages,
        made_at=now,
        certificate=made.certificate,
    )


def _tell(packet: Packet, kind: str, *, by: Actor, now: datetime, **data: Any) -> None:
    told = {
        "packet": "proof" if isinstance(packet, ProofPacket) else "handoff",
        "number": packet.number,
        **data,
    }
    record(packet, kind, by=by, at=now, data=told, thread_id=packet.milestone_id)
