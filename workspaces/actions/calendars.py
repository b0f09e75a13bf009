"""When the workspace works: its hours, holidays and days off, and their lay-out for set-based sweeps."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from journal.actions import record
from journal.actors import Actor
from tenancy.models import Workspace
from tenancy.refusal import Refused
from tenancy.saving import check
from workspaces.models import WorkDay, WorkingCalendar, WorkPeriod
from workspaces.queries import parsed_calendar
from workspaces.working_time import HOUR, Calendar

Week = Sequence[Sequence[Sequence[str]]]

NINE_TO_FIVE: Week = [[["09:00", "17:00"]]] * 5 + [[], []]
BEHIND = timedelta(days=200)
AHEAD = timedelta(days=400)

# Some thousand rows: as arrays they are one statement each, and no objects.
LAY_DAYS = """
INSERT INTO workspaces_workday (id, workspace_id, day, is_working, ordinal)
SELECT uuidv7(), %s, * FROM unnest(%s::date[], %s::boolean[], %s::integer[])
"""
LAY_PERIODS = """
INSERT INTO workspaces_workperiod (id, workspace_id, starts_at, ends_at, hours_before)
SELECT uuidv7(), %s, * FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::float8[])
"""


def begin_calendar(workspace: Workspace, *, now: datetime) -> WorkingCalendar:
    """Monday to Friday, nine to five, no holidays: the calendar of a new workspace."""
    calendar = WorkingCalendar.objects.create(hours=NINE_TO_FIVE, laid_out_until=now.date())
    lay_out_calendar(workspace, now=now)
    return calendar


@transaction.atomic
def set_calendar(
    workspace: Workspace,
    *,
    hours: Week,
    by: Actor,
    now: datetime,
    country: str = "",
    subdivision: str = "",
    days_off: Sequence[date] = (),
) -> WorkingCalendar:
    """Sets hours (seven days from Monday, each a list of ["HH:MM", "HH:MM"]), holidays and own days off."""
    calendar = WorkingCalendar.objects.select_for_update().get()
    calendar.hours, calendar.days_off = [[list(span) for span in day] for day in hours], sorted(set(days_off))
    calendar.country, calendar.subdivision = country, subdivision
    check(calendar, ["country", "subdivision"])
    _check_usable(calendar, workspace)
    calendar.save()
    lay_out_calendar(workspace, now=now)
    told = {
        "hours": calendar.hours,
        "country": country,
        "subdivision": subdivision,
        "days_off": calendar.days_off,
    }
    record(calendar, "calendar.set", by=by, at=now, data=told)
    return calendar


def _check_usable(calendar: WorkingCalendar, workspace: Workspace) -> None:
    try:
        parsed_calendar(calendar, zone=workspace.time_zone)
    except NotImplementedError as error:
        raise Refused(
            "No holidays are known for that country or region.",
            code="invalid",
            fields={"country": ["Choose a country and region from the list, or none."]},
        ) from error
    except ValueError as error:
        raise Refused(str(error), code="invalid", fields={"hours": [str(error)]}) from error


@transaction.atomic
def lay_out_calendar(workspace: Workspace, *, now: datetime) -> None:
    """Writes the working days and periods around today anew, so that sweeps can count them in SQL."""
    row = WorkingCalendar.objects.select_for_update().get()
    today = now.astimezone(ZoneInfo(workspace.time_zone)).date()
    first, row.laid_out_until = today - BEHIND, today + AHEAD
    calendar = parsed_calendar(row, zone=workspace.time_zone)
    WorkDay.objects.all().delete()
    WorkPeriod.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(LAY_DAYS, [row.workspace_id, *_days(calendar, first, row.laid_out_until)])
        cursor.execute(LAY_PERIODS, [row.workspace_id, *_periods(calendar, first, row.laid_out_until)])
    row.save(update_fields=["laid_out_until"])


def _days(calendar: Calendar, first: date, last: date) -> tuple[list[date], list[bool], list[int]]:
    """The columns of WorkDay."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    working = [calendar.is_working_day(day) for day in days]
    return days, working, list(accumulate(working, initial=0))[:-1]


def _periods(
    calendar: Calendar, first: date, last: date
) -> tuple[list[datetime], list[datetime], list[float]]:
    """The columns of WorkPeriod."""
    periods = list(calendar.periods(first, last))
    hours = ((period.ends_at - period.starts_at) / HOUR for period in periods)
    before = list(accumulate(hours, initial=0.0))[:-1]
    return [period.starts_at for period in periods], [period.ends_at for period in periods], before
