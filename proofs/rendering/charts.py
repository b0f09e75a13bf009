"""Where the bars and the line of a metric stand. Pure: the same for page and paper.

Bars are in percent of the width; the line in the units of its own view box, from the upper left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

WIDTH: Final = 600.0
HEIGHT: Final = 56.0
EDGE: Final = 4.0
THINNEST: Final = 0.4


@dataclass(frozen=True, slots=True)
class Bar:
    """From `x`, so wide; `zero` is where nought stands."""

    x: float
    width: float
    zero: float


@dataclass(frozen=True, slots=True)
class Trace:
    """A line through all values, and its last point."""

    points: str
    x: float
    y: float
    target: float | None
    width: float = WIDTH
    height: float = HEIGHT


def bars(values: Sequence[Decimal | None]) -> list[Bar | None]:
    """One bar for each value, from nought, on one scale."""
    known = [value for value in values if value is not None]
    lowest, highest = min([*known, Decimal(0)]), max([*known, Decimal(0)])
    span = highest - lowest or Decimal(1)
    zero = _share(-lowest, span)
    return [None if value is None else _bar(value, lowest, span, zero) for value in values]


def _bar(value: Decimal, lowest: Decimal, span: Decimal, zero: float) -> Bar:
    end = _share(value - lowest, span)
    return Bar(min(zero, end), max(round(abs(end - zero), 2), THINNEST), zero)


def _share(part: Decimal, span: Decimal) -> float:
    return round(float(part / span * 100), 2)


def trace(points: Sequence[tuple[datetime, Decimal]], *, target: Decimal | None) -> Trace | None:
    """The history as a line; None below three values, of which the bars say everything."""
    if len(points) < 3:
        return None
    values = [value for _, value in points] + ([] if target is None else [target])
    lowest, highest = min(values), max(values)
    first, last = points[0][0], points[-1][0]
    seconds = (last - first).total_seconds() or 1.0
    places = [
        (
            round(EDGE + (WIDTH - 2 * EDGE) * (at - first).total_seconds() / seconds, 1),
            _height(value, lowest, highest),
        )
        for at, value in points
    ]
    x, y = places[-1]
    return Trace(
        " ".join(f"{x},{y}" for x, y in places),
        x,
        y,
        None if target is None else _height(target, lowest, highest),
    )


def _height(value: Decimal, lowest: Decimal, highest: Decimal) -> float:
    part = float((value - lowest) / (highest - lowest)) if highest > lowest else 0.5
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * part, 1)
