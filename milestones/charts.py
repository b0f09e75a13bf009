"""Where the lines, bars and words of a project's two figures stand. Pure: the same for page and paper.

All places are in the units of the figure's own view box, from its upper left corner.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from milestones.earned import Point

DAY = timedelta(days=1)
MONTHS_APART: Final = 70.0  # units between two names of months, at the least


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Days laid out evenly between two places."""

    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        span = max((self.last - self.first).days, 1)
        return round(self.left + (self.right - self.left) * (day - self.first).days / span, 1)

    def months(self) -> list[Tick]:
        """The first of each month, as far apart as their names need."""
        ticks: list[Tick] = []
        for day in _firsts(self.first, self.last):
            if not ticks or self.x(day) - ticks[-1].x >= MONTHS_APART:
                ticks.append(
                    Tick(self.x(day), f"{day:%b %Y}" if day.month == 1 or not ticks else f"{day:%b}")
                )
        return ticks


def _firsts(first: date, last: date) -> Iterable[date]:
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            yield day
        day = (day + 32 * DAY).replace(day=1)


# The timeline: one row for each milestone.

ROW: Final = 26.0
HEAD: Final = 26.0
NAMES: Final = 250.0
LONGEST: Final = 36  # letters of a name beside its bar
WIDTH: Final = 1000.0
TAIL: Final = 66.0  # room for a date behind the last bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the timeline knows of a milestone. `until` is when its work ended, None while it goes on."""

    id: UUID
    code: str
    name: str
    planned_start: date | None
    planned: date | None
    forecast: date | None
    begun: date | None
    until: date | None
    needs: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """One bar or line from `x` to `end`."""

    x: float
    end: float

    @property
    def width(self) -> float:
        return round(max(self.end - self.x, 3.0), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row. `note` is the date that holds now, written behind the last bar."""

    y: float
    name: str
    planned: Stretch | None
    forecast: Stretch | None
    actual: Stretch | None
    note: str
    note_x: float


@dataclass(frozen=True, slots=True)
class Timeline:
    width: float
    height: float
    lanes: list[Lane]
    ties: list[str]  # paths of the dependency lines
    months: list[Tick]
    today: float


def timeline(works: Sequence[Work], *, today: date) -> Timeline | None:
    """None when nothing of it has a date."""
    days = [day for work in works for day in _days(work)]
    if not days:
        return None
    scale = Scale(min(*days, today) - 2 * DAY, max(*days, today) + 2 * DAY, NAMES, WIDTH - TAIL)
    lanes = {work.id: _lane(work, number, scale, today) for number, work in enumerate(works)}
    ties = [
        tie
        for work in works
        for needed in work.needs
        if needed in lanes and (tie := _tie(lanes[needed], lanes[work.id]))
    ]
    height = HEAD + ROW * len(works) + 6
    return Timeline(WIDTH, height, list(lanes.values()), ties, scale.months(), scale.x(today))


def _days(work: Work) -> list[date]:
    known = (work.planned_start, work.planned, work.forecast, work.begun, work.until)
    return [day for day in known if day]


def _lane(work: Work, number: int, scale: Scale, today: date) -> Lane:
    planned = _stretch(scale, work.planned_start or work.planned, work.planned)
    actual = _stretch(scale, work.begun, work.until or (max(today, work.begun) if work.begun else None))
    begins = max(today, work.begun) if work.begun else work.planned_start or work.forecast
    is_ahead = work.until is None and work.forecast and begins and work.forecast >= begins
    forecast = _stretch(scale, begins, work.forecast) if is_ahead else None
    ends = [stretch.end for stretch in (planned, actual, forecast) if stretch]
    holds = work.until or work.forecast or work.planned
    return Lane(
        y=HEAD + ROW * number + ROW / 2,
        name=f"{work.code}  {shortened(work.name)}",
        planned=planned,
        forecast=forecast,
        actual=actual,
        note=f"{holds.day} {holds:%b}" if holds else "",
        note_x=max(ends, default=NAMES) + 8,
    )


def _stretch(scale: Scale, start: date | None, end: date | None) -> Stretch | None:
    """A day is drawn from its morning to its evening."""
    if start is None or end is None:
        return None
    return Stretch(scale.x(start), scale.x(end + DAY))


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def _tie(needed: Lane, waiting: Lane) -> str:
    """From where the needed one ends to where the waiting one begins, down its left side."""
    ends = [stretch.end for stretch in (needed.forecast, needed.actual) if stretch]
    begins = [stretch.x for stretch in (waiting.planned, waiting.forecast, waiting.actual) if stretch]
    if not begins or not (ends or needed.planned):
        return ""
    end = max(ends) if ends else needed.planned.end  # type: ignore[union-attr]
    begin = min(begins)
    turn = min(end, begin) - 5
    if begin - end >= 6:
        turn = begin - 4
    return f"M{end} {needed.y}H{max(end, turn)}V{(needed.y + waiting.y) / 2}H{turn}V{waiting.y}H{begin}"


# The S-curve: planned, earned and forecast shares of the scope over time.

CURVE_WIDTH: Final = 760.0
CURVE_HEIGHT: Final = 270.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 650.0, 18.0, 236.0
APART: Final = 16.0  # between two words at the lines' ends


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and the words at its end."""

    code: str
    points: str
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    lines: list[Line]
    levels: list[Tick]
    months: list[Tick]
    today: float


def s_curve(
    planned: Sequence[Point], earned: Sequence[Point], forecast: Sequence[Point], *, today: date
) -> Curve | None:
    """None when no milestone has a date."""
    if len(planned) < 2:
        return None
    days = [day for day, _ in (*planned, *earned, *forecast)]
    scale = Scale(min(days), max(*days, today), LEFT, RIGHT)
    drawn: Mapping[str, Sequence[Point]] = {"planned": planned, "forecast": forecast, "earned": earned}
    lines = [_line(code, points, scale) for code, points in drawn.items() if len(points) > 1]
    levels = [Tick(_height(part), f"{part:.0%}") for part in (0, 0.5, 1)]
    return Curve(
        *(CURVE_WIDTH, CURVE_HEIGHT, LEFT, RIGHT, TOP, BOTTOM),
        lines=_apart(lines),
        levels=levels,
        months=scale.months(),
        today=scale.x(today),
    )


def _height(part: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * part, 1)


def _line(code: str, points: Sequence[Point], scale: Scale) -> Line:
    places = [(scale.x(day), _height(part)) for day, part in points]
    x, y = places[-1]
    text = f"{code.capitalize()} {points[-1][1]:.0%}"
    return Line(code, " ".join(f"{x},{y}" for x, y in places), text, x + 6, y + 4)


def _apart(lines: Iterable[Line]) -> list[Line]:
    """Words at the ends, moved down where they would stand on each other."""
    by_height = sorted(lines, key=lambda line: line.y)
    places = [line.y for line in by_height]
    for above, below in pairwise(range(len(places))):
        if abs(by_height[below].x - by_height[above].x) < 90:
            places[below] = max(places[below], places[above] + APART)
    return [
        Line(line.code, line.points, line.text, line.x, y) for line, y in zip(by_height, places, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Level:
    """Planned, earned and expected shares by the end of one day; None where a line does not reach."""

    day: date
    planned: float | None
    earned: float | None
    forecast: float | None


def levels(planned: Sequence[Point], earned: Sequence[Point], forecast: Sequence[Point]) -> list[Level]:
    """The table behind the S-curve: every day on which something changes."""
    days = sorted({day for day, _ in (*planned, *earned, *forecast)})
    last_earned = max((day for day, _ in earned), default=date.min)
    first_ahead = min((day for day, _ in forecast), default=date.max)
    return [
        Level(
            day,
            _at(planned, day),
            _at(earned, day) if day <= last_earned else None,
            _at(forecast, day) if day >= first_ahead else None,
        )
        for day in days
    ]


def _at(points: Sequence[Point], day: date) -> float | None:
    return max((part for at, part in points if at <= day), default=None)
