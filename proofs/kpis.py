"""What the KPIs mean: one for each layer, and the figures beside them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from proofs.words import Kpi

LATELY: Final = timedelta(days=90)
TREND: Final = timedelta(days=30)
TENTH: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Definition:
    layer: str
    unit: str
    means: str
    counts: str  # what `n` is a number of


DEFINITIONS: Final[Mapping[Kpi, Definition]] = {
    Kpi.CLARITY: Definition(
        "Milestone definition",
        "of 100",
        "The mean clarity score of milestones that are not closed, in projects that are not archived.",
        "open milestones",
    ),
    Kpi.ON_TIME: Definition(
        "Execution telemetry",
        "%",
        "The mean chance that a milestone in execution or QA ends by its planned date.",
        "milestones at work",
    ),
    Kpi.RESOLUTION: Definition(
        "Escalation",
        "working hours",
        "The mean time from opening a blocker to resolving it, of those resolved in the last 90 days.",
        "resolved blockers",
    ),
    Kpi.CONFIDENCE: Definition(
        "Proof packaging",
        "of 100",
        "The mean of what clients tapped, 1 to 5, times 20, with decisions and packets of the last 90 days.",
        "answers",
    ),
    Kpi.CONVERSATION: Definition(
        "Expansion",
        "%",
        "Opportunities that reached a conversation ÷ delivered packets, since the beginning. Versions of one "
        "milestone’s packet count once.",
        "delivered packets",
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and from how many cases it was made. Of no case there is no value, and not 0."""

    value: Decimal | None
    n: int

    def __post_init__(self) -> None:
        if (self.value is None) != (self.n == 0):
            raise ValueError("A figure has a value when it has cases, and only then.")


NONE: Final = Figure(None, 0)


def figure(value: Decimal | float | None, n: int) -> Figure:
    """A figure to one decimal, rounded half up; none without cases."""
    if not n or value is None:
        return NONE
    return Figure(Decimal(str(value)).quantize(TENTH, ROUND_HALF_UP), n)


def share(part: int, n: int) -> Figure:
    """How many of `n`, in percent."""
    return figure(Decimal(100) * part / n if n else None, n)


@dataclass(frozen=True, slots=True)
class Point:
    """What a KPI was on one day."""

    day: date
    value: Decimal | None
    n: int


def trend(figure: Figure, points: Sequence[Point], *, today: date) -> Decimal | None:
    """The change since thirty days ago, from the last day until then that had a value; None where none had.

    A value of more than ninety days ago says nothing of the last thirty.
    """
    then = [
        point.value
        for point in points
        if today - LATELY <= point.day <= today - TREND and point.value is not None
    ]
    return moved(figure.value, since=then[-1] if then else None)


def moved(value: Decimal | None, *, since: Decimal | None) -> Decimal | None:
    """By how much a value changed; None where one of the two is missing."""
    return None if value is None or since is None else value - since


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiTold:
    """A KPI as it is shown: what it means, what it is now, how it moved. Points are by day, oldest first."""

    code: str
    name: str
    layer: str
    means: str
    unit: str
    counts: str
    value: Decimal | None
    n: int
    trend: Decimal | None
    points: Sequence[Point]


def told(kpi: Kpi, now: Figure, points: Sequence[Point], *, today: date) -> KpiTold:
    said = DEFINITIONS[kpi]
    return KpiTold(
        code=kpi.value,
        name=str(kpi.label),
        layer=said.layer,
        means=said.means,
        unit=said.unit,
        counts=said.counts,
        value=now.value,
        n=now.n,
        trend=trend(now, points, today=today),
        points=points,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """A figure beside the five."""

    code: str
    name: str
    means: str
    unit: str
    counts: str
    value: Decimal | None
    n: int


def further(code: str, name: str, means: str, unit: str, counts: str, now: Figure) -> Further:
    return Further(code=code, name=name, means=means, unit=unit, counts=counts, value=now.value, n=now.n)


Row = dict[str, Any]
COLUMNS: Final = ("code", "name", "day", "value", "unit", "n")


def table(kpis: Sequence[KpiTold], others: Sequence[Further], *, today: date) -> list[Row]:
    """One row for each figure and day, oldest first; today's are as they are now."""
    rows: list[Row] = []
    for kpi in kpis:
        own = {"code": kpi.code, "name": kpi.name, "unit": kpi.unit}
        rows += [{**own, "day": p.day, "value": p.value, "n": p.n} for p in kpi.points if p.day < today]
        rows.append({**own, "day": today, "value": kpi.value, "n": kpi.n})
    for other in others:
        own = {"code": other.code, "name": other.name, "unit": other.unit}
        rows.append({**own, "day": today, "value": other.value, "n": other.n})
    return rows
