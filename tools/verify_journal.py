#!/usr/bin/env python3
"""Verifies an exported journal with Python's standard library alone: `verify_journal.py journal.jsonl`.

The file holds a line for the head, {"workspace", "seq", "hash"}, then one for each entry,
{"seq", "body", "hash", "salt", "personal"}. Hashes are SHA-256 in hex:

    before the first entry   sha256("cairn journal " + the workspace id's 16 bytes)
    of an entry              sha256(hash before + sequence number as 8 bytes, big-endian + body in UTF-8)
    body["personal"]         sha256(salt + personal as canonical JSON); both are null once erased

Whoever can write the database can also cut the end off and move the head. A head that you noted earlier finds
that: `--head SEQ:HASH`.
"""

import argparse
import hashlib
import json
import sys
import uuid
from collections.abc import Iterable, Iterator
from typing import Any


class Fault(Exception):
    """What is wrong, naming the first bad entry."""


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def genesis(workspace: str) -> bytes:
    return hashlib.sha256(b"cairn journal " + uuid.UUID(workspace).bytes).digest()


def follow(previous: bytes, entry: dict[str, Any]) -> bytes:
    """The hash of an entry.

    Raises:
        Fault: when it is not the one written beside it, or its personal part is another.
    """
    seq, body = entry["seq"], entry["body"]
    digest = hashlib.sha256(previous + seq.to_bytes(8, "big") + body.encode()).digest()
    if digest.hex() != entry["hash"]:
        raise Fault(f"Entry {seq} does not follow from entry {seq - 1}: its text or hash was changed.")
    if entry["salt"] is not None and committed(entry) != json.loads(body)["personal"]:
        raise Fault(f"Entry {seq} names other people than when it was written.")
    return digest


def committed(entry: dict[str, Any]) -> str:
    return hashlib.sha256((entry["salt"] + canonical(entry["personal"])).encode()).hexdigest()


def verify(lines: Iterable[str], noted: tuple[int, str] | None = None) -> tuple[int, str]:
    """The head (sequence number, hash) of a whole journal.

    Raises:
        Fault: with what is wrong with it.
    """
    parsed: Iterator[dict[str, Any]] = map(json.loads, lines)
    head = next(parsed)
    previous, last = genesis(head["workspace"]), 0
    for entry in parsed:
        if entry["seq"] != last + 1:
            raise Fault(f"Entry {last + 1} is missing: entry {entry['seq']} follows entry {last}.")
        previous, last = follow(previous, entry), entry["seq"]
        if noted and noted[0] == last and noted[1] != previous.hex():
            raise Fault(f"Entry {last} is not the one that you noted.")
    check_end(last, previous, head)
    if noted and noted[0] > last:
        raise Fault(f"Entry {last + 1} is missing: you noted entry {noted[0]}, so the end was cut off.")
    return last, previous.hex()


def check_end(last: int, digest: bytes, head: dict[str, Any]) -> None:
    if last < head["seq"]:
        raise Fault(f"Entry {last + 1} is missing: the end was cut off, for the head is entry {head['seq']}.")
    if digest.hex() != head["hash"]:
        raise Fault(f"The head's hash is not that of entry {last}.")


def note(text: str) -> tuple[int, str]:
    seq, _, digest = text.partition(":")
    return int(seq), digest


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies an exported Cairn journal.")
    parser.add_argument(
        "file", type=argparse.FileType(encoding="utf-8"), help="JSON lines; - reads standard input"
    )
    parser.add_argument("--head", type=note, metavar="SEQ:HASH", help="a head noted earlier")
    given = parser.parse_args()
    try:
        seq, digest = verify(given.file, given.head)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        print(f"This is no exported journal: {error!r}", file=sys.stderr)
        return 2
    print(f"{seq} entries, whole, head {seq}:{digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
