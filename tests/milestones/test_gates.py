from dataclasses import replace
from datetime import date

import pytest

from milestones.gates import Definition, is_one_sentence, missing_for_execution

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
