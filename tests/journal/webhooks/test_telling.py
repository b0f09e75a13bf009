"""What webhooks tell: signed, in order, at least once under one id."""

import json
from threading import Thread

import svix
import time_machine
from django.db import transaction
from standardwebhooks import Webhook

from journal import fanout
from journal.actions import record
from journal.actors import SYSTEM
from journal.models import Event, EventPersonal, State
from journal.queries import told_event, told_events
from tenancy.door import inside
from tenancy.ids import uuid7
from tests.factories import MONDAY
from tests.journal.webhooks.sending import (
    BUSY,
    OK,
    SECOND,
    fresh,
    happen,
    made,
    messages,
    ring,
    tell,
    told,
    tries,
)
from tests.receiver import in_turn


def test_an_event_arrives_as_the_api_serves_it_and_both_libraries_verify_it(studio, there):
    endpoint, secret = made(studio, there)
    event = happen(studio, n=1, text="größer")

    tell()

    [request], [message] = there.requests, messages(studio)
    with inside(studio):
        served = told_event(told_events(Event.objects.filter(pk=event.pk)).get())
    assert json.loads(request.body) == served
    assert (served["kind"], served["data"], served["personal"]) == (
        "progress.recorded",
        {"n": 1, "text": "größer"},
        {"actor": "Cairn"},
    )
    assert (request.headers["webhook-id"], request.headers["content-type"]) == (
        str(message.pk),
        "application/json",
    )
    with time_machine.travel(MONDAY, tick=False):
        Webhook(secret).verify(request.body, request.headers)
        svix.Webhook(secret).verify(request.body, request.headers)
    assert (message.state, message.kind, message.subject_id, message.recipient_name) == (
        State.SENT,
        "progress.recorded",
        event.pk,
        "n8n",
    )
    assert tries(studio) == [("sent", 'HTTP 200: {"ok":true}')]
    assert fresh(studio, endpoint).due_at is None


def test_what_happened_before_an_endpoint_was_made_is_not_told(studio, there):
    happen(studio, n=1)
    made(studio, there)

    tell()

    assert there.requests == []


def test_only_the_kinds_asked_for_are_told(studio, there):
    made(studio, there, events=["milestone.forecast_moved"])
    for kind in ("progress.recorded", "milestone.forecast_moved", "blocker.opened"):
        happen(studio, kind)

    tell()

    assert told(there) == [("milestone.forecast_moved", None)]


def test_an_event_of_a_refused_transaction_is_never_told(studio, there):
    made(studio, there)
    with inside(studio):
        record(studio, "progress.recorded", by=SYSTEM, at=MONDAY)
        transaction.set_rollback(True)

    tell()

    assert there.requests == []


def test_each_endpoint_is_told_once_however_often_the_bell_rings(studio, there):
    there.ways["/other"] = OK
    made(studio, there)
    made(studio, there, "/other")
    happen(studio, n=1)

    ringing = [Thread(target=ring) for _ in range(4)]
    for each in ringing:
        each.start()
    for each in ringing:
        each.join()
    tell()

    events = [(path, kind) for path, (kind, _) in zip(there.paths(), told(there), strict=True)]
    assert sorted(events) == [
        ("/hook", "progress.recorded"),
        ("/hook", "webhook_endpoint.made"),
        ("/other", "progress.recorded"),
    ]


def test_a_flood_is_told_in_batches_whole_and_in_order(studio, there, monkeypatch):
    monkeypatch.setattr(fanout, "BATCH", 7)
    made(studio, there)
    thread = uuid7()
    for n in range(30):
        happen(studio, n=n, thread=thread)

    tell()

    assert [n for _, n in told(there)] == list(range(30))


def test_an_event_waits_for_the_one_before_it_in_its_story_and_others_go_on(studio, there):
    there.ways["/hook"] = in_turn(BUSY, OK)
    made(studio, there)
    first, second = uuid7(), uuid7()
    happen(studio, n=1, thread=first)
    happen(studio, n=2, thread=first)
    happen(studio, n=3, thread=second)

    tell()
    at_first = [n for _, n in told(there)]
    tell(MONDAY + 10 * SECOND)

    assert at_first == [1, 3]
    assert [n for _, n in told(there)] == [1, 3, 1, 2]
    assert {message.state for message in messages(studio)} == {State.SENT}


def test_a_repetition_has_the_same_id_and_its_own_time(studio, there):
    there.ways["/hook"] = in_turn(BUSY, OK)
    _, secret = made(studio, there)
    happen(studio)

    tell()
    tell(MONDAY + 10 * SECOND)

    one, other = (request.headers for request in there.requests)
    assert one["webhook-id"] == other["webhook-id"]
    assert int(other["webhook-timestamp"]) - int(one["webhook-timestamp"]) == 10
    with time_machine.travel(MONDAY, tick=False):
        Webhook(secret).verify(there.requests[1].body, other)


def test_an_erased_person_is_not_told_of(studio, there):
    made(studio, there)
    event = happen(studio)
    with inside(studio):
        EventPersonal.objects.filter(event=event).delete()

    tell()

    assert json.loads(there.requests[0].body)["personal"] is None
