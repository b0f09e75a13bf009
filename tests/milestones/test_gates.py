from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from milestones.gates import (
    Answer,
    Cleared,
    Definition,
    LastRun,
    Proof,
    is_one_sentence,
    missing_for_approved,
    missing_for_closeout,
    missing_for_execution,
    missing_for_other_end,
    missing_for_qa,
    missing_for_review,
)
from tenancy.refusal import Unmet

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

COMPLETE = Definition(
    output="The dashboard is live for the client's team.",
    criteria=1,
    has_owner=True,
    has_client_owner=True,
    has_approver=True,
    has_channel=True,
    planned_date=date(2026, 3, 13),
    dependency_risks="none",
    invoice_trigger="First instalment",
    next_stage_trigger="Kick off the alerting milestone",
)


def test_a_complete_definition_misses_nothing():
    assert missing_for_execution(COMPLETE) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"output": ""}, "output"),
        ({"output": "The dashboard is live. The team is trained."}, "output"),
        ({"criteria": 0}, "criteria"),
        ({"has_owner": False}, "owner_primary"),
        ({"has_client_owner": False}, "owner_client"),
        ({"has_approver": False}, "approver"),
        ({"has_channel": False}, "approval_channel"),
        ({"planned_date": None}, "planned_date"),
        ({"dependency_risks": ""}, "dependency_risks"),
        ({"invoice_trigger": ""}, "invoice_trigger"),
        ({"next_stage_trigger": ""}, "next_stage_trigger"),
    ],
)
def test_each_missing_item_is_named(change, code):
    missing = missing_for_execution(replace(COMPLETE, **change))

    assert [item.code for item in missing] == [code]


def test_everything_that_is_missing_is_listed_at_once():
    empty = Definition(
        output="",
        criteria=0,
        has_owner=False,
        has_client_owner=False,
        has_approver=False,
        has_channel=False,
        planned_date=None,
        dependency_risks="",
        invoice_trigger="",
        next_stage_trigger="",
    )

    assert len(missing_for_execution(empty)) == 10


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("The dashboard is live", True),
        ("The dashboard is live.", True),
        ("Accuracy reaches 0.85 on the held-out set.", True),
        ("It works! And it is fast.", False),
        ("  ", False),
    ],
)
def test_one_sentence_is_told_from_two(text, is_one):
    assert is_one_sentence(text) is is_one


def codes(unmet):
    return [item.code for item in unmet]


def test_what_is_done_shows_its_output_and_settles_every_criterion():
    proofs = [Proof(1, True, "https://dashboard.example"), Proof(2, False, "")]

    assert missing_for_qa(outputs=1, proofs=proofs) == []


def test_a_missing_output_and_unsettled_criteria_are_named():
    proofs = [Proof(1, True, " "), Proof(2, False, ""), Proof(3, None, "")]

    unmet = missing_for_qa(outputs=0, proofs=proofs)

    assert codes(unmet) == ["output_artifact", "evidence"]
    assert "criteria 1, 3" in unmet[1].message


def test_one_unsettled_criterion_is_named_alone():
    unmet = missing_for_qa(outputs=1, proofs=[Proof(4, None, "")])

    assert unmet[0].message == "Add evidence to criterion 4, or mark what is not met as not met."


CLEARED = Cleared(
    threshold=80,
    last_run=LastRun(score=80, passed=True, is_void=False, at=NOON),
    output_changed_at=NOON,
    answers=frozenset({"scope_matches", "assets_checked", "blockers_disclosed", "criteria_evidenced"}),
    is_blocked=False,
    caveats="none",
    request=[],
    invoice_trigger="none",
    next_stage_trigger="Kick off the alerting milestone",
)


def test_a_cleared_milestone_may_be_shown():
    assert missing_for_review(CLEARED) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"last_run": None}, "qa_run"),
        ({"last_run": LastRun(79, False, False, NOON)}, "qa_run"),
        ({"last_run": LastRun(79, True, False, NOON)}, "qa_run"),
        ({"last_run": LastRun(90, False, False, NOON)}, "qa_run"),
        ({"last_run": LastRun(90, True, True, NOON)}, "qa_run"),
        ({"output_changed_at": NOON + timedelta(microseconds=1)}, "qa_run"),
        ({"answers": CLEARED.answers - {"scope_matches"}}, "scope_matches"),
        ({"answers": CLEARED.answers - {"assets_checked"}}, "assets_checked"),
        ({"answers": CLEARED.answers - {"blockers_disclosed"}}, "blockers_disclosed"),
        ({"answers": CLEARED.answers - {"criteria_evidenced"}}, "criteria_evidenced"),
        ({"is_blocked": True, "caveats": ""}, "blocker_caveats"),
        ({"is_blocked": True, "caveats": "None."}, "blocker_caveats"),
        ({"request": [Unmet("decide_by", "Set a date.")]}, "decide_by"),
        ({"invoice_trigger": "", "next_stage_trigger": " "}, "next_stage_trigger"),
    ],
)
def test_each_thing_that_review_needs_is_asked_for(change, code):
    assert codes(missing_for_review(replace(CLEARED, **change))) == [code]


@pytest.mark.parametrize(
    "change",
    [
        {"output_changed_at": None},
        {"is_blocked": True, "caveats": "The export waits for your credentials."},
        {"invoice_trigger": "", "next_stage_trigger": "Alerting begins"},
        {"invoice_trigger": "First instalment", "next_stage_trigger": ""},
    ],
)
def test_what_is_disclosed_or_known_may_be_shown(change):
    assert missing_for_review(replace(CLEARED, **change)) == []


APPROVED = Answer(is_approved=True, by_approver=True, round_counts=True, through_channel=True)


def test_the_approvers_decision_accepts():
    assert missing_for_closeout(APPROVED) == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (None, "decision"),
        (replace(APPROVED, is_approved=False), "decision"),
        (replace(APPROVED, by_approver=False), "approver"),
        (replace(APPROVED, round_counts=False), "accepting_round"),
        (replace(APPROVED, through_channel=False), "approval_channel"),
    ],
)
def test_nothing_else_accepts(answer, code):
    assert codes(missing_for_closeout(answer)) == [code]


def test_an_approved_milestone_closes_with_all_four():
    four = {
        "proof_packet_url": "https://proof.example",
        "handoff_packet_link": "https://handoff.example",
        "has_review_owner": True,
        "has_approver": True,
        "open_dependencies": "none",
        "next_move_owner": "Ada",
    }

    assert missing_for_approved(**four) == []
    assert [codes(missing_for_approved(**{**four, name: type(value)()})) for name, value in four.items()] == [
        ["proof_packet_url"],
        ["handoff_packet_link"],
        ["review_owner"],
        ["approver"],
        ["open_dependencies"],
        ["next_move_owner"],
    ]


def test_another_end_says_why_what_is_open_and_who_moves_next():
    said = {"reason": "No access.", "open_dependencies": "none", "next_move_owner": "Carla"}

    assert missing_for_other_end(**said) == []
    assert [codes(missing_for_other_end(**{**said, name: " "})) for name in said] == [[name] for name in said]
