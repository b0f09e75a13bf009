"""What a handoff packet says of a milestone, what it still misses, and why another version comes. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Final

from milestones import gates
from milestones.date_letters import day
from tenancy.refusal import Unmet

# What somebody may write; where they wrote nothing, the record speaks.
WRITTEN: Final = ("open_dependencies", "next_stage_trigger", "next_move_owner", "recommendation")

NOTHING: Final = "none"
LONGEST: Final = 1900
REASON: Final = 300
ACCEPTED: Final = "The client accepted the milestone."
SHORT_OF_HANDS: Final = (
    "Capacity is short: other work is rescheduled, and the way to this milestone is protected."
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A milestone that this one waits for and nobody has accepted yet."""

    code: str
    name: str
    expected: date | None


@dataclass(frozen=True, slots=True)
class Threat:
    """An open blocker. `waits_for` is the client's contact who must answer; empty when we must."""

    number: int
    title: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One move of a date. `is_root`: it was meant itself, not dragged along."""

    code: str
    from_date: date | None
    to_date: date
    reason: str
    is_root: bool


@dataclass(frozen=True, slots=True)
class News:
    """What became of the plan since a version was written, moves in the order they were made."""

    moves: Sequence[Moved] = ()
    added: int = 0
    is_short: bool = False

    def __bool__(self) -> bool:
        return bool(self.moves) or self.added > 0 or self.is_short


def filled(written: Mapping[str, str], recorded: Mapping[str, str]) -> dict[str, str]:
    """Every text as somebody wrote it, else as the record has it."""
    return {name: written.get(name, "").strip() or text for name, text in recorded.items()}


def own_words(typed: Mapping[str, str], recorded: Mapping[str, str]) -> dict[str, str]:
    """What differs from the record; the rest stays empty and goes on following it."""
    return {name: "" if text.strip() == recorded[name] else text for name, text in typed.items()}


def missing(words: Mapping[str, str], *, is_accepted: bool) -> list[Unmet]:
    """What keeps a handoff packet from being published; empty when it may be."""
    accepted = [] if is_accepted else [Unmet("accepted", "The client has not accepted the milestone yet.")]
    following = [
        Unmet(code, message)
        for code, message in (
            ("next_stage_trigger", "State what starts once it is accepted."),
            ("recommendation", "Recommend what follows, or write “none”."),
        )
        if not words[code].strip()
    ]
    ends = {name: words[name] for name in ("open_dependencies", "next_move_owner")}
    return [*accepted, *gates.missing_words(**ends), *following]


def open_dependencies(waiting: Iterable[Waiting], threats: Iterable[Threat]) -> str:
    """Everything that is still open, a line each, for the client to read; “none” where nothing is."""
    lines = [*map(_of_milestone, waiting), *map(_of_blocker, threats)]
    return _fitted(lines) or NOTHING


def _of_milestone(each: Waiting) -> str:
    expected = f", expected on {day(each.expected)}" if each.expected else ", without a date yet"
    return f"{each.code} {each.name}{expected}"


def _of_blocker(each: Threat) -> str:
    """What only we can remove is named by its number: its title was written for the team."""
    if not each.waits_for:
        return f"Blocker {each.number}, which we are removing ourselves"
    return f"Blocker {each.number}: {each.title}, waits for {each.waits_for}"


def _fitted(lines: Sequence[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) > LONGEST:
            return "\n".join([*kept, f"and {len(lines) - len(kept)} more"])
        kept.append(line)
    return "\n".join(kept)


def approval_state(*, name: str, on: date, channel: str, question: int) -> str:
    return f"Approved by {name} on {day(on)}, by {channel.lower()}, in answer to question {question}."


def reason_of(news: News) -> str:
    """Why the plan asks for another version, in a line that the client may read."""
    said = [_of_moves(news.moves), _of_added(news.added), SHORT_OF_HANDS if news.is_short else ""]
    return shorten(" ".join(filter(None, said)), REASON, placeholder="…")


def _of_moves(moves: Sequence[Moved]) -> str:
    if not moves:
        return ""
    first = next((move for move in reversed(moves) if move.is_root), moves[-1])
    others = len(_codes(moves) - {first.code})
    more = f", and {others} more with it" if others else ""
    why = shorten(first.reason, REASON // 2, placeholder="…")
    moved = f"{first.code} moves from {day(first.from_date)} to {day(first.to_date)}{more}"
    return f"The plan was rescheduled: {moved}. Reason: {why}"


def _codes(moves: Collection[Moved]) -> set[str]:
    return {move.code for move in moves}


def _of_added(count: int) -> str:
    if not count:
        return ""
    return f"{'A milestone was' if count == 1 else f'{count} milestones were'} added to the plan."
