"""Whether a published packet still holds: what is kept is checked again, now, against what was sealed."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Q

from journal.canonical import canonical
from journal.chain import follow
from journal.models import Event
from milestones.files import pieces, place_of
from proofs.archive import MANIFEST, NAMES, Packet
from proofs.models import PacketFile
from proofs.rendering import seal
from proofs.words import FileKind

PUBLISHED = "_packet.published"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and how it was found."""

    what: str
    holds: bool
    says: str


def findings(packet: Packet, files: Mapping[FileKind, PacketFile]) -> list[Finding]:
    """What was found of a published packet. Call it inside the workspace's door."""
    kept = [_file(kind, file) for kind, file in files.items()]
    return [_content(packet), _journal(packet), *kept, *_seal(files)]


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
    holds = (
        all(map(_is_whole, entries))
        and [bytes(entry.hash).hex() for entry in head] == [packet.journal_hash]
        and [json.loads(entry.body)["data"]["content_sha256"] for entry in published]
        == [packet.content_sha256]
    )
    if not holds:
        return Finding("The journal", False, "does not tell of this packet as it is")
    return Finding("The journal", True, f"tells of it in entry {published[0].seq}, with the same SHA-256")


def _is_whole(entry: Event) -> bool:
    return follow(bytes(entry.previous), entry.seq, entry.body) == bytes(entry.hash)


def _file(kind: FileKind, file: PacketFile) -> Finding:
    try:
        digest = _digest(pieces(place_of(file.sha256)))
    except FileNotFoundError:
        return Finding(kind.label, False, "is missing")
    holds = digest == file.sha256
    return Finding(kind.label, holds, "is unchanged since it was sealed" if holds else "was changed")


def _digest(content: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest()


def _seal(files: Mapping[FileKind, PacketFile]) -> Iterator[Finding]:
    """The archive's signed manifest names the files by their hashes; without an archive there is none yet."""
    if archive := files.get(FileKind.ZIP):
        holds = _is_sealed(archive, files)
        says = "by the certificate below, and names these very files" if holds else "does not hold"
        yield Finding("The seal", holds, f"was made {says}" if holds else says)


def _is_sealed(archive: PacketFile, files: Mapping[FileKind, PacketFile]) -> bool:
    manifest = _manifest(archive)
    signature = bytes.fromhex(manifest.pop("signature", {"value": ""})["value"])
    certificate = seal.certificate_of(archive.certificate)
    if certificate is None or not seal.is_signed(canonical(manifest).encode(), signature, certificate):
        return False
    sealed = {name: mark["sha256"] for name, mark in manifest["files"].items()}
    return all(sealed[NAMES[kind]] == file.sha256 for kind, file in files.items() if kind in NAMES)


def _manifest(archive: PacketFile) -> dict[str, Any]:
    """The manifest in a kept archive; empty when it cannot be read."""
    try:
        with zipfile.ZipFile(place_of(archive.sha256)) as packed:
            return cast(dict[str, Any], json.loads(packed.read(MANIFEST)))
    except (FileNotFoundError, KeyError, ValueError, zipfile.BadZipFile):
        return {}
