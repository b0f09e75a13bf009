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


@dataclass(slots=True)
class Report:
    """The figures of one run, printed as they come."""

    missed: list[str] = field(default_factory=list)

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
        """One figure beside its goal, the one bound that is given (numbers as in docs/performance)."""
        is_met = at_least <= value <= at_most
        if not is_met:
            self.missed.append(f"{number} {name}")
        bound = f"at most {at_most:g}" if at_most < math.inf else f"at least {at_least:g}"
        verdict = "met" if is_met else "MISSED"
        shown = f"{value:.3g}{unit}"
        self.note(f"goal {number}: {name}", f"{shown:>10}   {bound}{unit}   {verdict}")

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
