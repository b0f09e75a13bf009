"""When the figures warn: on enough evidence, after two days, and until two calm ones."""

import pytest

from milestones.figures import Figures, after_a_day, is_enough


@pytest.mark.parametrize(
    ("probability", "risk", "days"),
    [(59, 0, 1), (60, 50, 0), (None, 51, 1), (100, 51, 1), (59, None, 1), (None, None, 0)],
)
def test_a_bad_day_counts_strictly(probability, risk, days):
    assert after_a_day(Figures(), probability, risk, is_enough=True) == Figures(False, days)


def test_the_second_bad_day_in_a_row_warns():
    once = after_a_day(Figures(), 40, 60, is_enough=True)

    assert after_a_day(once, 40, 60, is_enough=True) == Figures(True, 0)
    assert after_a_day(once, 65, 48, is_enough=True) == Figures(False, 0)


@pytest.mark.parametrize(
    ("probability", "risk", "days"),
    [(70, 45, 1), (69, 45, 0), (70, 46, 0), (None, 45, 1), (70, None, 1), (None, None, 0)],
)
def test_a_calm_day_needs_both_figures(probability, risk, days):
    assert after_a_day(Figures(warn=True), probability, risk, is_enough=True) == Figures(True, days)


def test_the_second_calm_day_in_a_row_ends_the_warning():
    once = after_a_day(Figures(warn=True), 80, 30, is_enough=True)

    assert after_a_day(once, 80, 30, is_enough=True) == Figures(False, 0)
    assert after_a_day(once, 65, 30, is_enough=True) == Figures(True, 0)


def test_without_enough_evidence_nothing_is_said():
    assert after_a_day(Figures(True, 1), 10, 90, is_enough=False) == Figures()
    assert [is_enough(4, 9), is_enough(5, 0), is_enough(0, 10)] == [False, True, True]
