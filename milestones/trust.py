"""The trust clock: the first 14 days of an engagement, and what the client could see of them. Pure.

Progress that the client could see is one of `VISIBLE`, each of which stands in their portal or their mailbox.
What only the team sees (reports, work items, checks) is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

DAYS = 14
BY_DAY = 7

VISIBLE: Mapping[str, str] = {
    "execution": "work on a milestone began",
    "question": "the client was asked to decide",
    "notice": "a status update or a completion was sent",
}


@dataclass(frozen=True, slots=True)
class TrustClock:
    """Day `day` of 14 since the kickoff, with the first days on which something was seen and accepted."""

    day: int
    progress_on: date | None
    accepted_on: date | None

    @property
    def is_over(self) -> bool:
        return self.day > DAYS

    @property
    def is_silent(self) -> bool:
        """Half of the days are over and the client has seen nothing yet."""
        return BY_DAY <= self.day <= DAYS and self.progress_on is None


def clock(kickoff: date, today: date, *, progress_on: date | None, accepted_on: date | None) -> TrustClock:
    """The clock on a day; the day of the kickoff is day 1. Days are those of the workspace's zone."""
    return TrustClock(max((today - kickoff).days + 1, 1), progress_on, accepted_on)
