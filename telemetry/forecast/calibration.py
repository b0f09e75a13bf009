"""How good the on-time probabilities were: what was said, against what came of it. Pure.

All days on which a milestone was held to one planned date speak of the same promise and share its outcome.
Each promise therefore counts once, however many days it took: its days share its weight, and an interval is
as wide as its few promises make it, not as narrow as their many days would.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import fmean
from typing import Final
from uuid import UUID

ENOUGH: Final = 10  # milestones; below, a figure may be chance and says so
BINS: Final = 10
CONFIDENT: Final = 1.96  # standard deviations around a share: 95%

Promise = tuple[UUID, date]  # the milestone, and the planned date that it was held to


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The probability of one day, in percent, and whether the milestone was done by the date it spoke of."""

    milestone_id: UUID
    planned_date: date
    days_ahead: int  # calendar days until that date
    percent: int
    basis: str
    on_time: bool

    @property
    def promise(self) -> Promise:
        return self.milestone_id, self.planned_date


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """What so many probabilities were worth. Percentages, but for the scores: 0 is best, 1 worst.

    `reference` is the score of always saying the share that was on time, known only afterwards.
    """

    milestones: int
    promises: int
    days: int
    brier: float | None = None
    reference: float | None = None
    said: float | None = None
    on_time: float | None = None

    @property
    def is_enough(self) -> bool:
        return self.milestones >= ENOUGH

    @property
    def skill(self) -> float | None:
        """The part of the reference's error that was spared; below 0 the reference was better."""
        if self.brier is None or not self.reference:
            return None
        return 1 - self.brier / self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The promises for which `low` to `high` percent were said: the mean of it, and the share that was kept.

    `least` and `most` are the ends of Wilson's 95% interval for that share. All None without any promise.
    """

    low: int
    high: int
    promises: int
    said: float | None = None
    on_time: float | None = None
    least: float | None = None
    most: float | None = None


def accuracy(cases: Iterable[Case]) -> Accuracy:
    by_promise = _by_promise(cases)
    milestones, days = {of for of, _ in by_promise}, sum(map(len, by_promise.values()))
    counts = {"milestones": len(milestones), "promises": len(by_promise), "days": days}
    if not by_promise:
        return Accuracy(**counts)
    kept = fmean(group[0].on_time for group in by_promise.values())
    return Accuracy(
        **counts,
        brier=_mean(by_promise.values(), lambda case: (case.percent / 100 - case.on_time) ** 2),
        reference=kept * (1 - kept),
        said=_mean(by_promise.values(), lambda case: case.percent),
        on_time=100 * kept,
    )


def reliability(cases: Iterable[Case]) -> list[Bin]:
    """Ten bins of ten percent, the last with 100. A promise counts once in each bin that it was said in."""
    found: list[list[Case]] = [[] for _ in range(BINS)]
    for case in cases:
        found[min(case.percent * BINS // 100, BINS - 1)].append(case)
    return [_bin(number, of) for number, of in enumerate(found)]


def _bin(number: int, cases: Sequence[Case]) -> Bin:
    width, by_promise = 100 // BINS, _by_promise(cases)
    low, high = number * width, 100 if number == BINS - 1 else (number + 1) * width - 1
    if not by_promise:
        return Bin(low=low, high=high, promises=0)
    kept, n = sum(group[0].on_time for group in by_promise.values()), len(by_promise)
    least, most = wilson(kept, n)
    return Bin(
        low=low,
        high=high,
        promises=n,
        said=_mean(by_promise.values(), lambda case: case.percent),
        on_time=100 * kept / n,
        least=100 * least,
        most=100 * most,
    )


def wilson(kept: int, n: int, *, deviations: float = CONFIDENT) -> tuple[float, float]:
    """Wilson's score interval for a share of `kept` in `n`: it stays within 0 and 1, with few cases too."""
    squared = deviations**2
    middle = (kept + squared / 2) / (n + squared)
    half = deviations / (n + squared) * sqrt(kept * (n - kept) / n + squared / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def _by_promise(cases: Iterable[Case]) -> dict[Promise, list[Case]]:
    found: dict[Promise, list[Case]] = {}
    for case in cases:
        found.setdefault(case.promise, []).append(case)
    return found


def _mean(groups: Iterable[Sequence[Case]], value: Callable[[Case], float]) -> float:
    """The mean over promises of the mean over each one's days."""
    return fmean(fmean(map(value, group)) for group in groups)


# How far ahead, in calendar days up to the first figure. Beyond the last is the rest.
AHEAD: Final = ((2, "0 to 2 days"), (7, "3 to 7 days"), (14, "8 to 14 days"))
FURTHER: Final = "15 days and more"


def ahead(days: int) -> str:
    """The stretch that a number of days until the planned date lies in, in words."""
    return next((words for most, words in AHEAD if days <= most), FURTHER)


@dataclass(frozen=True, slots=True)
class Told:
    """All of it: together, by what was said, by what it rested on, and by how far ahead it was said."""

    together: Accuracy
    bins: list[Bin]
    by_basis: dict[str, Accuracy]
    by_ahead: dict[str, Accuracy]


def told(cases: Sequence[Case], *, bases: Sequence[str]) -> Told:
    return Told(
        accuracy(cases),
        reliability(cases),
        _grouped(cases, lambda case: case.basis, bases),
        _grouped(cases, lambda case: ahead(case.days_ahead), [*(words for _, words in AHEAD), FURTHER]),
    )


def _grouped(
    cases: Sequence[Case], group: Callable[[Case], str], names: Sequence[str]
) -> dict[str, Accuracy]:
    """The groups that there are, in the order of `names`."""
    found: dict[str, list[Case]] = {name: [] for name in names}
    for case in cases:
        found[group(case)].append(case)
    return {name: accuracy(of) for name, of in found.items() if of}
