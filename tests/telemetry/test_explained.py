"""Why a probability is what it is: every sentence from the inputs that are kept with it."""

from dataclasses import replace

import pytest

from telemetry.forecast.evidence import Inputs, Progress
from telemetry.forecast.explain import Reason, reasons
from tests.telemetry.outlooks import INPUTS

LEFT = "5 working days left, today included."


def text(code: str, inputs: Inputs = INPUTS, *, kind: str = "data", **changes) -> str:
    return next(each.text for each in reasons(replace(inputs, **changes), kind=kind) if each.code == code)


def test_all_of_it_in_order():
    assert reasons(INPUTS, kind="data") == [
        Reason("left", "8 of 12 items open; 5 working days left, today included."),
        Reason("pace", "1.1 done a day over 7 full working days; 2.7 a day are needed."),
        Reason(
            "plan",
            "The plan counts like 5 days more: 10 working days were planned, and such work takes about "
            "3.5 times its plan, by 3 closed milestones of its kind.",
        ),
        Reason("blockers", "1 blocker that stops the path adds about 2 working days."),
        Reason("history", "Not enough history: 4 closed milestones of its kind, 10 tell more than chance."),
    ]


def test_when_nothing_is_left_nothing_else_matters():
    assert reasons(replace(INPUTS, left=0), kind="data") == [Reason("left", "Nothing is left to do.")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"total": 1, "left": 1, "days_left": 1}, "1 of 1 item open; 1 working day left, today included."),
        ({"days_left": 0}, "8 of 12 items open; no working day left."),
        (
            {"progress": Progress.REPORTS, "total": 100, "left": 40},
            "40% of the work open, by the reported percent; " + LEFT,
        ),
        (
            {"progress": Progress.MEASURE, "total": 1, "left": 0.35},
            "35% of the effort ahead, by the measured figure: the last gains take longest; " + LEFT,
        ),
        (
            {"progress": Progress.UNKNOWN, "total": 100, "left": 100},
            "No work items and nothing reported yet, so all of it counts as open; " + LEFT,
        ),
    ],
)
def test_what_is_left_is_told_as_it_is_counted(changes, expected):
    assert text("left", **changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"done_a_day": None, "own_days": 0},
            "No full working day in execution yet: only the plan speaks of its pace.",
        ),
        ({"own_days": 1}, "1.1 done a day over 1 full working day; 2.7 a day are needed."),
        ({"days_lost": 4.0}, "1.1 done a day over 7 full working days; 8.0 a day are needed."),
        ({"days_lost": 5.0}, "1.1 done a day over 7 full working days; no day is left for the rest."),
        (
            {"progress": Progress.REPORTS, "total": 100, "left": 30, "done_a_day": 4.5, "days_lost": 0.0},
            "4.5% done a day over 7 full working days; 6.0% a day are needed.",
        ),
    ],
)
def test_the_pace_is_held_against_what_is_needed(changes, expected):
    assert text("pace", **changes) == expected


@pytest.mark.parametrize(
    ("learned_from", "source"),
    [(0, "the default for data work."), (3, "by 3 closed milestones of its kind.")],
)
def test_the_factor_says_where_it_comes_from(learned_from, source):
    assert text("plan", learned_from=learned_from).endswith(source)


@pytest.mark.parametrize(
    ("blockers", "lost", "expected"),
    [
        (1, 0.0, "1 blocker that stops the path adds less than a working day."),
        (1, 1.0, "1 blocker that stops the path adds about 1 working day."),
        (2, 3.0, "2 blockers that stop the path add about 3 working days."),
    ],
)
def test_blockers_say_what_they_take(blockers, lost, expected):
    assert text("blockers", blockers=blockers, days_lost=lost) == expected


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"closed_of_kind": 9}, ["left", "pace", "plan", "blockers", "history"]),
        ({"closed_of_kind": 10}, ["left", "pace", "plan", "blockers"]),
        ({"closed_of_kind": 10, "blockers": 0}, ["left", "pace", "plan"]),
    ],
)
def test_only_what_there_is_is_told(changes, codes):
    assert [each.code for each in reasons(replace(INPUTS, **changes), kind="data")] == codes
