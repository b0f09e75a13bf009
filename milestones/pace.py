"""Whether a plan has too few or too many milestones for its length. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

TOO_FEW_TO_TELL = 3
SLOWEST = 0.5  # milestones a week: one in two weeks
FASTEST = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Milestones a week over the plan's span; None with fewer than three, which tell nothing."""

    a_week: float | None
    verdict: str

    @property
    def is_sound(self) -> bool:
        return not self.verdict


def pace(planned: Collection[date], *, start: date) -> Pace:
    """Aim at one or two milestones a week; fewer than one in two weeks or more than two a week is flagged."""
    if len(planned) < TOO_FEW_TO_TELL:
        return Pace(None, "")
    weeks = max((max(planned) - start).days, 7) / 7
    a_week = len(planned) / weeks
    if a_week < SLOWEST:
        return Pace(a_week, "Fewer than one milestone in two weeks: delay would hide. Split the larger ones.")
    if a_week > FASTEST:
        return Pace(a_week, "More than two milestones a week: nobody can review that. Join the smaller ones.")
    return Pace(a_week, "")
