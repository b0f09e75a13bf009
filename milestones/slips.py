"""Whose slip it was: every day that a date moved is attributed by the reason that was given. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from milestones.words import Attribution, MoveReason

ATTRIBUTED: Mapping[MoveReason, Attribution] = {
    MoveReason.ESTIMATE: Attribution.OURS,
    MoveReason.REWORK: Attribution.OURS,
    MoveReason.CAPACITY: Attribution.OURS,
    MoveReason.AHEAD: Attribution.OURS,
    MoveReason.CLIENT_INPUT: Attribution.CLIENT,
    MoveReason.CLIENT_DECISION: Attribution.CLIENT,
    MoveReason.THIRD_PARTY: Attribution.THIRD_PARTY,
    MoveReason.SCOPE_CHANGE: Attribution.SCOPE,
}


@dataclass(frozen=True, slots=True)
class Slip:
    """Calendar days: `later` as they were lost, `earlier` as they were won back."""

    later: int = 0
    earlier: int = 0

    @property
    def net(self) -> int:
        return self.later - self.earlier

    def plus(self, days: int) -> "Slip":
        return Slip(self.later + max(days, 0), self.earlier + max(-days, 0))


def tally(moves: Iterable[tuple[Attribution, int]]) -> dict[Attribution, Slip]:
    """The days of all moves by whose they were, in the order of the words."""
    slips = dict.fromkeys(Attribution, Slip())
    for attribution, days in moves:
        slips[attribution] = slips[attribution].plus(days)
    return slips


def total(slips: Mapping[Attribution, Slip]) -> Slip:
    return Slip(sum(slip.later for slip in slips.values()), sum(slip.earlier for slip in slips.values()))
