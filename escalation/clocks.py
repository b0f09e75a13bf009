"""When a blocker's clocks run out, and what it makes of the milestone's record. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from milestones.words import BlockerStatus

RESPONSE_HOURS = 8
AGING = timedelta(hours=18)
CRITICAL_HOURS = 48
LAST_CALL = timedelta(hours=48)


class WorkingTime(Protocol):
    """What the clocks need of a calendar (workspaces/working_time.py)."""

    def add_working_hours(self, start: datetime, hours: float) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    response_due_at: datetime
    aging_at: datetime
    critical_at: datetime


def clocks(opened_at: datetime, *, is_critical: bool, calendar: WorkingTime) -> Clocks:
    """Response in 8 working hours, aging after 18 on the wall, critical after 48 working hours or at once."""
    return Clocks(
        response_due_at=calendar.add_working_hours(opened_at, RESPONSE_HOURS),
        aging_at=opened_at + AGING,
        critical_at=opened_at if is_critical else calendar.add_working_hours(opened_at, CRITICAL_HOURS),
    )


@dataclass(frozen=True, slots=True)
class Open:
    """An open blocker, as far as the record is concerned."""

    opened_at: datetime
    critical_at: datetime
    is_critical: bool
    is_answered: bool
    stops_path: bool


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What a milestone's record says about its blockers."""

    blocked_since: datetime | None
    stopped_since: datetime | None
    critical_at: datetime | None
    blocker_status: BlockerStatus


def on_record(blockers: Iterable[Open], *, forecast_ends_at: datetime | None, now: datetime) -> OnRecord:
    """The oldest open blocker, the oldest on the path, when the first turns critical, and the status now."""
    still = list(blockers)
    return OnRecord(
        blocked_since=min((b.opened_at for b in still), default=None),
        stopped_since=min((b.opened_at for b in still if b.stops_path), default=None),
        critical_at=min((_turns_critical(b, forecast_ends_at) for b in still), default=None),
        blocker_status=_status(still, forecast_ends_at, now=now),
    )


def is_critical(blocker: Open, *, forecast_ends_at: datetime | None, now: datetime) -> bool:
    """By its severity, by 48 working hours, or unanswered in the last 48 hours of the forecast."""
    return blocker.is_critical or _turns_critical(blocker, forecast_ends_at) < now


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The midnight that ends a day there, in UTC: 48 hours before a local time might cross a clock's jump."""
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)


def _turns_critical(blocker: Open, forecast_ends_at: datetime | None) -> datetime:
    """An unanswered blocker also turns critical when 48 hours are left until the forecast date ends."""
    if forecast_ends_at is None or blocker.is_answered:
        return blocker.critical_at
    return min(blocker.critical_at, forecast_ends_at - LAST_CALL)


def _status(blockers: list[Open], forecast_ends_at: datetime | None, *, now: datetime) -> BlockerStatus:
    if not blockers:
        return BlockerStatus.NONE
    if any(is_critical(b, forecast_ends_at=forecast_ends_at, now=now) for b in blockers):
        return BlockerStatus.CRITICAL
    return BlockerStatus.OPEN
