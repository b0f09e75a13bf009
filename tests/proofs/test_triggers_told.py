"""What a closed milestone lets be invoiced and started goes out to whoever asked to be told."""

import json

import pytest

from journal import endpoints, fanout, webhooks
from milestones.actions.endings import close
from milestones.words import Outcome
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import complete
from tests.receiver import receiver, saying

SAID = {"reason": "Accepted.", "open_dependencies": "none", "next_move_owner": "Carla"}
KINDS = ["milestone.closed", "milestone.invoice_trigger_reached", "milestone.next_stage_trigger_reached"]


@pytest.fixture
def told(fresh_database, settings):
    """The events that arrive of a milestone that was closed as approved, in their order."""
    ada = factories.person()
    studio, by = factories.workspace(ada), factories.actor(ada)
    with receiver() as there:
        settings.EGRESS_ALLOWED_HOSTS, there.ways["/invoices"] = [there.place], saying(b"")
        with inside(studio):
            endpoints.make(name="Books", url=there.url("/invoices"), events=KINDS, by=by, now=MONDAY)
            milestone = factories.milestone_in_closeout(by)
            complete(milestone, by)
            close(milestone.pk, Outcome.APPROVED, **SAID, by=by, now=MONDAY)
        fanout.tell_behind(now=MONDAY)
        while webhooks.send_next(now=MONDAY):
            pass
        yield [json.loads(request.body) for request in there.requests]


def test_both_triggers_go_out_after_the_close_that_caused_them(told):
    closed, invoice, following = told

    assert [event["kind"] for event in told] == KINDS
    assert [invoice["cause_id"], following["cause_id"]] == [closed["id"]] * 2
    assert invoice["data"]["trigger"] == "First instalment"
    assert following["data"]["trigger"] == "Kick off the alerting milestone"
    assert {event["subject"]["id"] for event in told} == {closed["thread_id"]}
