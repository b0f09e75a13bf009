"""The same-day clock: from the acceptance to the end of that day where the client is."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

REMINDED_BEFORE: Final = timedelta(hours=4)


def end_of_day(at: datetime, *, zone: str) -> datetime:
    """When the day of `at` ends in a zone. That day may have 23 or 25 hours."""
    there = ZoneInfo(zone)
    following = at.astimezone(there).date() + timedelta(days=1)
    return datetime.combine(following, time(), there).astimezone(UTC)


def is_same_day(published_at: datetime, *, ends_at: datetime | None) -> bool | None:
    """Whether a packet kept its promise; None where no clock ran."""
    return None if ends_at is None else published_at < ends_at


def left(ends_at: datetime, *, now: datetime) -> str:
    """“3 h left”, in the last hour “20 min left”, then “2 h over”."""
    span = abs(ends_at - now)
    told = _span(span)
    return f"{told} left" if now < ends_at else f"{told} over"


def _span(span: timedelta) -> str:
    minutes = int(span / timedelta(minutes=1))
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 72 else f"{hours // 24} d"


def last_minute(ends_at: datetime, *, zone: str) -> datetime:
    """The last minute of the day that ends then, as people say it: 23:59."""
    return (ends_at - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
