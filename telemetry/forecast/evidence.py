"""What an on-time probability is made from, and what comes out: plain values, no clock, no database."""

from dataclasses import dataclass
from enum import StrEnum


class Progress(StrEnum):
    """By what the work of a milestone is counted."""

    ITEMS = "items"  # work items that are done
    REPORTS = "reports"  # the percent that is reported
    MEASURE = "measure"  # the effort behind a measured figure
    UNKNOWN = "unknown"  # nothing has been said yet


class Basis(StrEnum):
    """What a probability rests on most."""

    OWN = "own"
    KIND = "kind"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class OpenBlocker:
    """A blocker that stops the path. Its number keeps its fate apart from that of others."""

    number: int
    age_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the probability of a milestone at work is made from.

    `total` and `left` are amounts of work in one unit: items, percent, or shares of the effort. `own_days`
    are the amounts of each full working day in execution, oldest first, with zeros. `workdays` are the
    working days from today up to the planned date, both included, as calendar days from today.
    """

    kind: str
    progress: Progress
    total: float
    left: float
    planned_days: int  # working days of the planned span
    workdays: tuple[int, ...]
    is_past: bool = False  # the planned date is over
    own_days: tuple[float, ...] = ()
    ratios: tuple[float, ...] = ()  # actual / planned working days of closed milestones of the kind
    closed_of_kind: int = 0
    blockers: tuple[OpenBlocker, ...] = ()
    resolutions: tuple[float, ...] = ()  # calendar days that the workspace's resolved blockers were open


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What explains a probability; kept with it."""

    progress: Progress
    total: float
    left: float
    days_left: int  # working days, today and the planned date included
    own_days: int
    done_a_day: float | None  # the mean of the own days
    planned_days: int
    factor: float  # how many times its plan the work is assumed to take, in the middle
    learned_from: int  # closed milestones of the kind that say so; 0 where it is a default
    closed_of_kind: int
    blockers: int
    days_lost: float  # working days that the blockers take, in the middle


@dataclass(frozen=True, slots=True)
class Outlook:
    percent: int
    basis: Basis
    inputs: Inputs
