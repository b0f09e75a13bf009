"""Which entries of the journal a packet hands out, and how much of each. Pure.

An entry is bound by its hash as a whole: either its body is shown, then anyone can make the hash again, or it
is withheld and only its number and hash are named. A body that holds more than a client may know is withheld.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final, NotRequired, TypedDict

from journal.chain import Entry
from proofs.content import HandoffContent, JournalTold, ProofContent

TRAIL_SCHEMA: Final = "cairn.trail.v1"

ANSWER: Final = frozenset({"request_id", "number", "kind", "subject_id", "option", "channel", "digest"})
ARTIFACT: Final = frozenset({"title", "kind", "is_output", "number", "size", "sha256"})
PACKET: Final = frozenset({"number", "content_sha256", "journal_seq", "same_day"})
# What a client may know of an entry's data, by its kind. A kind that is not here is withheld.
OPEN: Final[Mapping[str, frozenset[str]]] = {
    "artifact.added": ARTIFACT,
    "artifact.version_added": ARTIFACT,
    "criterion.added": frozenset({"statement", "position"}),
    "decision.made": ANSWER,
    "decision.countermanded": ANSWER,
    "decision_request.sent": frozenset({"number", "kind", "question", "digest", "decide_by"}),
    "milestone.accepted": frozenset({"decision_id", "option"}),
    "milestone.created": frozenset({"code", "name", "planned_date", "split_from"}),
    "milestone.moved": frozenset({"from", "to"}),
    "milestone.rebaselined": frozenset({"from", "to", "reason", "decision_id"}),
    "proof_packet.published": PACKET,
    "qa_run.recorded": frozenset({"kind", "check", "score", "threshold", "passed", "versions"}),
    "review.ended": frozenset({"round", "outcome", "counts"}),
    "review.sent": frozenset({"round"}),
}


class EntryTold(TypedDict):
    """An entry of the journal; only number and hash when it is withheld, no salt when its people are."""

    seq: int
    hash: str
    previous: NotRequired[str]
    body: NotRequired[str]
    salt: NotRequired[str]
    personal: NotRequired[Any]


class Trail(TypedDict):
    schema: str
    workspace: str
    head: JournalTold
    entries: list[EntryTold]


def places(content: ProofContent | HandoffContent) -> list[int]:
    """The sequence numbers that the content tells of."""
    return sorted({told["seq"] for told in _told(content) if told["seq"] is not None})


def trail(content: ProofContent | HandoffContent, entries: Iterable[Entry]) -> Trail:
    """The entries at `places`, each as far as the packet's reader may know it."""
    known = frozenset(_texts(content))
    return {
        "schema": TRAIL_SCHEMA,
        "workspace": content["workspace"]["id"],
        "head": content["journal"],
        "entries": [_shown(entry, known) for entry in entries],
    }


def _told(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*content.get("trail", []), *content.get("decisions", [])]


def _texts(value: object) -> Iterator[str]:
    """Every text that the content says anyway."""
    match value:
        case str():
            yield value
        case Mapping():
            yield from chain.from_iterable(map(_texts, value.values()))
        case list():
            yield from chain.from_iterable(map(_texts, value))


def _shown(entry: Entry, known: Collection[str]) -> EntryTold:
    told = EntryTold(seq=entry.seq, hash=entry.hash.hex())
    if not _is_open(json.loads(entry.body)):
        return told
    told |= {"previous": entry.previous.hex(), "body": entry.body}
    if entry.personal and _is_known(entry.personal[1], known):
        told |= {"salt": entry.personal[0], "personal": entry.personal[1]}
    return told


def _is_open(body: Mapping[str, Any]) -> bool:
    return body["kind"] in OPEN and body["data"].keys() <= OPEN[body["kind"]]


def _is_known(personal: object, known: Collection[str]) -> bool:
    """Whether the packet says all of it anyway: then its reader learns nothing new about anybody."""
    return isinstance(personal, dict) and all(not said or said in known for said in personal.values())
