"""What a client reads about dates: a move, a missed date, the plan that stands after it. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

NO_DATE = "no date"
ROOT_CAUSE = "[What exactly happened?]"
RECOVERY = "[What we do about it, and until when?]"


class Named(Protocol):
    """A milestone as a letter names it."""

    code: str
    name: str


class Change(Protocol):
    """A milestone whose date moves, or stays where `before` is `to`."""

    @property
    def milestone(self) -> Named: ...
    @property
    def before(self) -> date | None: ...
    @property
    def to(self) -> date: ...


class Letter(NamedTuple):
    title: str
    body: str


def moved(changes: Sequence[Change], *, reason: str, mitigation: str = "") -> Letter:
    """A moved date with its reason, and what it does to all that waits for it."""
    first, *later = changes
    paragraphs = [
        f"The date of {_named(first)} moves from {day(first.before)} to {day(first.to)}.",
        f"Reason: {reason}",
        f"What we do about it: {mitigation}" if mitigation else "",
        _effect(later),
    ]
    return Letter(f"New date for {_named(first)}: {day(first.to)}", _paragraphs(paragraphs))


def missed(milestone: Named, planned: date, *, cause: str, plan: str, later: Sequence[Change]) -> Letter:
    """The acknowledgement of a missed date."""
    paragraphs = [
        f"{milestone.code} {milestone.name} was planned for {day(planned)} and is not completed.",
        f"Why: {cause or ROOT_CAUSE}",
        f"What happens now: {plan or RECOVERY}",
        _effect(later),
    ]
    return Letter(f"{milestone.code} {milestone.name} missed its date", _paragraphs(paragraphs))


def revised(milestone: Named, forecast: date | None, *, plan: str, later: Sequence[Change]) -> Letter:
    """The plan that stands after a missed date."""
    paragraphs = [
        f"The plan for {milestone.code} {milestone.name} after its missed date: {plan}",
        f"We now expect it on {day(forecast)}." if forecast else "",
        _effect(later),
    ]
    return Letter(f"Revised plan for {milestone.code} {milestone.name}", _paragraphs(paragraphs))


def asked(changes: Sequence[Change], *, reason: str) -> str:
    """Old and new planned dates of a new baseline, and why it is asked for."""
    lines = [f"{_named(change)}: {day(change.before)}, new: {day(change.to)}" for change in changes]
    return f"{reason}\n\nPlanned dates, old and new:\n" + "\n".join(lines)


def day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else NO_DATE


def _effect(later: Sequence[Change]) -> str:
    if not later:
        return "No later milestone depends on it."
    return "Later milestones:\n" + "\n".join(_line(change) for change in later)


def _line(change: Change) -> str:
    if change.before == change.to:
        return f"{_named(change)}: stays at {day(change.to)}"
    return f"{_named(change)}: {day(change.to)}, before {day(change.before)}"


def _named(change: Change) -> str:
    return f"{change.milestone.code} {change.milestone.name}"


def _paragraphs(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)
