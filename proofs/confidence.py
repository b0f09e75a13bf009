"""How confident clients are: the mean of one tap of 1 to 5 each, times 20, with its n and its trend. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from proofs.kpis import TREND, Figure, figure, moved

LOWEST, HIGHEST = 1, 5
MEANS: Final = {LOWEST: "I have doubts", HIGHEST: "I fully trust it"}
CHANGEABLE_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, 1 to 5."""

    at: datetime
    score: int


@dataclass(frozen=True, slots=True)
class Told:
    """`score` is 20 to 100. `trend` is how much it moved since thirty days ago, in points."""

    score: Decimal | None
    n: int
    trend: Decimal | None


def score(total: int, n: int) -> Figure:
    """The mean of `n` answers, times 20. Without an answer there is no score."""
    return figure(Decimal(20) * total / n if n else None, n)


def told(answers: Iterable[Given], *, now: datetime) -> Told:
    found = list(answers)
    current, then = _score_of(found), _score_of(each for each in found if each.at <= now - TREND)
    return Told(current.value, current.n, moved(current.value, since=then.value))


def _score_of(answers: Iterable[Given]) -> Figure:
    scores = [each.score for each in answers]
    return score(sum(scores), len(scores))
