"""A project's dates as an iCalendar feed (RFC 5545), for the client's and the founder's own calendars. Pure.

An entry keeps its UID for good, so that a calendar moves it with the forecast instead of doubling it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event, vDuration

PRODUCT = "-//Cairn//Milestones//EN"
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A milestone on its day: the actual one once it is completed, the forecast before."""

    id: UUID
    version: int
    day: date
    title: str
    text: str
    is_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The moment until which a decision is asked for."""

    id: UUID
    version: int
    at: datetime
    title: str
    text: str


def feed(
    name: str, days: Iterable[Day], deadlines: Iterable[Deadline], *, host: str, changed_at: datetime
) -> bytes:
    """The whole calendar; the same content is the same bytes."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", vDuration(REFRESH), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    for day in days:
        calendar.add_component(_all_day(day, host=host, changed_at=changed_at))
    for deadline in deadlines:
        calendar.add_component(_moment(deadline, host=host, changed_at=changed_at))
    return bytes(calendar.to_ical())


def _all_day(day: Day, *, host: str, changed_at: datetime) -> Event:
    event = _event(day, host=host, changed_at=changed_at)
    event.add("dtstart", day.day)
    event.add("dtend", day.day + timedelta(days=1))
    event.add("status", "CONFIRMED" if day.is_certain else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    return event


def _moment(deadline: Deadline, *, host: str, changed_at: datetime) -> Event:
    event = _event(deadline, host=host, changed_at=changed_at)
    event.add("dtstart", deadline.at.astimezone(UTC))
    event.add("dtend", deadline.at.astimezone(UTC))
    event.add("transp", "TRANSPARENT")
    return event


def _event(entry: Day | Deadline, *, host: str, changed_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.id}@{host}")
    event.add("sequence", entry.version)
    event.add("dtstamp", changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", entry.title)
    event.add("description", entry.text)
    return event
