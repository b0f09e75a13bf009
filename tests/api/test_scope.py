"""Change requests by API: estimated, put to the client, declined by us, or the client's answer noted."""

import pytest
import time_machine

from milestones.actions.scope import ask_client, estimate, queue_request
from milestones.models import ChangeRequest, Milestone
from tenancy.door import inside
from tests.factories import MONDAY
from tests.plugins.scenes import scene

FRIDAY = "2026-03-06T16:00:00Z"
SAID = {"evidence": "Said so in the call on Monday.", "name": "Dan Decider"}


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False):
        yield


@scene
def wanted(studio, in_execution, by):
    with inside(studio):
        return queue_request(in_execution.pk, title="Dark mode", by=by, now=MONDAY)


def by_channel(studio, milestone, channel):
    with inside(studio):
        Milestone.objects.filter(pk=milestone.pk).update(approval_channel=channel)


@pytest.fixture
def offered(studio, wanted, caller):
    caller.patch(f"change-requests/{wanted.pk}", {"days": "2", "price": "900.00"})
    return caller.post(f"change-requests/{wanted.pk}/ask", {"decide_by": FRIDAY, "context": "As discussed."})


def test_an_ask_is_queued_with_what_it_would_add(caller, in_execution):
    body = {"title": "Export to PDF", "asked_by": "Carla", "adds_criterion": "A PDF opens", "price": "100"}

    made = caller.post(f"milestones/{in_execution.pk}/change-requests", body)

    assert made.status_code == 201
    assert (made.json()["adds_criterion"], made.json()["source"]) == ("A PDF opens", "api")


def test_an_estimate_is_a_change_against_its_version(caller, wanted):
    first = caller.patch(f"change-requests/{wanted.pk}", {"days": "1.5", "price": "900"}, if_match='"1"')
    late = caller.patch(f"change-requests/{wanted.pk}", {"price": "1"}, if_match='"1"')

    assert (first.status_code, first.json()["days"], first.json()["price"]) == (200, "1.50", "900.00")
    assert late.status_code == 412


def test_the_client_is_asked_with_price_and_date(caller, offered):
    assert offered.status_code == 201
    said = offered.json()
    assert (said["kind"], said["state"], said["context"]) == ("change", "pending", "As discussed.")
    assert said["options"][0]["label"] == "Yes, for 900.00 EUR and 2 working days"


def test_the_client_is_not_asked_before_the_price_is_said(caller, wanted):
    response = caller.post(f"change-requests/{wanted.pk}/ask", {"decide_by": FRIDAY})

    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"days", "price"}


def test_our_own_no_needs_its_reason(caller, wanted):
    empty = caller.post(f"change-requests/{wanted.pk}/decide", {"outcome": "declined"})
    declined = caller.post(f"change-requests/{wanted.pk}/decide", {"outcome": "declined", "reason": "Next."})

    assert (empty.status_code, set(empty.json()["errors"])) == (400, {"evidence", "name"})
    assert (declined.status_code, declined.json()["state"]) == (200, "declined")


@pytest.mark.parametrize("outcome", ["accepted", "declined"])
def test_an_answer_by_the_agreed_channel_is_noted_with_its_evidence(
    caller, studio, in_execution, wanted, outcome
):
    by_channel(studio, in_execution, "meeting")
    caller.patch(f"change-requests/{wanted.pk}", {"days": "2", "price": "900.00"})
    caller.post(f"change-requests/{wanted.pk}/ask", {"decide_by": FRIDAY})

    noted = caller.post(f"change-requests/{wanted.pk}/decide", {"outcome": outcome, **SAID})

    assert (noted.status_code, noted.json()["state"]) == (200, outcome)
    assert noted.json()["decision_id"]


def test_where_only_the_link_counts_nobody_answers_for_the_client(caller, studio, offered, wanted):
    refused = caller.post(f"change-requests/{wanted.pk}/decide", {"outcome": "accepted", **SAID})

    assert (refused.status_code, refused.json()["code"]) == (400, "other_channel")
    with inside(studio):
        assert ChangeRequest.objects.get().state == "undecided"


def test_an_answer_to_what_was_not_asked_is_refused(caller, wanted):
    refused = caller.post(f"change-requests/{wanted.pk}/decide", {"outcome": "accepted", **SAID})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_asked")


def test_a_reason_and_an_answer_do_not_go_together(caller, wanted):
    body = {"outcome": "declined", "reason": "Next.", **SAID}

    refused = caller.post(f"change-requests/{wanted.pk}/decide", body)

    assert (refused.status_code, set(refused.json()["errors"])) == (400, {"reason"})


def test_what_waits_for_the_client_is_not_estimated_anew(caller, studio, wanted, by):
    with inside(studio):
        estimate(wanted.pk, {"days": 1, "price": 5}, by=by, now=MONDAY)
        ask_client(wanted.pk, decide_by=MONDAY.replace(day=6), by=by, now=MONDAY)

    refused = caller.patch(f"change-requests/{wanted.pk}", {"price": "6"})

    assert (refused.status_code, refused.json()["code"]) == (409, "request_pending")
