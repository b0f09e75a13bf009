from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from milestones.words import Stage
from telemetry.rules import (
    MEANINGS,
    Decision,
    Facts,
    Move,
    Rule,
    Thresholds,
    Verdict,
    blocker_aging,
    decide,
    no_progress,
    quality_failing,
    scope_addition,
)
from workspaces.working_time import Calendar

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
OFFICE = Calendar("UTC", (((time(9), time(17)),),) * 5 + ((), ()), frozenset({date(2026, 12, 25)}))
DEFAULTS = Thresholds()
BUSY = Facts(stage=Stage.EXECUTION, last_progress_at=NOW)
TROUBLED = Facts(
    stage=Stage.QA,
    last_progress_at=NOW - timedelta(days=3),
    oldest_blocker_opened_at=NOW - timedelta(days=3),
    failing_runs=2,
    undecided_requests=1,
)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def silence(facts: Facts, thresholds: Thresholds = DEFAULTS) -> Decision:
    return no_progress(facts, OFFICE, NOW, thresholds)


def aging(facts: Facts, thresholds: Thresholds = DEFAULTS) -> Decision:
    return blocker_aging(facts, OFFICE, NOW, thresholds)


@pytest.mark.parametrize(
    ("hours", "verdict"), [(23, Verdict.RESTS), (24, Verdict.RESTS), (24 + 1 / 3600, Verdict.FIRES)]
)
def test_silence_fires_only_beyond_twenty_four_hours(hours, verdict):
    assert silence(replace(BUSY, last_progress_at=ago(hours))).verdict == verdict


@pytest.mark.parametrize(
    ("hours", "verdict"), [(17, Verdict.RESTS), (18, Verdict.RESTS), (18 + 1 / 3600, Verdict.FIRES)]
)
def test_a_blocker_ages_only_beyond_eighteen_hours(hours, verdict):
    assert aging(replace(BUSY, oldest_blocker_opened_at=ago(hours))).verdict == verdict


@pytest.mark.parametrize(
    "movement", ["execution_started_at", "last_progress_at", "last_work_change_at", "resumed_at"]
)
def test_any_movement_breaks_the_silence(movement):
    silent = replace(BUSY, last_progress_at=ago(90), execution_started_at=ago(100))
    moved: dict[str, Any] = {movement: ago(1)}

    assert silence(silent).verdict == Verdict.FIRES
    assert silence(replace(silent, **moved)).verdict == Verdict.RESTS


@pytest.mark.parametrize("stage", sorted(Stage))
def test_silence_counts_in_execution_and_qa_only(stage):
    fires = silence(Facts(stage=stage, last_progress_at=ago(90))).verdict == Verdict.FIRES

    assert fires == (stage in {Stage.EXECUTION, Stage.QA})


def test_a_milestone_without_any_history_is_not_silent():
    assert silence(Facts(stage=Stage.EXECUTION)).verdict == Verdict.RESTS


def test_an_age_is_told_on_both_clocks():
    weekend = aging(replace(BUSY, oldest_blocker_opened_at=datetime(2026, 11, 20, 16, tzinfo=UTC)))

    assert (weekend.wall_hours, weekend.working_hours) == (68, 4)
    assert weekend.sentence == "A blocker is open for 68 h, 4 of them working hours."


@pytest.mark.parametrize(("runs", "verdict"), [(0, Verdict.RESTS), (1, Verdict.RESTS), (2, Verdict.FIRES)])
def test_two_failing_runs_in_a_row_are_a_failing_quality(runs, verdict):
    assert quality_failing(replace(BUSY, failing_runs=runs), DEFAULTS).verdict == verdict


@pytest.mark.parametrize(("requests", "verdict"), [(0, Verdict.RESTS), (1, Verdict.FIRES)])
def test_any_unplanned_request_is_a_scope_addition(requests, verdict):
    assert scope_addition(replace(BUSY, undecided_requests=requests)).verdict == verdict


def test_all_four_rules_fire_with_their_sentences():
    decisions = decide(TROUBLED, OFFICE, NOW, DEFAULTS)

    assert [(d.rule, d.sentence) for d in decisions if d.verdict == Verdict.FIRES] == [
        (
            Rule.NO_PROGRESS,
            "No progress update or work-item change for 72 h, 8 of them working hours.",
        ),
        (Rule.BLOCKER_AGING, "A blocker is open for 72 h, 8 of them working hours."),
        (Rule.QUALITY_FAILING, "2 QA runs in a row failed."),
        (Rule.SCOPE_ADDITION, "1 unplanned request waits for a decision."),
    ]


@pytest.mark.parametrize("is_open", [False, True])
def test_a_pause_suspends_every_rule(is_open):
    decisions = decide(replace(TROUBLED, paused=True), OFFICE, NOW, DEFAULTS)

    assert {d.verdict for d in decisions} == {Verdict.SUSPENDED}
    assert {d.move(is_open=is_open) for d in decisions} == {None}


def test_a_closed_milestone_closes_every_signal():
    decisions = decide(replace(TROUBLED, stage=Stage.CLOSED), OFFICE, NOW, DEFAULTS)

    assert {d.move(is_open=True) for d in decisions} == {Move.CLOSE}


@pytest.mark.parametrize(
    ("runs", "is_open", "move"),
    [(2, False, Move.OPEN), (2, True, None), (0, True, Move.CLOSE), (0, False, None)],
)
def test_a_signal_opens_once_and_closes_with_its_condition(runs, is_open, move):
    decision = quality_failing(replace(BUSY, failing_runs=runs), DEFAULTS)

    assert decision.move(is_open=is_open) == move


def test_a_decision_keeps_the_threshold_it_used():
    own = Thresholds(no_progress_hours=6, blocker_aging_hours=4, failing_runs=3)

    decisions = decide(TROUBLED, OFFICE, NOW, own)

    assert [(d.threshold, d.verdict) for d in decisions] == [
        (6, Verdict.FIRES),
        (4, Verdict.FIRES),
        (3, Verdict.RESTS),
        (0, Verdict.FIRES),
    ]


def test_every_rule_has_a_meaning_and_an_action():
    assert list(MEANINGS) == list(Rule)
    assert all(decision.meaning.action for decision in decide(BUSY, OFFICE, NOW, DEFAULTS))
