"""Questions, answers and reminders, as rules alone."""

from datetime import UTC, date, datetime

import pytest

from milestones.asking import (
    digest,
    is_absent,
    is_vague,
    needs_words,
    next_reminder,
    review_options,
    wrong_with,
)
from milestones.words import Ask, Outcome, RequestKind

YES = {"code": "yes", "label": "Yes", "consequence": "It is done."}
NO = {"code": "no", "label": "No", "consequence": "It is not done."}
FRIDAY_NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "question",
    [
        "Let me know what you think",
        "let us know if this works",
        "Any feedback?",
        "Any thoughts on the dashboard?",
        "Thoughts?",
        "Feedback",
        "What do you think?",
        "How does it look?",
        "Could you have a look at the report?",
        "?",
        "Go live?",
        "Is it ok?",
        "Is everything all right?",
    ],
)
def test_a_question_that_asks_for_nothing_is_vague(question):
    assert is_vague(question)


@pytest.mark.parametrize(
    "question",
    [
        "Do you accept the onboarding dashboard?",
        "Do we wait for the vendor, or go on without the sync?",
        "Which revisions does the evaluation report need?",
        "Do you accept the feedback form as it is?",
    ],
)
def test_a_question_that_can_be_decided_is_not_vague(question):
    assert not is_vague(question)


@pytest.mark.parametrize(
    ("options", "recommended", "said"),
    [
        ([YES], "", "Offer 2 to 6 answers."),
        ([YES, YES], "", "code of its own"),
        ([YES, {**NO, "code": "No way"}], "", "code of its own"),
        ([YES, {**NO, "consequence": " "}], "", "what follows from it"),
        ([YES, {"code": "no"}], "", "what follows from it"),
        ([YES, {**NO, "label": 7}], "", "what follows from it"),
        ([YES, NO], "maybe", "Recommend one of the answers."),
    ],
)
def test_what_is_no_choice_is_named(options, recommended, said):
    assert said in wrong_with(RequestKind.BLOCKER, options, recommended)


def test_two_answers_with_consequences_are_a_choice():
    assert wrong_with(RequestKind.BLOCKER, [YES, NO], "yes") == ""


def test_an_answer_to_a_review_is_an_outcome():
    assert "how the round ends" in wrong_with(RequestKind.REVIEW, [YES, NO], "")


@pytest.mark.parametrize("ask", [Ask.ACCEPTANCE, Ask.REVISION_NOTES])
def test_the_answers_to_a_review_each_end_the_round_in_one_outcome(ask):
    options = review_options(ask, accepting_in=0, invoice="First instalment", follows="")

    assert wrong_with(RequestKind.REVIEW, options, "") == ""
    accepted = next(option for option in options if option["code"] == Outcome.APPROVED)
    assert "First instalment." in accepted["consequence"]


def test_an_acceptance_promises_nothing_where_nothing_was_agreed():
    options = review_options(Ask.ACCEPTANCE, accepting_in=0, invoice="None.", follows="none")

    assert options[0]["consequence"] == "The milestone counts as accepted."


def test_before_the_round_that_counts_accepting_promises_no_acceptance():
    options = review_options(Ask.ACCEPTANCE, accepting_in=1, invoice="", follows="")

    assert "later round" in options[0]["consequence"]


@pytest.mark.parametrize("outcome", Outcome)
def test_only_an_acceptance_needs_no_words(outcome):
    assert needs_words(RequestKind.REVIEW, {"code": outcome}) == (outcome != Outcome.APPROVED)
    assert not needs_words(RequestKind.BLOCKER, {"code": "yes"})


def test_the_same_shown_in_another_order_has_the_same_digest():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_reminders_come_the_day_before_at_decide_by_then_daily_then_weekly_then_end():
    moments, after = [], datetime(2026, 3, 2, 9, tzinfo=UTC)
    while after:
        after = next_reminder(FRIDAY_NOON, after=after, zone="UTC")
        moments.append(after)

    assert [moment and f"{moment:%d %b %H:%M}" for moment in moments] == [
        "05 Mar 09:00",
        "06 Mar 12:00",
        *("09 Mar 09:00", "10 Mar 09:00", "11 Mar 09:00", "12 Mar 09:00", "13 Mar 09:00"),
        *("20 Mar 09:00", "27 Mar 09:00", "03 Apr 09:00", "10 Apr 09:00"),
        None,
    ]


def test_a_question_due_at_once_is_reminded_of_at_decide_by():
    assert next_reminder(FRIDAY_NOON, after=datetime(2026, 3, 6, 10, tzinfo=UTC), zone="UTC") == FRIDAY_NOON


def test_a_reminder_waits_for_the_recipients_office():
    sunday_night = datetime(2026, 3, 8, 23, tzinfo=UTC)

    reminder = next_reminder(sunday_night, after=sunday_night.replace(hour=22), zone="America/New_York")

    assert reminder == datetime(2026, 3, 9, 13, tzinfo=UTC)


def test_an_absence_is_reckoned_in_the_days_of_who_is_away():
    first, last = date(2026, 3, 3), date(2026, 3, 4)
    late_monday_in_utc = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)

    assert is_absent(first, last, zone="Europe/Berlin", now=late_monday_in_utc)
    assert not is_absent(first, last, zone="UTC", now=late_monday_in_utc)
    assert not is_absent(None, None, zone="UTC", now=late_monday_in_utc)
