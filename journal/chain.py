"""The hash chain as a rule: how an entry's hash follows from the one before.

`tools/verify_journal.py` says the same again without importing anything of ours; a test holds them together.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from journal.canonical import encoded


class Entry(NamedTuple):
    """One stored entry. `personal` is its (salt, content), None once erased; `row` what its columns say."""

    seq: int
    body: str
    previous: bytes
    hash: bytes
    personal: tuple[str, object] | None
    row: tuple[object, ...]


def genesis(workspace_id: UUID) -> bytes:
    """The hash before the first entry."""
    return hashlib.sha256(b"cairn journal " + workspace_id.bytes).digest()


def follow(previous: bytes, seq: int, body: str) -> bytes:
    """sha256(previous hash, sequence number as 8 bytes big-endian, canonical body in UTF-8)."""
    return hashlib.sha256(previous + seq.to_bytes(8) + body.encode()).digest()


def commitment(salt: str, personal: object) -> str:
    """What the chain keeps of personal fields (JSON): erasing text and salt leaves the chain whole."""
    return hashlib.sha256(f"{salt}{encoded(personal)}".encode()).hexdigest()


def first_fault(entries: Iterable[Entry], *, start: bytes, head_seq: int, head_hash: bytes) -> str:
    """What is wrong with a chain, naming the first bad entry; empty when it is whole."""
    previous, expected = start, 1
    for entry in entries:
        if fault := _fault(entry, previous=previous, expected=expected):
            return fault
        previous, expected = entry.hash, expected + 1
    if expected - 1 < head_seq:
        return f"Entry {expected} is missing: the end was cut off, for the head is entry {head_seq}."
    if previous != head_hash:
        return f"The head's hash is not that of entry {head_seq}."
    return ""


def _fault(entry: Entry, *, previous: bytes, expected: int) -> str:
    if entry.seq != expected:
        return f"Entry {expected} is missing: entry {entry.seq} follows entry {expected - 1}."
    if entry.previous != previous or follow(previous, entry.seq, entry.body) != entry.hash:
        return f"Entry {entry.seq} does not follow from entry {entry.seq - 1}: its text or hash was changed."
    told = json.loads(entry.body)
    if entry.personal and commitment(*entry.personal) != told["personal"]:
        return f"Entry {entry.seq} names other people than when it was written."
    if row_of(told) != entry.row:
        return f"Entry {entry.seq} was changed: its columns say something else than its text."
    return ""


def row_of(told: Mapping[str, Any]) -> tuple[object, ...]:
    """What the columns of an entry must say, by its body; journal/queries.py reads them in this order."""
    subject, actor = told["subject"], told["actor"]
    return (
        told["id"],
        told["at"],
        told["kind"],
        subject["kind"],
        subject["id"],
        told["thread"],
        actor["kind"],
        actor["id"],
        told["cause"],
    )
