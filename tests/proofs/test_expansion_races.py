"""Two at once: one e-mail, one question, one opportunity, and every answer on record."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from journal.models import Delivery, Event
from milestones.models import Notice
from milestones.words import NoticeKind
from proofs.actions import confidence, deliveries, opportunities
from proofs.models import Confidence, Opportunity
from tenancy.door import inside
from tenancy.refusal import Stale
from tests import factories
from tests.factories import MONDAY, milestone_in_closeout
from tests.proofs.delivering import arrive, published

pytestmark = pytest.mark.slow


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def by(ada):
    return factories.actor(ada)


@pytest.fixture
def packet(ada, by):
    with inside(factories.workspace(ada)):
        return published(milestone_in_closeout(by), by)


def at_once(packet: Any, *acts: Callable[[], Any]) -> list[Any]:
    """Lets several act at the same time, each in a transaction of its own; what came back, or was raised."""
    start = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            with inside(packet.workspace_id):
                return act()
        except Stale as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_two_who_deliver_at_once_send_one_mail_and_ask_once(packet, by):
    def deliver():
        return deliveries.deliver(packet, by=by, now=MONDAY).pk

    first, second = at_once(packet, deliver, deliver)

    assert first == second
    with inside(packet.workspace_id):
        assert Notice.objects.filter(kind=NoticeKind.PROOF).count() == 1
        assert Delivery.objects.filter(subject_id=first).count() == 1
        assert Confidence.objects.filter(subject_id=packet.pk).count() == 1


@pytest.mark.parametrize("_turn", range(3))
def test_a_delivery_that_is_noted_twice_while_somebody_notes_by_hand(packet, by, _turn):
    with inside(packet.workspace_id):
        project = packet.milestone.project
        arrive(deliveries.deliver(packet, by=by, now=MONDAY).delivery_id)

    def follow():
        return deliveries.note_delivered(packet.pk, now=MONDAY).delivered_at

    def note():
        return opportunities.note(project, title="By hand", by=by, now=MONDAY).number

    found = at_once(packet, follow, note, follow, note)

    assert [found[0], found[2]] == [MONDAY, MONDAY]
    with inside(packet.workspace_id):
        assert sorted(Opportunity.objects.values_list("number", flat=True)) == [1, 2, 3]
        assert Opportunity.objects.filter(packet=packet).count() == 1
        assert Event.objects.filter(kind="proof_packet.delivered").count() == 1


def test_of_two_taps_at_once_both_are_on_record_and_one_counts(packet, by):
    with inside(packet.workspace_id):
        deliveries.deliver(packet, by=by, now=MONDAY)
        asked = Confidence.objects.get(subject_id=packet.pk)

    def tap(score):
        return lambda: confidence.give(asked.pk, score=score, by=by, now=MONDAY).score

    assert sorted(at_once(packet, tap(2), tap(5))) == [2, 5]

    with inside(packet.workspace_id):
        events = Event.objects.filter(subject_id=asked.pk).order_by("seq")
        kinds = list(events.values_list("kind", flat=True))
        assert kinds == ["confidence.asked", "confidence.given", "confidence.changed"]
        assert f'"score":{Confidence.objects.get(pk=asked.pk).score}' in events.last().body


def test_of_two_who_advance_what_they_saw_one_does(packet, by):
    with inside(packet.workspace_id):
        row = opportunities.note(packet.milestone.project, title="Next", by=by, now=MONDAY)

    def advance():
        return opportunities.advance(row.pk, "conversation", by=by, now=MONDAY, expected=1).stage

    found = at_once(packet, advance, advance)

    assert sorted(type(each).__name__ for each in found) == ["Stale", "str"]
    with inside(packet.workspace_id):
        assert Event.objects.filter(kind="opportunity.advanced").count() == 1
