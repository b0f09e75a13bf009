"""The hash chain as a rule: how an entry's hash follows from the one before.

`tools/verify_journal.py` says the same again without importing anything of ours; a test holds them together.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from journal.canonical import canonical


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    body: str
    hash: bytes


def genesis(workspace_id: UUID) -> bytes:
    """The hash before the first entry."""
    return hashlib.sha256(b"cairn journal " + workspace_id.bytes).digest()


def follow(previous: bytes, seq: int, body: str) -> bytes:
    """sha256(previous hash, sequence number as 8 bytes big-endian, canonical body in UTF-8)."""
    return hashlib.sha256(previous + seq.to_bytes(8) + body.encode()).digest()


def commitment(salt: str, personal: object) -> str:
    """What the chain keeps of personal fields: erasing text and salt leaves the chain whole."""
    return hashlib.sha256(f"{salt}{canonical(personal)}".encode()).hexdigest()


def first_fault(entries: Iterable[Entry], *, start: bytes, head_seq: int, head_hash: bytes) -> str:
    """What is wrong with a chain, naming the first bad entry; empty when it is whole."""
    previous, expected = start, 1
    for entry in entries:
        if entry.seq != expected:
            return f"Entry {expected} is missing: entry {entry.seq} follows entry {expected - 1}."
        if follow(previous, entry.seq, entry.body) != entry.hash:
            return (
                f"Entry {entry.seq} does not follow from entry {entry.seq - 1}: its text or hash was changed."
            )
        previous, expected = entry.hash, expected + 1
    if (expected - 1, previous) != (head_seq, head_hash):
        return f"The journal ends at entry {expected - 1}, but its head is entry {head_seq}: the end was cut off."
    return ""
