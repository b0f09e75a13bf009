"""Working time: how many days and hours of a span a workspace actually works.

Hours are local wall time, so a calendar stays right across daylight saving: a local time that does not
exist moves to the next valid instant, one that exists twice means the first.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

MIDNIGHT = time(0)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Hours = tuple[tuple[time, time], ...]


class Period(NamedTuple):
    """One stretch of working time, as instants in UTC; the end is outside."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a workspace works.

    `week` holds the hours of each weekday, Monday first, in order and apart from each other; an end of
    00:00 is the day's end. Raises ValueError for a week without hours or with hours out of order.
    """

    zone: str
    week: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("A working week has seven days and hours on at least one of them.")
        for hours in self.week:
            _check_order(hours)

    def is_working_day(self, day: date) -> bool:
        return bool(self.week[day.weekday()]) and day not in self.holidays

    def working_days_between(self, start: date, end: date) -> int:
        """Full working days from `start` up to, not including, `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        return int(np.busday_count(start, end, self._weekmask, self._holidays))

    def working_days_in(self, first: date, last: date) -> int:
        """Working days from `first` to `last`, both included."""
        return self.working_days_between(first, last + DAY)

    def add_working_days(self, day: date, count: int) -> date:
        """The working day `count` working days after `day`; a day off counts as the working day after it."""
        moved = np.busday_offset(day, count, "forward", self._weekmask, self._holidays)
        return date.fromisoformat(str(moved))

    def periods(self, first: date, last: date) -> Iterator[Period]:
        """The working periods of the days from `first` to `last`, both included."""
        for day in _days(first, last):
            if self.is_working_day(day):
                yield from self._periods_of(day)

    def working_hours_between(self, start: datetime, end: datetime) -> float:
        """Working hours from `start` to `end`, both aware; 0.0 when `end` is not later."""
        if end <= start:
            return 0.0
        periods = self.periods(self._local(start), self._local(end))
        return sum((_overlap(period, start, end) for period in periods), timedelta()) / HOUR

    def add_working_hours(self, start: datetime, hours: float) -> datetime:
        """The first instant at which `hours` working hours have passed since `start`."""
        left = timedelta(hours=hours)
        if left <= timedelta():
            return start
        for period in self._periods_from(start):
            begins = max(period.starts_at, start)
            if begins + left <= period.ends_at:
                return begins + left
            left -= period.ends_at - begins
        raise AssertionError("Working time never ends.")

    def is_open(self, now: datetime) -> bool:
        day = self._local(now)
        return any(period.starts_at <= now < period.ends_at for period in self.periods(day, day))

    def next_opening(self, now: datetime) -> datetime:
        """`now` itself within working time, else the start of the next period."""
        return max(now, next(self._periods_from(now)).starts_at)

    def _periods_from(self, now: datetime) -> Iterator[Period]:
        every = self.periods(self._local(now), date.max - DAY)
        return itertools.dropwhile(lambda period: period.ends_at <= now, every)

    def _periods_of(self, day: date) -> Iterator[Period]:
        zone = ZoneInfo(self.zone)
        for opens, closes in self.week[day.weekday()]:
            last = day + DAY if closes == MIDNIGHT else day
            period = Period(_instant(day, opens, zone), _instant(last, closes, zone))
            if period.starts_at < period.ends_at:
                yield period

    def _local(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    @property
    def _weekmask(self) -> list[bool]:
        return [bool(hours) for hours in self.week]

    @property
    def _holidays(self) -> list[date]:
        return list(self.holidays)


def _check_order(hours: Hours) -> None:
    """Refuses hours that end before they start or reach into the next ones."""
    ends = [end if end != MIDNIGHT else time.max for _, end in hours]
    starts = [start for start, _ in hours]
    if any(start >= end for start, end in zip(starts, ends, strict=True)):
        raise ValueError("Working hours end after they start.")
    if any(end > start for end, start in zip(ends, starts[1:], strict=False)):
        raise ValueError("Working hours of a day follow each other without overlap.")


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _overlap(period: Period, start: datetime, end: datetime) -> timedelta:
    return max(min(period.ends_at, end) - max(period.starts_at, start), timedelta())


@lru_cache(maxsize=4096)
def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant of a local time: the first of two, or the next valid one when there is none."""
    first = datetime.combine(day, at, zone)
    instant = first.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == first.replace(tzinfo=None):
        return instant
    return _end_of_gap(first.replace(fold=1).astimezone(UTC), instant, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between the two at which the clocks jump, found by halving to the second."""
    jumped = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == jumped:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
