from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspaces.working_time import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
MORNING, LUNCH, AFTER, EVENING = time(9), time(12), time(13), time(18)
WEEKDAY = ((MORNING, LUNCH), (AFTER, EVENING))
OFFICE = Calendar("Europe/Berlin", (WEEKDAY,) * 5 + ((), ()), frozenset({date(2026, 12, 25)}))
ALWAYS = Calendar("Europe/Berlin", (((time(0), time(0)),),) * 7)
NIGHT = Calendar("Europe/Berlin", (((time(2), time(2, 30)),),) * 7)

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def berlin(year: int, month: int, day: int, hour: int) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BERLIN)


def test_a_holiday_is_no_working_day():
    assert [OFFICE.is_working_day(date(2026, 12, day)) for day in (24, 25, 26)] == [True, False, False]


def test_working_days_count_the_first_day_and_not_the_last():
    assert OFFICE.working_days_between(date(2026, 11, 20), date(2026, 11, 23)) == 1


def test_working_days_backwards_are_negative():
    assert OFFICE.working_days_between(date(2026, 11, 23), date(2026, 11, 20)) == -1


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 0, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 24)),
        (date(2026, 12, 24), 1, date(2026, 12, 28)),
        (date(2026, 11, 23), -1, date(2026, 11, 20)),
    ],
)
def test_working_days_are_added_over_weekends_and_holidays(day, count, expected):
    assert OFFICE.add_working_days(day, count) == expected


@given(days, days, days)
def test_working_days_add_up(a, b, c):
    whole = OFFICE.working_days_between(a, c)

    assert whole == OFFICE.working_days_between(a, b) + OFFICE.working_days_between(b, c)


@given(days, st.integers(-200, 200))
def test_adding_working_days_is_undone_by_counting_them(day, count):
    first = OFFICE.add_working_days(day, 0)

    assert OFFICE.working_days_between(first, OFFICE.add_working_days(day, count)) == count


def test_the_lunch_break_and_the_night_are_not_worked():
    monday_eleven, tuesday_ten = berlin(2026, 11, 23, 11), berlin(2026, 11, 24, 10)

    assert OFFICE.working_hours_between(monday_eleven, tuesday_ten) == 7.0


def test_no_working_hours_pass_backwards():
    assert OFFICE.working_hours_between(berlin(2026, 11, 24, 10), berlin(2026, 11, 23, 11)) == 0.0


@pytest.mark.slow
@given(instants, instants, instants)
def test_working_hours_add_up_and_never_shrink(a, b, c):
    a, b, c = sorted([a, b, c])

    parts = [OFFICE.working_hours_between(a, b), OFFICE.working_hours_between(b, c)]

    assert OFFICE.working_hours_between(a, c) == pytest.approx(sum(parts))
    assert min(parts) >= 0


@pytest.mark.slow
@given(instants, instants)
def test_who_always_works_works_every_hour_of_the_clock(a, b):
    a, b = sorted([a, b])

    assert ALWAYS.working_hours_between(a, b) == pytest.approx((b - a) / timedelta(hours=1))


@pytest.mark.slow
@given(instants, st.floats(0.01, 200))
def test_adding_working_hours_is_undone_by_counting_them(start, hours):
    end = OFFICE.add_working_hours(start, hours)

    assert OFFICE.working_hours_between(start, end) == pytest.approx(hours, abs=1e-6)
    assert OFFICE.working_hours_between(start, end - timedelta(minutes=1)) < hours


def test_adding_no_hours_stays_even_outside_working_time():
    sunday = berlin(2026, 11, 22, 12)

    assert OFFICE.add_working_hours(sunday, 0) == sunday


@pytest.mark.parametrize(
    ("now", "is_open", "opening"),
    [
        (berlin(2026, 11, 23, 9), True, berlin(2026, 11, 23, 9)),
        (berlin(2026, 11, 23, 12), False, berlin(2026, 11, 23, 13)),
        (berlin(2026, 11, 20, 18), False, berlin(2026, 11, 23, 9)),
        (berlin(2026, 12, 24, 23), False, berlin(2026, 12, 28, 9)),
    ],
)
def test_opening_hours_start_on_time_and_end_on_time(now, is_open, opening):
    assert (OFFICE.is_open(now), OFFICE.next_opening(now)) == (is_open, opening)


def test_a_local_time_that_does_not_exist_moves_to_the_next_valid_instant():
    from_two_fifteen = Calendar("Europe/Berlin", (((time(2, 15), time(5)),),) * 7)

    assert from_two_fifteen.next_opening(berlin(2026, 3, 29, 0)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_hours_inside_the_skipped_hour_are_not_worked():
    assert NIGHT.working_hours_between(berlin(2026, 3, 28, 12), berlin(2026, 3, 29, 12)) == 0.0


def test_hours_inside_the_doubled_hour_are_worked_once_at_the_first():
    first = datetime(2026, 10, 25, 0, tzinfo=UTC)

    assert NIGHT.next_opening(berlin(2026, 10, 24, 12)) == first
    assert NIGHT.working_hours_between(first, first + timedelta(hours=6)) == 0.5


def test_a_zone_may_skip_a_whole_day():
    apia = Calendar("Pacific/Apia", (((time(9), time(17)),),) * 7)
    thursday_evening = datetime(2011, 12, 29, 18, tzinfo=ZoneInfo("Pacific/Apia"))

    assert apia.next_opening(thursday_evening) == datetime(2011, 12, 31, 9, tzinfo=ZoneInfo("Pacific/Apia"))


def test_periods_lay_out_the_days_asked_for():
    periods = list(OFFICE.periods(date(2026, 11, 20), date(2026, 11, 22)))

    assert periods == [
        (berlin(2026, 11, 20, 9), berlin(2026, 11, 20, 12)),
        (berlin(2026, 11, 20, 13), berlin(2026, 11, 20, 18)),
    ]


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 7,
        (WEEKDAY,) * 6,
        (((EVENING, MORNING),),) + ((),) * 6,
        (((MORNING, AFTER), (LUNCH, EVENING)),) + ((),) * 6,
    ],
)
def test_an_impossible_week_is_refused(week):
    with pytest.raises(ValueError, match=r"[Ww]ork"):
        Calendar("Europe/Berlin", week)
