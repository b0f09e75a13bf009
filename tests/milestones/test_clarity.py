from dataclasses import replace
from datetime import date

import pytest

from milestones.clarity import CriterionDraft, Draft, checks, names_an_outcome, score, too_broad
from milestones.pace import Pace

CHECKED = CriterionDraft("The team signs in", verification="Watched in the call")
COUNTED = CriterionDraft("Loads fast", measure="seconds", target="2")
CLEAR = Draft(
    output="The onboarding dashboard is live for the client's team.",
    description="You see your figures in one place.",
    criteria=(CHECKED, COUNTED),
    has_owner=True,
    has_client_owner=True,
    has_approver=True,
    has_channel=True,
    start=date(2026, 3, 2),
    planned_date=date(2026, 3, 16),
    dependency_risks="none",
    invoice_trigger="First instalment",
    next_stage_trigger="Alerting begins",
)
WEIGHTS = {
    "output": 15,
    "criteria": 15,
    "verifiable": 15,
    "owner_primary": 10,
    "approval": 10,
    "span": 10,
    "description": 5,
    "dependency_risks": 5,
    "invoice_trigger": 5,
    "next_stage_trigger": 5,
    "pace": 5,
}


def failed(draft):
    return [check.code for check in checks(draft) if not check.passed]


def test_the_checks_weigh_a_hundred_together():
    assert {check.code: check.weight for check in checks(CLEAR)} == WEIGHTS
    assert sum(WEIGHTS.values()) == 100


def test_a_clear_definition_scores_a_hundred_and_an_empty_one_what_is_not_wrong_yet():
    assert score(checks(CLEAR)) == 100
    assert score(checks(Draft())) == 5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"output": ""}, "output"),
        ({"output": "The dashboard is live. The team is trained."}, "output"),
        ({"output": "x" * 141}, "output"),
        ({"output": "In progress"}, "output"),
        ({"output": "Continue the integration"}, "output"),
        ({"output": "Work on the dashboard"}, "output"),
        ({"criteria": (CHECKED, CriterionDraft("It is good"))}, "verifiable"),
        ({"criteria": (CriterionDraft("Fast", measure="seconds", target="low"),)}, "verifiable"),
        ({"has_owner": False}, "owner_primary"),
        ({"has_client_owner": False}, "approval"),
        ({"has_approver": False}, "approval"),
        ({"has_channel": False}, "approval"),
        ({"planned_date": date(2026, 3, 17)}, "span"),
        ({"planned_date": None}, "span"),
        ({"description": ""}, "description"),
        ({"dependency_risks": ""}, "dependency_risks"),
        ({"invoice_trigger": ""}, "invoice_trigger"),
        ({"next_stage_trigger": ""}, "next_stage_trigger"),
        ({"pace": Pace(3.0, "More than two milestones a week.")}, "pace"),
    ],
)
def test_each_fault_costs_its_own_weight(change, code):
    found = checks(replace(CLEAR, **change))

    assert [check.code for check in found if not check.passed] == [code]
    assert score(found) == 100 - WEIGHTS[code]


def test_without_criteria_there_is_nothing_to_verify_either():
    assert failed(replace(CLEAR, criteria=())) == ["criteria", "verifiable"]


def test_each_failed_check_says_what_is_wrong_and_how_to_mend_it():
    said = [(check.wrong, check.mend) for check in checks(Draft()) if not check.passed]

    assert all(wrong and mend for wrong, mend in said)


@pytest.mark.parametrize(
    "output",
    ["The onboarding dashboard is live.", "Onboarding dashboard published", "Progress report is accepted"],
)
def test_an_outcome_may_be_named_freely(output):
    assert names_an_outcome(output)


def test_a_right_size_is_not_too_broad():
    assert too_broad(CLEAR) == []


@pytest.mark.parametrize(
    "change",
    [
        {"planned_date": date(2026, 3, 17)},
        {"output": "The dashboard is live. The team is trained."},
        {"criteria": (CHECKED,) * 8},
    ],
)
def test_what_is_too_broad_is_said(change):
    assert len(too_broad(replace(CLEAR, **change))) == 1
