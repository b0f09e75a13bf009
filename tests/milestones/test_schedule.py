from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from milestones.schedule import (
    COLOURS,
    Facts,
    Label,
    Schedule,
    Shown,
    Step,
    label,
    next_label,
    schedule,
    warning_covers,
)
from milestones.words import Outcome, Stage

PLANNED = date(2026, 11, 27)
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALM = Facts(stage=Stage.EXECUTION, planned=PLANNED, forecast=PLANNED, today=TODAY)


def after(days: int) -> date:
    return PLANNED + timedelta(days=days)


def shown(colour: Label) -> Shown:
    return Shown(colour, "because", colour)


@pytest.mark.parametrize(
    ("late", "word"),
    [
        (-3, Schedule.ON_TRACK),
        (0, Schedule.ON_TRACK),
        (1, Schedule.AT_RISK),
        (7, Schedule.AT_RISK),
        (8, Schedule.DELAYED),
    ],
)
@pytest.mark.parametrize("way", ["forecast", "overdue", "completed"])
def test_the_schedule_word_follows_the_days_of_delay(late, word, way):
    forecast = after(late) if way == "forecast" else PLANNED
    today = after(late) if way == "overdue" else TODAY
    completed_on = after(late) if way == "completed" else None

    assert schedule(PLANNED, forecast, today, completed_on) == word


def test_the_day_of_completion_counts_and_not_the_days_after_it():
    assert schedule(PLANNED, after(20), after(30), after(0)) == Schedule.ON_TRACK


def test_without_a_planned_date_nothing_is_late():
    assert schedule(None, after(99), TODAY, None) == Schedule.ON_TRACK


@pytest.mark.parametrize(
    ("change", "word", "reason"),
    [
        ({}, Label.ON_TRACK, "Forecast for 27 November 2026, planned for 27 November 2026."),
        ({"planned": None, "forecast": None}, Label.ON_TRACK, "No date is planned yet."),
        (
            {"forecast": after(1)},
            Label.AT_RISK,
            "Forecast for 28 November 2026, 1 day after the planned 27 November 2026.",
        ),
        (
            {"today": after(8)},
            Label.DELAYED,
            "Still open on 5 December 2026, 8 days after the planned 27 November 2026.",
        ),
        (
            {"stage": Stage.CLOSEOUT, "completed_on": after(2)},
            Label.AT_RISK,
            "Completed on 29 November 2026, 2 days after the planned 27 November 2026.",
        ),
        ({"stage": Stage.REVIEW}, Label.IN_REVIEW, "Waiting for the client's decision."),
        (
            {"stage": Stage.REVIEW, "is_asked": False},
            Label.IN_REVIEW,
            "No question waits; what is missing is being settled.",
        ),
        ({"stopped": True}, Label.BLOCKED, "An open blocker stops the milestone."),
        ({"stopped": True, "critical": True}, Label.BLOCKED, "A critical blocker is open."),
        ({"pause": "budget on hold"}, Label.BLOCKED, "Paused: budget on hold"),
        ({"figures_warn": True}, Label.AT_RISK, "The figures say that the date may not hold."),
        (
            {"open_rules": frozenset({"blocker_aging"})},
            Label.AT_RISK,
            "A blocker has been open for too long.",
        ),
        (
            {"open_rules": frozenset({"no_progress"})},
            Label.AT_RISK,
            "No progress has been recorded lately.",
        ),
        (
            {"open_rules": frozenset({"quality_failing"})},
            Label.AT_RISK,
            "Quality checks have failed repeatedly.",
        ),
        (
            {"outcome": Outcome.SCOPE, "stage": Stage.CLOSED},
            Outcome.SCOPE,
            "Closed without acceptance: changed via scope.",
        ),
        ({"accepted": True}, Label.APPROVED, "Accepted by the client."),
    ],
)
def test_each_label_comes_with_its_reason(change, word, reason):
    result = label(replace(CALM, **change))

    assert (result.word, result.reason) == (word, reason)


def test_scope_addition_does_not_hold_a_label():
    assert label(replace(CALM, open_rules=frozenset({"scope_addition"}))).word == Label.ON_TRACK


def test_an_open_signal_does_not_better_a_delay():
    late = replace(CALM, forecast=after(8), open_rules=frozenset({"no_progress"}), figures_warn=True)

    assert label(late).word == Label.DELAYED


def test_acceptance_outranks_the_outcome_and_everything_before_it():
    ended = replace(CALM, accepted=True, outcome=Outcome.APPROVED, stage=Stage.CLOSED, critical=True)

    assert label(ended).word == Label.APPROVED


def test_review_outranks_a_critical_blocker():
    assert label(replace(CALM, stage=Stage.REVIEW, critical=True)).word == Label.IN_REVIEW


def test_a_pause_outranks_review():
    assert label(replace(CALM, stage=Stage.REVIEW, pause="holidays")).word == Label.BLOCKED


@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_a_first_label_may_be_any(colour):
    assert next_label(None, shown(colour), False) == Step(colour, "because", colour)


@pytest.mark.parametrize("red", [Label.DELAYED, Label.BLOCKED])
@pytest.mark.parametrize("warned", [False, True])
def test_green_turns_red_through_yellow_whatever_was_sent_before(red, warned):
    step = next_label(Label.ON_TRACK, shown(red), warned)

    assert step == Step(Label.AT_RISK, "because", Label.AT_RISK, turning_red=True)


@pytest.mark.parametrize("red", [Label.DELAYED, Label.BLOCKED])
def test_yellow_waits_for_its_warning_before_it_turns_red(red):
    waiting = next_label(Label.AT_RISK, shown(red), False)
    warned = next_label(Label.AT_RISK, shown(red), True)

    assert waiting == Step(Label.AT_RISK, "because", Label.AT_RISK, turning_red=True)
    assert warned == Step(red, "because", red)


@pytest.mark.parametrize("previous", sorted(COLOURS))
@pytest.mark.parametrize("colour", [Label.ON_TRACK, Label.AT_RISK])
def test_green_and_yellow_are_written_at_once(previous, colour):
    assert next_label(previous, shown(colour), False) == Step(colour, "because", colour)


@pytest.mark.parametrize("previous", [Label.DELAYED, Label.BLOCKED])
@pytest.mark.parametrize("red", [Label.DELAYED, Label.BLOCKED])
def test_red_stays_red_without_another_warning(previous, red):
    assert next_label(previous, shown(red), False) == Step(red, "because", red)


@pytest.mark.parametrize(
    "change", [{"stage": Stage.REVIEW}, {"pause": "holidays"}, {"outcome": Outcome.SCOPE}, {"accepted": True}]
)
def test_review_pause_and_end_keep_the_last_colour(change):
    computed = label(replace(CALM, **change))

    step = next_label(Label.ON_TRACK, computed, False)

    assert (step.word, step.colour, step.turning_red) == (computed.word, Label.ON_TRACK, False)


def test_a_return_from_review_to_red_still_warns_first():
    in_review = next_label(Label.ON_TRACK, label(replace(CALM, stage=Stage.REVIEW)), False)

    back = next_label(in_review.colour, label(replace(CALM, forecast=after(30))), True)

    assert (back.word, back.turning_red) == (Label.AT_RISK, True)


@pytest.mark.parametrize(
    ("sent_at", "covered"),
    [
        (None, False),
        (NOON - timedelta(days=7), True),
        (NOON - timedelta(days=7, seconds=1), False),
    ],
)
def test_a_warning_covers_seven_days(sent_at, covered):
    assert warning_covers(sent_at, NOON) == covered
