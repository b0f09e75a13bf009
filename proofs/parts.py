"""What a proof packet still misses, in the same words and codes on page, in API and journal."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from proofs.words import UNSOUND, Found
from tenancy.refusal import Unmet

WRONG: Final = {
    Found.CHANGED: "was changed since it was added",
    Found.UNREACHABLE: "is not reachable",
    Found.MISSING: "is missing or damaged",
}
UNSEEN: Final = "has not been looked at yet"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A version of an artifact as the last look found it; `found` is empty when nobody has looked yet."""

    title: str
    found: str
    version_id: str = ""

    @property
    def shown(self) -> str:
        """What is agreed to by whoever lets it go out as it was found: this version, found like this."""
        return f"{self.version_id} {self.found}"

    @property
    def is_sound(self) -> bool:
        return self.found != "" and self.found not in UNSOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """All that decides whether a packet may be published.

    `pairs` counts metrics with before and after, `as_found` holds what may go out as it was `shown`;
    `is_revoked`: an earlier version's address was, and none is in its place.
    """

    is_accepted: bool
    has_decision: bool
    recap: str
    pairs: int
    not_measurable: str
    artifacts: Sequence[Delivered]
    as_found: Collection[str]
    risks: str
    recommendation: str
    is_revoked: bool = False


def missing(a: Assembled) -> list[Unmet]:
    """What keeps a packet from being published; empty when it may be."""
    unsound = told_of_unsound(each for each in a.artifacts if each.shown not in a.as_found)
    checks = [
        (a.is_accepted, "accepted", "The client has not accepted the milestone yet."),
        (
            a.has_decision or not a.is_accepted,
            "decision_on_record",
            "No decision that stands is on record for this acceptance.",
        ),
        (_says(a.recap), "recap", "Write the objective recap: what the milestone was meant to prove."),
        (
            a.pairs > 0 or _says(a.not_measurable),
            "metrics",
            "Give one metric a baseline and a current value, or say why nothing is measurable.",
        ),
        (bool(a.artifacts), "artifacts", "Link or upload what was delivered."),
        (not unsound, "artifacts_found", unsound),
        (_says(a.risks), "risks", "State the known risks, or write “none”."),
        (_says(a.recommendation), "recommendation", "Recommend what follows, or write “none”."),
        (
            not a.is_revoked,
            "link",
            "The packet’s address was revoked, so its mail would open nothing: make a new one.",
        ),
    ]
    return [Unmet(code, message) for passed, code, message in checks if not passed]


def _says(text: str) -> bool:
    return bool(text.strip())


def told_of_unsound(artifacts: Iterable[Delivered]) -> str:
    """What is wrong with the artifacts, each by its title; empty when nothing is."""
    unsound = [each for each in artifacts if not each.is_sound]
    if not unsound:
        return ""
    wrong = [f"“{each.title}” {WRONG[Found(each.found)] if each.found else UNSEEN}" for each in unsound]
    advice = "Mend it" if any(each.found for each in unsound) else "Wait a minute for the look"
    return f"{'; '.join(wrong)}. {advice}, or publish with what was found."
