"""Whether a published packet still holds: what is kept is checked again, now, against what was sealed."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog
from django.db.models import Q

from journal.canonical import canonical
from journal.chain import follow
from journal.models import Event
from milestones.files import pieces, place_of
from proofs.archive import MANIFEST, NAMES, Packet
from proofs.models import PacketFile
from proofs.rendering import seal
from proofs.rendering.seal import Certificate
from proofs.words import FileKind

log = structlog.get_logger(__name__)

PUBLISHED = "_packet.published"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and how it was found."""

    what: str
    holds: bool
    says: str


def findings(packet: Packet, files: Mapping[FileKind, PacketFile]) -> list[Finding]:
    """What was found of a published packet. Call it inside the workspace's door."""
    kept = {kind: _file(kind, file) for kind, file in files.items()}
    return [_content(packet), _journal(packet), *kept.values(), *_seal(files, kept)]


def _holds(look: Callable[[], bool]) -> bool:
    """Whether it holds. What is damaged can break the look itself, in any way; then it does not hold."""
    try:
        return look()
    except Exception:
        log.warning("packet.unreadable", exc_info=True)
        return False


def _content(packet: Packet) -> Finding:
    holds = hashlib.sha256(canonical(packet.content).encode()).hexdigest() == packet.content_sha256
    says = "has the SHA-256 that it was published with" if holds else "is not what was published"
    return Finding("What the packet says", holds, says)


def _journal(packet: Packet) -> Finding:
    """Its publishing is an entry of the journal, and the entry it followed is still the same."""
    told = Q(subject_id=packet.pk, kind__endswith=PUBLISHED)
    entries = list(Event.objects.filter(told | Q(seq=packet.journal_seq)).order_by("seq"))
    head = [entry for entry in entries if entry.seq == packet.journal_seq]
    published = [entry for entry in entries if entry.kind.endswith(PUBLISHED)]
    if not _holds(lambda: _is_told(packet, entries, head, published)):
        return Finding("The journal", False, "does not tell of this packet as it is")
    return Finding("The journal", True, f"tells of it in entry {published[0].seq}, with the same SHA-256")


def _is_told(packet: Packet, entries: list[Event], head: list[Event], published: list[Event]) -> bool:
    return (
        all(map(_is_whole, entries))
        and [bytes(entry.hash).hex() for entry in head] == [packet.journal_hash]
        and [json.loads(entry.body)["data"]["content_sha256"] for entry in published]
        == [packet.content_sha256]
    )


def _is_whole(entry: Event) -> bool:
    return follow(bytes(entry.previous), entry.seq, entry.body) == bytes(entry.hash)


def _file(kind: FileKind, file: PacketFile) -> Finding:
    try:
        holds = _digest(pieces(place_of(file.sha256))) == file.sha256
    except FileNotFoundError:
        return Finding(kind.label, False, "is missing")
    except OSError:
        return Finding(kind.label, False, "cannot be read")
    return Finding(kind.label, holds, "is unchanged since it was sealed" if holds else "was changed")


def _digest(content: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest()


def _seal(files: Mapping[FileKind, PacketFile], kept: Mapping[FileKind, Finding]) -> Iterator[Finding]:
    """The archive's signed manifest names the files by their hashes; without an archive there is none yet."""
    if archive := files.get(FileKind.ZIP):
        by = seal.certificate_of(archive.certificate)
        holds = kept[FileKind.ZIP].holds and by is not None and _holds(lambda: _is_sealed(archive, files, by))
        says = "by the certificate below, and names these very files" if holds else "does not hold"
        yield Finding("The seal", holds, f"was made {says}" if holds else says)


def _is_sealed(archive: PacketFile, files: Mapping[FileKind, PacketFile], by: Certificate) -> bool:
    manifest = _manifest(archive)
    signature = bytes.fromhex(manifest.pop("signature")["value"])
    if not seal.is_signed(canonical(manifest).encode(), signature, by):
        return False
    sealed = {name: mark["sha256"] for name, mark in manifest["files"].items()}
    return all(sealed[NAMES[kind]] == file.sha256 for kind, file in files.items() if kind in NAMES)


def _manifest(archive: PacketFile) -> dict[str, Any]:
    with zipfile.ZipFile(place_of(archive.sha256)) as packed:
        return cast(dict[str, Any], json.loads(packed.read(MANIFEST)))
