"""The sweep of packets: it finds by itself what is to begin, to stop, to publish and to be reminded of."""

from datetime import timedelta

import pytest

from journal.models import Delivery, Event
from milestones.actions import decisions
from milestones.models import Decision
from proofs.actions import packets
from proofs.models import ProofPacket
from proofs.sweeps import assembling
from proofs.sweeps.assembling import TRIED_AGAIN, assemble_due
from proofs.sweeps.checks import look_due, watch_all
from proofs.words import PacketState
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import TEXTS, publish

LATER = MONDAY + timedelta(hours=1)
NIGHT = MONDAY + timedelta(hours=14)  # an hour before the day ends


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def by(ada):
    return factories.actor(ada)


@pytest.fixture
def workspace(ada):
    return factories.workspace(ada)


def test_what_the_client_is_asked_about_gets_a_draft(workspace, by):
    with inside(workspace):
        asked = factories.milestone_in_review(by)
        accepted = factories.milestone_in_closeout(by, account_name="Two", project_name="Two")
        factories.milestone_in_qa(by, account_name="Three", project_name="Three")

    assert assemble_due(now=LATER) == 2
    assert assemble_due(now=LATER) == 0

    with inside(workspace):
        found = {row.milestone_id: row.clock_started_at for row in ProofPacket.objects.all()}
    assert found == {asked.pk: None, accepted.pk: MONDAY}


def test_what_is_published_needs_no_draft(workspace, by):
    with inside(workspace):
        publish(factories.milestone_in_closeout(by), by)

    assert assemble_due(now=LATER) == 0


def test_an_archived_project_needs_no_draft(workspace, by):
    with inside(workspace):
        milestone = factories.milestone_in_review(by)
        milestone.project.archived_at = MONDAY
        milestone.project.save()

    assert assemble_due(now=LATER) == 0


def test_a_packet_that_was_written_during_the_review_publishes_itself_on_acceptance(workspace, by):
    with inside(workspace):
        milestone = factories.milestone_in_review(by)
        draft = packets.assemble(milestone.pk, now=MONDAY)
        packets.write(draft.pk, {**TEXTS, "publishes_itself": True}, by=by, now=MONDAY)
    watch_all(now=MONDAY)
    look_due(now=MONDAY)
    assert assemble_due(now=MONDAY) == 0
    with inside(workspace):
        factories.answer(milestone, now=LATER)

    assert assemble_due(now=LATER) == 2  # the clock, and a try that waits for the look at what was delivered
    assert look_due(now=LATER) == 1
    assert assemble_due(now=LATER + TRIED_AGAIN - timedelta(seconds=1)) == 0
    assert assemble_due(now=LATER + TRIED_AGAIN) == 1

    with inside(workspace):
        packet = ProofPacket.objects.get()
        event = Event.objects.get(kind="proof_packet.published")
        allowed = event.personal.get().content["allowed_by"]
    published_at = LATER + TRIED_AGAIN
    assert (packet.state, packet.same_day, packet.published_at) == (PacketState.PUBLISHED, True, published_at)
    assert (event.actor_kind, allowed) == ("system", "Ada Agency")


def test_a_countermand_stops_the_clock_and_nothing_publishes_itself(workspace, by):
    with inside(workspace):
        milestone = factories.milestone_in_closeout(by)
        draft = packets.assemble(milestone.pk, now=MONDAY)
        decisions.countermand(Decision.objects.get().pk, reason="A mistake.", by=by, now=LATER)
        packets.write(draft.pk, {**TEXTS, "publishes_itself": True}, by=by, now=LATER)

    assert assemble_due(now=NIGHT) == 1

    with inside(workspace):
        packet = ProofPacket.objects.get()
    assert (packet.state, packet.clock_ends_at) == (PacketState.DRAFT, None)


def test_a_taken_back_acceptance_of_a_published_packet_begins_the_next_version(workspace, by):
    with inside(workspace):
        milestone = factories.milestone_in_closeout(by)
        publish(milestone, by)
        decisions.countermand(Decision.objects.get().pk, reason="A mistake.", by=by, now=LATER)

    assemble_due(now=LATER)

    with inside(workspace):
        states = list(ProofPacket.objects.order_by("number").values_list("number", "state"))
    assert states == [(1, PacketState.PUBLISHED), (2, PacketState.DRAFT)]


def test_the_reminder_leaves_once(workspace, by):
    with inside(workspace):
        factories.milestone_in_closeout(by)
    assert assemble_due(now=LATER) == 1

    assert assemble_due(now=NIGHT) == 1
    assert assemble_due(now=NIGHT) == 0

    with inside(workspace):
        assert Delivery.objects.filter(kind="proof_due").count() == 1


def test_a_workspace_with_much_to_begin_keeps_no_other_waiting(workspace, ada, by, monkeypatch):
    monkeypatch.setattr(assembling, "AT_ONCE", 2)
    with inside(workspace):
        for n in range(3):
            factories.milestone_in_closeout(by, account_name=f"Client {n}", project_name=f"Project {n}")
    there = factories.workspace(ada)
    with inside(there):
        factories.milestone_in_closeout(by, now=LATER)

    assert assemble_due(now=LATER) == 2

    with inside(there):
        assert ProofPacket.objects.count() == 1


def test_each_workspace_gets_its_own(workspace, ada, by):
    there = factories.workspace(ada)
    for each in (workspace, there):
        with inside(each):
            factories.milestone_in_review(by)

    assert assemble_due(now=LATER) == 2

    for each in (workspace, there):
        with inside(each):
            assert ProofPacket.objects.count() == 1
