"""The QA checklist: what a person looks at before the client is asked, and what the answers score."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Literal

from tenancy.refusal import Refused
from tenancy.text import LINE

Reply = Literal["yes", "no", "na"]
REPLIES: Mapping[Reply, bool | None] = {"yes": True, "no": False, "na": None}
NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at. A must, which the gate to review asks for, always applies, and must be so."""

    code: str
    asks: str
    help: str
    is_must: bool = True


ITEMS = (
    Item("scope_matches", "The output matches the agreed scope", "Nothing agreed is missing, nothing added."),
    Item("assets_checked", "Files, links and assets are checked", "Each opens, and is the right version."),
    Item(
        "blockers_disclosed",
        "Known blockers are resolved or disclosed",
        "What is still open stands in the caveats of the request.",
    ),
    Item(
        "criteria_evidenced",
        "Every criterion was looked at, with evidence",
        "Each is met or not met, and says how that was seen.",
    ),
    Item(
        "caveats_written",
        "Caveats are written down",
        "What the client should know before deciding. Not applicable where there is none.",
        is_must=False,
    ),
)
BY_CODE = {item.code: item for item in ITEMS}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person found. `passed` is None for what does not apply here."""

    code: str
    passed: bool | None
    note: str = ""


def score(answers: Sequence[Answer]) -> int:
    """The share of yes among what applies, in percent, halves rounded up."""
    applying = [answer.passed for answer in answers if answer.passed is not None]
    return int(Fraction(100 * sum(applying), len(applying)) + Fraction(1, 2)) if applying else 0


def passes_at(answers: Sequence[Answer], threshold: int) -> int:
    """What a run is held against: the threshold of the milestone, or 100 where a must is answered with no.

    No share of yes makes up for a must, so that such a run fails at any threshold.
    """
    return 100 if unmet_musts(answers) else threshold


def unmet_musts(answers: Sequence[Answer]) -> list[str]:
    """What was asked and answered with no though it must be so, in the order of the checklist."""
    no = {answer.code for answer in answers if answer.passed is False}
    return [item.asks for item in ITEMS if item.is_must and item.code in no]


def check_complete(answers: Sequence[Answer]) -> None:
    """Refuses a run that answers not every item, or answers one twice or with what it does not take.

    Raises:
        Refused: with what is wrong, by item.
    """
    if faults := {code: [said] for code, said in _faults(answers).items()}:
        raise Refused("Answer every item of the checklist once.", code="invalid", fields=faults)


def _faults(answers: Sequence[Answer]) -> dict[str, str]:
    faults = {item.code: "Answer this item." for item in ITEMS}
    seen: set[str] = set()
    for answer in answers:
        fault = "This item is answered twice." if answer.code in seen else _fault(answer)
        seen.add(answer.code)
        faults.pop(answer.code, None)
        if fault:
            faults[answer.code] = fault
    return faults


def _fault(answer: Answer) -> str:
    item = BY_CODE.get(answer.code)
    if item is None:
        return f"There is no such item. The checklist has {', '.join(BY_CODE)}."
    if answer.passed is None and item.is_must:
        return "This item always applies: answer yes or no."
    if len(answer.note) > NOTE_LENGTH:
        return f"A note has at most {NOTE_LENGTH} characters; this one has {len(answer.note)}."
    return "A note is one line, without invisible characters." if LINE.search(answer.note) else ""


def kept(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """The answers as a run keeps them, in the order of the checklist."""
    order = list(BY_CODE)
    return [asdict(answer) for answer in sorted(answers, key=lambda answer: order.index(answer.code))]
