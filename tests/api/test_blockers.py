"""Approval blockers by API: a decision between two ways, put to the approver."""

import pytest
import time_machine

from escalation.models import Blocker
from tenancy.door import inside
from tests.factories import MONDAY

ASK = {
    "question": "Which logo do we go live with?",
    "first": {"label": "Wait for the new one", "consequence": "Every page carries it.", "days": 2},
    "second": {"label": "Take the old one", "consequence": "It is exchanged afterwards.", "days": 0},
    "recommended": "second",
    "decide_by": "2026-03-06T16:00:00Z",
}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


def opened(caller, milestone, **body):
    return caller.post(
        f"milestones/{milestone.pk}/blockers", {"type": "approval", "title": "No logo", **body}
    )


def test_an_open_blocker_is_put_to_the_approver(caller, in_execution):
    blocker = opened(caller, in_execution).json()

    asked = caller.post(f"blockers/{blocker['id']}/ask", ASK)

    assert asked.status_code == 201
    assert [option["consequence"] for option in asked.json()["options"]] == [
        "Every page carries it. The forecast moves from 13 March 2026 to 17 March 2026.",
        "It is exchanged afterwards. The date stays.",
    ]
    assert caller.get(f"blockers/{blocker['id']}").json()["decision_request_id"] == asked.json()["id"]


def test_a_blocker_opens_with_its_question(caller, in_execution):
    made = opened(caller, in_execution, ask=ASK)

    assert made.status_code == 201
    assert made.json()["decision_request_id"]


def test_a_question_that_is_refused_opens_nothing(caller, studio, in_execution):
    refused = opened(caller, in_execution, type="input", ask=ASK)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_an_approval")
    with inside(studio):
        assert not Blocker.objects.exists()


def test_each_way_says_what_it_does_to_the_date(caller, in_execution):
    blocker = opened(caller, in_execution).json()
    ways = {name: {"label": "A", "consequence": "B"} for name in ("first", "second")}

    refused = caller.post(f"blockers/{blocker['id']}/ask", {**ASK, **ways})

    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"first.days", "second.days"})
