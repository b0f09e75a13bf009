"""How confident clients are: the mean of one tap of 1 to 5 each, times 20, with its n and its trend. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

LOWEST, HIGHEST = 1, 5
MEANS: Final = {LOWEST: "I have doubts", HIGHEST: "I fully trust it"}
CHANGEABLE_FOR: Final = timedelta(days=7)
RECENT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, 1 to 5."""

    at: datetime
    score: int


@dataclass(frozen=True, slots=True)
class Told:
    """`score` is 20 to 100. `trend` compares the answers of the last 30 days with all before, in points."""

    score: Decimal | None
    n: int
    trend: Decimal | None


def score(scores: Sequence[int]) -> Decimal | None:
    """The mean of the answers, times 20. Without an answer there is no score."""
    if not scores:
        return None
    return (Decimal(20) * sum(scores) / len(scores)).quantize(Decimal("0.1"))


def told(answers: Iterable[Given], *, now: datetime) -> Told:
    found = list(answers)
    recent = score([each.score for each in found if each.at > now - RECENT])
    before = score([each.score for each in found if each.at <= now - RECENT])
    trend = recent - before if recent is not None and before is not None else None
    return Told(score([each.score for each in found]), len(found), trend)
