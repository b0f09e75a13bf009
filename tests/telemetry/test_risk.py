from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.risk import (
    NAMED_ACTIONS,
    Evidence,
    Group,
    Scores,
    array_scores,
    as_arrays,
    reasons,
    rules_fired,
    scores,
    what_if,
)
from tests.telemetry.evidence import evidence

CALM = Evidence(
    full_days_in_execution=10, work_total=10, work_open=4, done_total=6, done_recent=5, working_days_left=4
)


def velocity(**changes) -> int | None:
    return what_if(CALM, **changes).execution_velocity_score


def dependency(**changes) -> int | None:
    return what_if(CALM, **changes).dependency_health_score


def quality(**changes) -> int | None:
    return what_if(CALM, **changes).quality_confidence_score


def scope(**changes) -> int | None:
    return what_if(CALM, **changes).scope_stability_score


def risk(found: Scores) -> int:
    return found.delivery_risk_score or 0


def test_setup_has_no_scores_and_says_why():
    setup = replace(CALM, in_setup=True, blockers_open=3)

    assert scores(setup) == Scores(None, None, None, None, None)
    assert {reason.code for reason in reasons(setup)} == {"in_setup"}
    assert rules_fired(scores(setup), setup) == []


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({}, 100),
        ({"done_recent": 2}, 40),  # 0.4 a day of 1.0 needed
        ({"done_recent": 0}, 0),
        ({"working_days_left": 0}, 0),
        ({"working_days_left": -3}, 0),
        ({"working_days_left": 0, "work_open": 0}, 100),
        ({"done_recent": 2, "cycle_hours_here": 8, "cycle_hours_usual": 8}, 58),  # 70 x 0.4 + 30
        ({"done_recent": 2, "cycle_hours_here": 16, "cycle_hours_usual": 8}, 43),  # 70 x 0.4 + 30 x 0.5
        ({"working_days_left": 0, "cycle_hours_here": 8, "cycle_hours_usual": 8}, 30),
        ({"done_recent": 2, "cycle_hours_here": 8, "cycle_hours_usual": 8, "done_total": 2}, 40),
        ({"done_recent": 2, "cycle_hours_here": 0, "cycle_hours_usual": 8}, 58),
        ({"done_recent": 2, "cycle_hours_here": 8, "cycle_hours_usual": None}, 40),
        ({"full_days_in_execution": 1, "done_recent": 0}, 100),
        ({"full_days_in_execution": 2, "done_recent": 1}, 50),  # the window is two days
        ({"full_days_in_execution": 0, "work_total": 0, "work_open": 0}, 100),
        ({"review_or_later": True, "done_recent": 0}, 100),
    ],
)
def test_velocity_compares_pace_and_cycle_time(changes, score):
    assert velocity(**changes) == score


@pytest.mark.parametrize(
    ("percent", "elapsed", "score"),
    [
        (30, 0.5, 60),
        (50, 0.5, 100),
        (80, 0.5, 100),
        (None, 0.5, 0),
        (40, 1.6, 40),
        (None, 0, 100),
        (10, None, 100),
    ],
)
def test_without_work_items_the_reported_percent_counts(percent, elapsed, score):
    assert velocity(work_total=0, work_open=0, reported_percent=percent, elapsed_share=elapsed) == score


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({}, 100),
        ({"blockers_open": 1}, 85),
        ({"blockers_open": 1, "blockers_critical": 1}, 75),
        ({"blockers_open": 2, "blockers_critical": 1}, 60),
        ({"longest_unanswered_hours": 8}, 100),
        ({"longest_unanswered_hours": 18}, 90),
        ({"longest_unanswered_hours": 8.5}, 100),  # 99.5, halves go up
        ({"longest_unanswered_hours": 8.6}, 99),
        ({"longest_unanswered_hours": 500}, 60),
        ({"review_overdue_hours": 3}, 94),
        ({"review_overdue_hours": 500}, 60),
        ({"overdue_predecessors": 2}, 80),
        ({"blockers_open": 9}, 0),
    ],
)
def test_dependency_health_loses_points_to_everyone_who_is_waited_for(changes, score):
    assert dependency(**changes) == score


@pytest.mark.parametrize(
    ("slots", "resets", "score"),
    [
        ((), 0, 70),
        ((0,), 0, 47),
        ((1,), 0, 80),
        ((0, 0), 0, 28),
        ((1, 0), 0, 61),
        ((0, 1), 0, 55),
        ((1, 1, 1, 1, 1), 0, 100),
        ((1, 1, 1, 1, 1), 2, 80),
        ((1, 1, 1, 1, 1), 9, 60),
        ((0, 0, 0, 0, 0), 1, 0),
    ],
)
def test_quality_weighs_the_newest_runs_most(slots, resets, score):
    runs = {f"qa_{n}": slot for n, slot in enumerate(slots, start=1)}

    assert quality(**runs, resets=resets) == score


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({}, 100),
        ({"unplanned_14d": 1}, 88),
        ({"unplanned_14d": 1, "undecided": 1}, 80),
        ({"growth_percent": 7.25}, 86),  # 85.5, halves go up
        ({"growth_percent": -10}, 100),
        ({"unplanned_14d": 9}, 0),
    ],
)
def test_scope_stability_loses_points_to_every_request(changes, score):
    assert scope(**changes) == score


def test_risk_is_a_hundred_minus_the_weighted_health():
    found = what_if(CALM, done_recent=2, blockers_open=1, qa_1=0, unplanned_14d=1)

    # 0.30 x 40 + 0.30 x 85 + 0.25 x 47 + 0.15 x 88 = 62.45
    assert found == Scores(40, 85, 47, 88, 38)


def test_a_risk_of_one_half_goes_up():
    passing = {f"qa_{n}": 1 for n in range(1, 6)}

    # Health is 97.0, 88.5 and so on; here 0.25 x 90 leaves 2.5.
    assert what_if(CALM, **passing, resets=1).delivery_risk_score == 3


@pytest.mark.parametrize(
    ("group", "at_limit"),
    [(Group.VELOCITY, 60), (Group.DEPENDENCY, 55), (Group.QUALITY, 65), (Group.SCOPE, 70)],
)
def test_a_rule_fires_strictly_below_its_limit(group, at_limit):
    two_runs = Evidence(qa_1=0, qa_2=0)

    fired = {score: rules_fired(_only(group, score), two_runs) for score in (at_limit, at_limit - 1)}

    assert fired[at_limit] == []
    assert [action.group for action in fired[at_limit - 1]] == [group]


def _only(group: Group, score: int) -> Scores:
    health: dict[str, Any] = {f"{each}_score": score if each == group else 100 for each in Group}
    return Scores(**health, delivery_risk_score=0)


def test_the_quality_sprint_needs_two_runs():
    one_fail, two_fails = Evidence(qa_1=0), Evidence(qa_1=0, qa_2=0)

    assert rules_fired(scores(one_fail), one_fail) == []
    assert [a.code for a in rules_fired(scores(two_fails), two_fails)] == ["quality_recovery_sprint"]


def test_every_named_action_says_who_does_what():
    assert [action.group for action in NAMED_ACTIONS] == list(Group)
    assert all(action.owner_role and len(action.checklist) >= 3 for action in NAMED_ACTIONS)


def test_a_what_if_refuses_an_unknown_input():
    with pytest.raises(TypeError):
        what_if(CALM, blockers=0)


@pytest.mark.slow
@given(evidence)
def test_the_points_of_a_group_are_what_its_score_lacks(e):
    for group in Group:
        health = scores(e).of(group)
        points = [reason.points for reason in reasons(e) if reason.group == group]
        assert points
        assert min(points) >= 0
        assert sum(points) == (0 if health is None else 100 - health)


@pytest.mark.slow
@given(evidence)
def test_every_reason_is_a_sentence_and_every_mark_is_free(e):
    for reason in reasons(e):
        assert reason.text.endswith(".")
        assert reason.value is not None or reason.points == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"full_days_in_execution": 1}, "too_early"),
        ({"review_or_later": True}, "from_review_on"),
        ({"work_open": 0}, "nothing_left"),
        ({"work_total": 0, "work_open": 0}, "no_work_items"),
        ({}, "no_baseline"),
    ],
)
def test_what_bends_the_reading_of_velocity_is_marked(changes, code):
    marked = reasons(replace(CALM, **changes))

    assert [(r.group, r.points) for r in marked if r.code == code] == [(Group.VELOCITY, 0)]


def test_reasons_carry_the_input_its_points_and_a_sentence():
    blocked = replace(CALM, blockers_open=2, blockers_critical=1, longest_unanswered_hours=18)

    found = [(r.code, r.points, r.value, r.text) for r in reasons(blocked) if r.group == Group.DEPENDENCY]

    assert found == [
        ("critical_blockers", 25, 1, "1 critical blocker open."),
        ("open_blockers", 15, 1, "1 blocker open."),
        ("response_lag", 10, 18, "A response is awaited for 18.0 working hours; 8 are allowed."),
    ]


@pytest.mark.slow
@given(
    evidence,
    st.sampled_from(
        [
            "blockers_open",
            "overdue_predecessors",
            "resets",
            "unplanned_14d",
            "undecided",
            "review_overdue_hours",
        ]
    ),
)
def test_another_trouble_never_lowers_the_risk(e, trouble):
    worse = what_if(e, **{trouble: getattr(e, trouble) + 1})

    assert risk(worse) >= risk(scores(e))


@pytest.mark.slow
@given(evidence)
def test_a_blocker_that_turns_critical_never_lowers_the_risk(e):
    worse = what_if(e, blockers_open=e.blockers_open + 1, blockers_critical=e.blockers_critical + 1)

    assert risk(worse) >= risk(scores(e))


@pytest.mark.slow
@settings(max_examples=30)
@given(st.lists(evidence, min_size=1, max_size=20))
def test_arrays_give_what_single_milestones_give(rows):
    together = array_scores(as_arrays(rows))

    for n, row in enumerate(rows):
        alone = scores(row)
        for name, column in together.items():
            assert getattr(alone, name) == (None if np.isnan(column[n]) else column[n])
