"""What a handoff says of the record, what it misses, and why another version comes: without a database."""

from datetime import date

import pytest

from proofs.handing import (
    LONGEST,
    REASON,
    SHORT_OF_HANDS,
    Moved,
    News,
    Threat,
    Waiting,
    approval_state,
    filled,
    missing,
    open_dependencies,
    own_words,
    reason_of,
)

RECORDED = {
    "open_dependencies": "none",
    "next_stage_trigger": "Kick off the alerting milestone",
    "next_move_owner": "Ada",
    "recommendation": "Alert on late figures",
}
MARCH_12, MARCH_26 = date(2026, 3, 12), date(2026, 3, 26)
MOVES = "2.1 moves from 12 March 2026 to 26 March 2026"
FEED = Moved("2.1", MARCH_12, MARCH_26, "The feed comes late.", is_root=True)


def test_what_nobody_wrote_follows_the_record():
    assert filled({"next_move_owner": "", "recommendation": "Wait"}, RECORDED) == {
        **RECORDED,
        "recommendation": "Wait",
    }


def test_only_what_differs_from_the_record_is_kept():
    typed = {"next_move_owner": " Ada ", "recommendation": "Wait", "open_dependencies": ""}

    assert own_words(typed, RECORDED) == {
        "next_move_owner": "",
        "recommendation": "Wait",
        "open_dependencies": "",
    }


def test_a_complete_handoff_misses_nothing():
    assert missing(RECORDED, is_accepted=True) == []


@pytest.mark.parametrize("name", RECORDED)
def test_each_missing_text_is_named(name):
    assert [item.code for item in missing({**RECORDED, name: " "}, is_accepted=True)] == [name]


def test_all_that_is_missing_is_listed_at_once():
    assert [item.code for item in missing(dict.fromkeys(RECORDED, ""), is_accepted=False)] == [
        "accepted",
        "open_dependencies",
        "next_move_owner",
        "next_stage_trigger",
        "recommendation",
    ]


def test_everything_that_is_open_has_its_line():
    waiting = [Waiting("1.2", "Feed connected", MARCH_12), Waiting("1.3", "Alerts", None)]
    threats = [Threat(3, "List of offices", "Carla Client"), Threat(4, "Two people are ill", "")]

    assert open_dependencies(waiting, threats).splitlines() == [
        "1.2 Feed connected, expected on 12 March 2026",
        "1.3 Alerts, without a date yet",
        "Blocker 3: List of offices, waits for Carla Client",
        "Blocker 4, which we are removing ourselves",
    ]


def test_nothing_open_is_said_in_a_word():
    assert open_dependencies([], []) == "none"


def test_a_long_list_says_how_much_of_it_is_left_out():
    text = open_dependencies([Waiting(f"1.{n}", "x" * 80, MARCH_12) for n in range(50)], [])

    lines = text.splitlines()
    assert len(text) <= LONGEST + 20
    assert lines[-1] == f"and {50 - len(lines) + 1} more"


def test_the_approval_names_who_when_how_and_which_question():
    said = approval_state(name="Dan Decider", on=MARCH_12, channel="Decision link", question=3)

    assert said == "Approved by Dan Decider on 12 March 2026, by decision link, in answer to question 3."


@pytest.mark.parametrize(
    ("news", "said"),
    [
        (
            News(moves=[FEED]),
            f"The plan was rescheduled: {MOVES}. Reason: The feed comes late.",
        ),
        (
            News(moves=[FEED, Moved("2.2", None, MARCH_26, "The feed comes late.", is_root=False)]),
            f"The plan was rescheduled: {MOVES}, and 1 more with it. Reason: The feed comes late.",
        ),
        (
            News(moves=[FEED, Moved("3.1", MARCH_12, MARCH_26, "Ill.", is_root=True)]),
            f"The plan was rescheduled: {MOVES.replace('2.1', '3.1')}, and 1 more with it. Reason: Ill.",
        ),
        (News(added=1), "A milestone was added to the plan."),
        (
            News(added=2, is_short=True),
            f"2 milestones were added to the plan. {SHORT_OF_HANDS}",
        ),
    ],
)
def test_the_reason_says_what_became_of_the_plan(news, said):
    assert reason_of(news) == said


def test_a_long_reason_is_cut():
    moved = Moved("2.1", MARCH_12, MARCH_26, "late " * 100, is_root=True)

    assert len(reason_of(News(moves=[moved], added=12, is_short=True))) <= REASON
    assert not News()
