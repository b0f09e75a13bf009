"""How the benchmarks measure: ways in turn (A B A B), three times or more, medians, a ratio and its goal."""

import math
import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

REPEATS = 3

Work = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure beside the one bound that it is given (numbers as in docs/performance)."""

    number: int
    name: str
    value: float
    at_most: float
    at_least: float
    unit: str

    @property
    def is_met(self) -> bool:
        return self.at_least <= self.value <= self.at_most

    @property
    def verdict(self) -> str:
        bound = f"at most {self.at_most:g}" if self.at_most < math.inf else f"at least {self.at_least:g}"
        figure = f"{self.value:.3g}{self.unit}"
        return f"{figure:>10}   {bound + self.unit:<16} {'met' if self.is_met else 'MISSED'}"


@dataclass(slots=True)
class Report:
    """The figures of one run, printed as they come; those with a goal once more at the end."""

    goals: list[Goal] = field(default_factory=list)

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def note(self, name: str, figure: str) -> None:
        print(f"  {name:<58} {figure}", flush=True)

    def goal(
        self,
        number: int,
        name: str,
        value: float,
        *,
        at_most: float = math.inf,
        at_least: float = -math.inf,
        unit: str = "",
    ) -> None:
        goal = Goal(number, name, value, at_most, at_least, unit)
        self.goals.append(goal)
        self.note(f"goal {number}: {name}", goal.verdict)

    def table(self) -> None:
        """All goals in their order."""
        self.title(f"{'goal':<60} {'figure':>10}   {'bound':<16} verdict")
        for goal in sorted(self.goals, key=lambda goal: goal.number):
            self.note(f"{goal.number:>2} {goal.name}", goal.verdict)

    def memory(self) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.note("memory of this process at its highest", f"{peak:.0f} MB")


def timed(work: Work) -> float:
    """Seconds that the work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def alternating(*ways: Work, repeats: int = REPEATS, before: Work = lambda: None) -> list[float]:
    """The median seconds of each way, taken in turn; `before` runs unmeasured ahead of each."""
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(repeats):
        for seconds, way in zip(taken, ways, strict=True):
            before()
            seconds.append(timed(way))
    return [statistics.median(seconds) for seconds in taken]


def size(default: int) -> int:
    """How many rows to measure with; SIZE overrides."""
    return int(os.environ.get("SIZE", default))
