"""What is known by date as amounts by working day. Days are counted from today, so past ones are below 0."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise


def by_working_day(amounts: Iterable[tuple[int, float]], days: Sequence[int]) -> tuple[float, ...]:
    """What was done on each of these past working days; a day off counts for the working day before it."""
    done = [0.0] * len(days)
    for day, amount in amounts:
        if days and days[0] <= day < 0:
            done[bisect_right(days, day) - 1] += amount
    return tuple(done)


def gains(levels: Iterable[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """What each level, oldest first, adds to the best one so far. A level that falls takes nothing back."""
    best = [(0, 0.0)]
    for day, level in levels:
        best.append((day, max(best[-1][1], level)))
    for (_, before), (day, after) in pairwise(best):
        yield day, after - before
