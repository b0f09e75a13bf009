"""When the workspace works, as a rule and laid out for sweeps."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from journal.models import Event, JobRun
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from workspaces import actions, tasks
from workspaces.models import WorkDay, WorkingCalendar, WorkPeriod
from workspaces.queries import calendar_of

SHORT_WEEK = [[["09:00", "12:00"], ["13:00", "18:00"]]] * 4 + [[], [], []]


def test_hours_holidays_and_days_off_make_the_calendar(studio, door, by):
    actions.set_calendar(
        studio,
        hours=SHORT_WEEK,
        country="DE",
        subdivision="BE",
        days_off=[date(2026, 3, 4)],
        by=by,
        now=MONDAY,
    )

    calendar = calendar_of(studio)
    assert calendar.week[0] == ((time(9), time(12)), (time(13), time(18)))
    assert [calendar.is_working_day(date(2026, 3, day)) for day in (2, 3, 4, 5, 6)] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert not calendar.is_working_day(date(2026, 12, 25))
    assert Event.objects.latest("seq").kind == "calendar.set"


def test_the_lay_out_counts_what_the_rule_counts(studio, door, by):
    actions.set_calendar(studio, hours=SHORT_WEEK, country="DE", by=by, now=MONDAY)
    calendar = calendar_of(studio)
    first, last = date(2026, 3, 2), date(2026, 6, 30)
    start, end = datetime(2026, 3, 3, 10, tzinfo=UTC), datetime(2026, 6, 25, 9, tzinfo=UTC)

    days = WorkDay.objects.get(day=last).ordinal - WorkDay.objects.get(day=first).ordinal
    before = WorkPeriod.objects.filter(starts_at__lte=end).latest("starts_at")
    after = WorkPeriod.objects.filter(starts_at__lte=start).latest("starts_at")
    hours = before.hours_before - after.hours_before - 1

    assert days == calendar.working_days_between(first, last)
    assert hours == calendar.working_hours_between(start, end)


def test_the_lay_out_reaches_from_200_days_back_to_400_ahead(studio, door):
    days = WorkDay.objects.order_by("day").values_list("day", flat=True)

    assert (days.first(), days.last()) == (
        MONDAY.date() - timedelta(days=200),
        MONDAY.date() + timedelta(days=400),
    )
    assert WorkingCalendar.objects.get().laid_out_until == days.last()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hours": [[]] * 7}, "hours"),
        ({"hours": [[["09:00", "17:00"]]] * 5}, "hours"),
        ({"hours": [[["17:00", "09:00"]]] * 7}, "hours"),
        ({"hours": [[["nine", "five"]]] * 7}, "hours"),
        ({"hours": [[["09:00"]]] * 7}, "hours"),
        ({"country": "XX"}, "country"),
        ({"country": "DE", "subdivision": "ZZ"}, "country"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused_by_field(studio, door, by, wrong, field):
    with pytest.raises(Refused) as refusal:
        actions.set_calendar(studio, **{"hours": SHORT_WEEK, "by": by, "now": MONDAY, **wrong})

    assert list(refusal.value.fields) == [field]


def test_calendars_that_run_short_are_laid_out_further(fresh_database, time_machine):
    fresh, stale = _two_workspaces()
    time_machine.move_to(MONDAY + timedelta(days=40), tick=False)

    tasks.extend_calendars()
    tasks.extend_calendars()

    assert _laid_out_until(stale) == MONDAY.date() + timedelta(days=440)
    assert _laid_out_until(fresh) == MONDAY.date() + timedelta(days=439)
    assert JobRun.objects.get(name="calendars").touched == 0


def _two_workspaces():
    ada = factories.person()
    return factories.workspace(ada, now=MONDAY + timedelta(days=39)), factories.workspace(ada)


def _laid_out_until(workspace):
    with inside(workspace):
        return WorkingCalendar.objects.get().laid_out_until
