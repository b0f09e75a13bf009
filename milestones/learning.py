"""What past milestones teach the next plan: planned against actual working days, by kind. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from milestones.words import Kind

ENOUGH = 3  # closed milestones of a kind before its factor is used


@dataclass(frozen=True, slots=True)
class Lesson:
    """`factor` is the median of actual ÷ planned working days over `n` milestones, at least 1 of each."""

    kind: str
    n: int
    factor: float
    slipped: int

    @property
    def kind_name(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH


def lessons(spans: Iterable[tuple[str, int, int]]) -> list[Lesson]:
    """By kind, from (kind, planned working days, actual working days)."""
    by_kind: dict[str, list[tuple[int, int]]] = {}
    for kind, planned, actual in spans:
        by_kind.setdefault(kind, []).append((max(planned, 1), max(actual, 1)))
    return [
        Lesson(
            kind,
            len(pairs),
            round(median(actual / planned for planned, actual in pairs), 2),
            sum(actual > planned for planned, actual in pairs),
        )
        for kind, pairs in sorted(by_kind.items())
    ]


def factors(found: Iterable[Lesson]) -> dict[str, float]:
    """The factors that may pre-fill a plan: of kinds with enough history."""
    return {lesson.kind: lesson.factor for lesson in found if lesson.is_enough}
