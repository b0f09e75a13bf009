"""Where the reliability plot's dots and words stand. Pure; places are in units of its own view box."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Final

from telemetry.forecast.calibration import Bin

WIDTH: Final = 400.0
HEIGHT: Final = 330.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 348.0, 22.0, 282.0
LEVELS: Final = (0, 25, 50, 75, 100)
SMALLEST, LARGEST = 3.0, 9.0  # radius of a dot


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the plot, at its place, with its words."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A bin: what was said from left to right, what was kept from bottom to top, and how sure that is."""

    x: float
    y: float
    radius: float
    top: float
    bottom: float
    promises: int

    @property
    def beside(self) -> float:
        """How far from its middle the word stands."""
        return self.radius + 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    across: list[Level]
    up: list[Level]
    dots: list[Dot]


def plot(bins: Iterable[Bin]) -> Plot:
    """A dot's area grows with the number of its promises."""
    held = [each for each in bins if each.promises]
    most = max((each.promises for each in held), default=1)
    return Plot(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        across=[Level(_x(level), f"{level}%") for level in LEVELS],
        up=[Level(_y(level), f"{level}%") for level in LEVELS],
        dots=[_dot(each, most) for each in held],
    )


def _dot(of: Bin, most: int) -> Dot:
    return Dot(
        x=_x(of.said or 0),
        y=_y(of.on_time or 0),
        radius=round(SMALLEST + (LARGEST - SMALLEST) * sqrt(of.promises / most), 1),
        top=_y(of.most or 0),
        bottom=_y(of.least or 0),
        promises=of.promises,
    )


def _x(percent: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * percent / 100, 1)


def _y(percent: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * percent / 100, 1)
