"""Planned and earned value, the curves, and the pace of a plan."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milestones.earned import Part, earned_curve, forecast_curve, planned_curve, value
from milestones.learning import factors, lessons
from milestones.pace import pace

START = date(2026, 3, 2)


def day(n: int) -> date:
    return START + timedelta(days=n)


def part(planned: int, accepted: int | None = None, weight: float = 10) -> Part:
    done = day(accepted) if accepted is not None else None
    return Part(weight=weight, planned=day(planned), forecast=day(planned), accepted=done)


def test_half_planned_and_forty_percent_earned_is_an_index_of_four_fifths():
    parts = [part(10, 9, 40), part(20, None, 10), part(90, None, 50)]

    found = value(parts, start=START, today=day(42))

    assert (found.planned, found.earned, found.spi) == (0.5, 0.4, 0.8)


def test_before_anything_was_due_there_is_no_index():
    assert value([part(10)], start=START, today=day(10)).spi is None


def test_a_project_without_milestones_has_no_value():
    assert value([], start=START, today=day(3)).spi_t is None


def test_the_index_in_time_does_not_drift_to_one_on_a_late_project():
    late = value([part(10, 20), part(20, 40)], start=START, today=day(60))

    assert (late.spi, late.spi_t) == (1.0, 0.5)


def test_earned_schedule_lies_between_the_dates_of_the_plan():
    parts = [part(10, 10, 50), part(20, None, 25), part(20, None, 25)]

    assert value(parts, start=START, today=day(20)).spi_t == 0.5


@given(st.lists(st.tuples(st.integers(0, 99), st.none() | st.integers(0, 99), st.integers(1, 9)), min_size=1))
def test_values_are_shares_and_curves_only_rise(drawn):
    parts = [part(planned, accepted, weight) for planned, accepted, weight in drawn]

    found = value(parts, start=START, today=day(50))

    assert 0 <= found.planned <= 1
    assert 0 <= found.earned <= 1
    for curve in (planned_curve(parts), earned_curve(parts), forecast_curve(parts, today=day(99))):
        heights = [height for _, height in curve]
        assert heights == sorted(heights)
        assert [at for at, _ in curve] == sorted(at for at, _ in curve)


def test_the_forecast_starts_from_what_is_earned_today():
    parts = [part(10, 9, 40), part(20, None, 60)]

    assert forecast_curve(parts, today=day(30)) == [(day(30), 0.4), (day(30), 1.0)]


@pytest.mark.parametrize(
    ("milestones", "days", "flagged"),
    [(2, 90, False), (3, 42, False), (3, 43, True), (4, 14, False), (5, 14, True), (19, 133, False)],
)
def test_pace_is_flagged_below_one_in_two_weeks_and_above_two_a_week(milestones, days, flagged):
    planned = [day(days * (n + 1) // milestones) for n in range(milestones)]

    assert pace(planned, start=START).is_sound is not flagged


def test_kinds_with_enough_history_teach_a_factor():
    found = lessons([("data", 5, 10), ("data", 4, 12), ("data", 10, 20), ("general", 5, 5)])

    assert factors(found) == {"data": 2.0}
    assert [(each.kind, each.n, each.slipped) for each in found] == [("data", 3, 3), ("general", 1, 0)]
