"""The score of probabilities: known values, a promise counts once, intervals stay honest."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.forecast.calibration import (
    Accuracy,
    Bin,
    Case,
    accuracy,
    ahead,
    reliability,
    told,
    wilson,
)

FRIDAY = date(2026, 3, 13)


def case(number: int, percent: int, on_time: bool, *, planned_date: date = FRIDAY) -> Case:
    """One day of milestone `number`."""
    return Case(
        milestone_id=UUID(int=number),
        planned_date=planned_date,
        days_ahead=3,
        percent=percent,
        basis="own",
        on_time=on_time,
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Case]:
    """Some promises, each with the days on which something was said about it."""
    found = []
    for number in range(draw(st.integers(1, 8))):
        on_time = draw(st.booleans())
        percents = draw(st.lists(st.integers(0, 100), min_size=1, max_size=6))
        found += [case(number, percent, on_time) for percent in percents]
    return found


def test_without_cases_there_are_no_figures():
    assert accuracy([]) == Accuracy(milestones=0, promises=0, days=0)
    assert accuracy([]).skill is None


@pytest.mark.parametrize(
    ("said", "brier"),
    [
        ([(100, True)], 0),
        ([(0, False)], 0),
        ([(100, False)], 1),
        ([(50, True), (50, False)], 0.25),
        ([(90, True), (70, True), (30, False), (80, False)], 0.2075),
    ],
)
def test_the_brier_score_is_the_mean_squared_error(said, brier):
    cases = [case(number, percent, on_time) for number, (percent, on_time) in enumerate(said)]

    assert accuracy(cases).brier == pytest.approx(brier)


def test_a_promise_counts_once_however_many_days_it_took():
    long = [case(1, 100, True)] * 9
    short = [case(2, 100, False)]

    found = accuracy([*long, *short])

    assert (found.brier, found.on_time, found.said) == (0.5, 50, 100)
    assert (found.milestones, found.promises, found.days) == (2, 2, 10)


def test_a_new_planned_date_is_a_new_promise_of_the_same_milestone():
    later = FRIDAY + timedelta(days=7)

    found = accuracy([case(1, 40, False), case(1, 80, True, planned_date=later)])

    assert (found.milestones, found.promises) == (1, 2)
    assert found.brier == pytest.approx((0.16 + 0.04) / 2)


def test_skill_compares_with_always_saying_the_share_that_was_on_time():
    good = accuracy([case(1, 90, True), case(2, 10, False)])
    blunt = accuracy([case(1, 50, True), case(2, 50, False)])
    wrong = accuracy([case(1, 10, True), case(2, 90, False)])

    assert good.reference == blunt.reference == 0.25
    assert [good.skill, blunt.skill, wrong.skill] == pytest.approx([0.96, 0, -2.24])


def test_where_all_went_the_same_way_nothing_can_be_compared():
    found = accuracy([case(1, 80, True), case(2, 90, True)])

    assert (found.reference, found.skill) == (0, None)


@pytest.mark.parametrize(("milestones", "is_enough"), [(9, False), (10, True)])
def test_ten_milestones_are_enough(milestones, is_enough):
    assert accuracy([case(number, 50, True) for number in range(milestones)]).is_enough is is_enough


@given(cases=histories())
def test_scores_lie_between_best_and_worst(cases):
    found = accuracy(cases)

    assert found.brier is not None
    assert 0 <= found.brier <= 1
    assert found.reference is not None
    assert 0 <= found.reference <= 0.25


@given(cases=histories(), number=st.integers(0, 7), times=st.integers(1, 3))
def test_saying_the_same_more_often_changes_no_figure(cases, number, times):
    more = [each for each in cases if each.milestone_id == UUID(int=number)] * times

    once, often = accuracy(cases), accuracy([*cases, *more])

    assert (often.brier, often.said, often.on_time) == pytest.approx((once.brier, once.said, once.on_time))


@given(kept=st.integers(0, 5), missed=st.integers(0, 5), percent=st.integers(0, 100))
def test_always_saying_the_share_is_the_best_constant(kept, missed, percent):
    outcomes = [True] * kept + [False] * missed
    found = accuracy([case(number, percent, on_time) for number, on_time in enumerate(outcomes)])

    if outcomes:
        assert found.brier is not None
        assert found.brier + 1e-9 >= (found.reference or 0)


@pytest.mark.parametrize(
    ("kept", "n", "least", "most"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0, 0.2775),
        (10, 10, 0.7225, 1),
        (1, 1, 0.2065, 1),
        (5, 10, 0.2366, 0.7634),
    ],
)
def test_wilsons_interval_has_its_known_values(kept, n, least, most):
    assert wilson(kept, n) == pytest.approx((least, most), abs=5e-5)


@given(kept=st.integers(0, 50), missed=st.integers(1, 50))
def test_the_interval_holds_the_share_and_narrows_with_more_cases(kept, missed):
    n = kept + missed
    least, most = wilson(kept, n)
    closer = wilson(4 * kept, 4 * n)

    assert 0 <= least <= kept / n <= most <= 1
    assert closer[1] - closer[0] < most - least


def test_there_are_ten_bins_and_the_last_holds_a_hundred():
    found = reliability(
        [case(1, 0, False), case(2, 9, False), case(3, 10, True), case(4, 90, True), case(5, 100, True)]
    )

    assert [(each.low, each.high) for each in found] == [
        *((number, number + 9) for number in range(0, 90, 10)),
        (90, 100),
    ]
    assert [each.promises for each in found] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_a_bin_tells_what_was_said_and_what_came_of_it():
    cases = [case(1, 70, True), case(1, 74, True), case(2, 76, False), case(3, 78, True), case(4, 78, True)]

    found = reliability(cases)[7]

    least, most = wilson(3, 4)
    assert found == Bin(low=70, high=79, promises=4, said=76, on_time=75, least=100 * least, most=100 * most)


@given(cases=histories())
def test_bins_hold_each_promise_wherever_it_was_said(cases):
    found = reliability(cases)

    assert [each.promises for each in found] == [
        len({one.promise for one in cases if each.low <= one.percent <= each.high}) for each in found
    ]
    assert all(
        each.said is None if not each.promises else each.low <= each.said <= each.high for each in found
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "0 to 2 days"),
        (2, "0 to 2 days"),
        (3, "3 to 7 days"),
        (7, "3 to 7 days"),
        (8, "8 to 14 days"),
        (14, "8 to 14 days"),
        (15, "15 days and more"),
    ],
)
def test_how_far_ahead_is_told_in_four_stretches(days, words):
    assert ahead(days) == words


def test_groups_come_in_their_order_and_only_where_there_is_something():
    cases = [case(1, 80, True), replace(case(2, 40, False), basis="default", days_ahead=9)]

    found = told(cases, bases=["own", "kind", "default"])

    assert list(found.by_basis) == ["own", "default"]
    assert list(found.by_ahead) == ["3 to 7 days", "8 to 14 days"]
    assert found.by_basis["default"] == found.by_ahead["8 to 14 days"] == accuracy(cases[1:])
    assert (found.together, found.bins) == (accuracy(cases), reliability(cases))
