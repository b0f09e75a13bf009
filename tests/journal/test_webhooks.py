"""Webhooks against a real receiver: signed, in order, at least once under one id, and nobody held up."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from threading import Event as Signal
from threading import Thread

import pytest
import svix
import time_machine
from django.db import connections, transaction
from django.utils import timezone
from standardwebhooks import Webhook

from journal import endpoints, fanout, outbox, webhooks
from journal.actions import record
from journal.actors import SYSTEM
from journal.egress import Answer
from journal.models import Channel, Delivery, DeliveryAttempt, Event, EventPersonal, State, WebhookEndpoint
from journal.outbox import Ended
from journal.queries import told_event, told_events
from journal.tasks import LANES, Shift
from tenancy.door import inside
from tenancy.ids import uuid7
from tenancy.refusal import Refused, Stale
from tenancy.sweep import in_lanes
from tests.factories import MONDAY
from tests.guards.source import ROOT
from tests.receiver import in_turn, leading, receiver, saying

OK = saying(b'{"ok":true}')
BUSY = saying(b"later", status=500)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def there(settings):
    with receiver() as running:
        settings.EGRESS_ALLOWED_HOSTS = [running.place]
        running.ways["/hook"] = OK
        yield running


def made(studio, there, path="/hook", **more):
    with inside(studio):
        return endpoints.make(name="n8n", url=there.url(path), by=SYSTEM, now=MONDAY, **more)


def happen(studio, kind="progress.recorded", *, thread=None, at=MONDAY, **data):
    with inside(studio):
        return record(studio, kind, by=SYSTEM, at=at, data=data, thread_id=thread)


def tell(now=MONDAY):
    """Fans out and sends all that is due. Returns how many attempts were made."""
    while fanout.tell_behind(now=now):
        pass
    tried = 0
    while webhooks.send_next(now=now):
        tried += 1
    return tried


def messages(studio, **which):
    with inside(studio):
        return list(Delivery.objects.filter(channel=Channel.WEBHOOK, **which).order_by("seq"))


def fresh(studio, endpoint):
    with inside(studio):
        return WebhookEndpoint.objects.get(pk=endpoint.pk)


def told(there):
    """The events that arrived, by their kind and what they say."""
    return [(body["kind"], body["data"].get("n")) for body in map(json.loads, bodies(there))]


def bodies(there):
    return [request.body.decode() for request in there.requests]


def tries(studio):
    with inside(studio):
        return list(DeliveryAttempt.objects.order_by("at", "pk").values_list("outcome", "detail"))


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

    ringing = [Thread(target=_ring) for _ in range(4)]
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


def _ring():
    tell()
    connections.close_all()


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


def test_attempts_go_on_for_three_days_with_growing_pauses_and_then_the_message_is_parked(studio, there):
    there.ways["/hook"] = BUSY
    made(studio, there)
    happen(studio)
    pauses, now = [], MONDAY

    # The endpoint as a whole would be paused before; here others arrive meanwhile.
    for _ in webhooks.PAUSES:
        tell(now)
        [message] = messages(studio)
        pauses.append(message.due_at - now)
        now = message.due_at
        _forget_failures(studio)
    tell(now)

    [message] = messages(studio)
    assert all(base <= pause < base * 1.1 for base, pause in zip(webhooks.PAUSES, pauses, strict=True))
    assert (message.state, message.last_error) == (State.PARKED, "HTTP 500: later")
    assert sum(webhooks.PAUSES, timedelta()) > 3 * DAY
    assert len(there.requests) == len(webhooks.PAUSES) + 1


def _forget_failures(studio):
    with inside(studio):
        WebhookEndpoint.objects.update(**endpoints.WELL)


def test_five_failures_in_a_row_leave_the_endpoint_alone_for_a_while(studio, there):
    there.ways["/hook"] = BUSY
    endpoint, _ = made(studio, there)
    for n in range(8):
        happen(studio, n=n, thread=uuid7())

    tell()
    resting = fresh(studio, endpoint)
    during = tell(MONDAY + timedelta(minutes=4))
    there.ways["/hook"] = OK
    afterwards = tell(MONDAY + timedelta(minutes=6))

    assert (resting.failures, resting.failing_since) == (5, MONDAY)
    assert resting.rests_until == MONDAY + timedelta(minutes=5)
    assert (during, afterwards, len(there.requests)) == (0, 8, 13)
    recovered = fresh(studio, endpoint)
    assert (recovered.failures, recovered.failing_since, recovered.rests_until) == (0, None, None)


@pytest.mark.parametrize(
    ("failures", "wait", "rests"),
    [
        (1, 0, 0),
        (4, 0, 0),
        (5, 0, 5),
        (6, 0, 10),
        (8, 0, 40),
        (9, 0, 60),
        (500, 0, 60),
        (1, 30, 30),
        (5, 30, 30),
        (9, 30, 60),
    ],
)
def test_the_more_failures_the_longer_the_rest(failures, wait, rests):
    minute = timedelta(minutes=1)

    assert webhooks.rest(failures, wait * minute) == rests * minute


def _answer(status, body=b"", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body=body, sha256="", size=len(body), truncated=False)


@pytest.mark.parametrize(
    ("answer", "ended", "wait"),
    [
        (_answer(200), Ended.SENT, 0),
        (_answer(204), Ended.SENT, 0),
        (_answer(299), Ended.SENT, 0),
        (_answer(301), Ended.FAILED, 0),
        (_answer(302), Ended.FAILED, 0),
        (_answer(400), Ended.FAILED, 0),
        (_answer(404), Ended.FAILED, 0),
        (_answer(410), Ended.UNWANTED, 0),
        (_answer(429, retry_after="120"), Ended.FAILED, 120),
        (_answer(503, retry_after="9" * 40), Ended.FAILED, 86400),
        (_answer(503, retry_after="²"), Ended.FAILED, 0),
        (_answer(503, retry_after="soon"), Ended.FAILED, 0),
        (_answer(500, retry_after="120"), Ended.FAILED, 0),
    ],
)
def test_what_an_answer_means(answer, ended, wait):
    outcome = webhooks.meaning(answer)

    assert (outcome.ended, outcome.wait) == (ended, timedelta(seconds=wait))


def test_what_an_answer_says_is_quoted_safely_and_in_short():
    outcome = webhooks.meaning(_answer(500, b"a\x00b\r\n\xff\xe2\x80\xae" + b"x" * 500))

    assert outcome.error == "HTTP 500: a b � " + "x" * 193 + "…"


def test_a_busy_receiver_is_given_the_time_it_asks_for(studio, there):
    there.ways["/hook"] = in_turn(saying(b"", status=429, retry_after="3600"), OK)
    made(studio, there)
    happen(studio, n=1)
    happen(studio, n=2)

    counts = [tell(), tell(MONDAY + HOUR - SECOND), tell(MONDAY + HOUR)]

    assert counts == [1, 0, 2]


def test_a_redirect_is_a_failure_and_not_followed(studio, there):
    there.ways["/hook"] = leading(there.url("/elsewhere"), status=307)
    made(studio, there)
    happen(studio)

    tell()

    assert there.paths() == ["/hook"]
    assert tries(studio) == [("failed", "HTTP 307: it leads elsewhere; give the final address.")]


def test_a_receiver_that_wants_no_more_is_paused_and_the_owners_are_told(studio, there):
    there.ways["/hook"] = saying(b"", status=410)
    endpoint, _ = made(studio, there)
    happen(studio, n=1)
    happen(studio, n=2)

    tell()

    paused = fresh(studio, endpoint)
    assert (paused.paused_at, paused.pause_reason) == (
        MONDAY,
        "It answered 410: it wants to hear no more.",
    )
    assert len(there.requests) == 1
    assert _mails(studio) == [("ada@studio.example", "Webhook n8n is paused")]
    assert _last_event(studio) == ("webhook_endpoint.paused", "system")


def _mails(studio):
    with inside(studio):
        found = Delivery.objects.filter(channel=Channel.EMAIL, kind="webhook_paused")
        return [(mail.address, mail.payload["subject"]) for mail in found]


def _last_event(studio):
    with inside(studio):
        return Event.objects.order_by("-seq").values_list("kind", "actor_kind")[0]


@pytest.mark.parametrize(("hours", "is_paused"), [(74, False), (75, True)])
def test_failing_for_three_days_pauses(studio, there, hours, is_paused):
    there.ways["/hook"] = BUSY
    endpoint, _ = made(studio, there)
    happen(studio)
    tell()

    tell(MONDAY + hours * HOUR)

    paused = fresh(studio, endpoint)
    assert bool(paused.paused_at) is is_paused
    assert len(_mails(studio)) == is_paused
    if is_paused:
        assert paused.pause_reason == "Nothing has arrived for three days. Last: HTTP 500: later"


def test_what_happened_during_a_pause_is_told_once_it_ends(studio, there):
    endpoint, _ = made(studio, there, events=["progress.recorded"])
    thread = uuid7()
    with inside(studio):
        endpoints.pause(endpoint.pk, by=SYSTEM, now=MONDAY)
    for n in range(3):
        happen(studio, n=n, thread=thread)
    quiet = tell()

    with inside(studio):
        endpoints.resume(endpoint.pk, by=SYSTEM, now=MONDAY + HOUR)
    tell(MONDAY + HOUR)

    assert quiet == 0
    assert [n for _, n in told(there)] == [0, 1, 2]


def test_a_message_that_waited_too_long_is_not_sent_any_more(studio, there):
    made(studio, there)
    happen(studio)

    tell(MONDAY + fanout.KEPT)

    assert there.requests == []
    assert [message.state for message in messages(studio)] == [State.EXPIRED]


def test_resuming_tries_at_once_what_had_to_wait(studio, there):
    there.ways["/hook"] = in_turn(*[BUSY] * 5, saying(b"", status=410), OK)
    endpoint, _ = made(studio, there, events=["progress.recorded"])
    happen(studio, n=1)
    for minutes in (0, 1, 10, 60, 600, 1200):
        tell(MONDAY + timedelta(minutes=minutes))
    paused = fresh(studio, endpoint)

    with inside(studio):
        endpoints.resume(endpoint.pk, by=SYSTEM, now=MONDAY + DAY)
    tell(MONDAY + DAY)

    assert paused.paused_at
    [message] = messages(studio)
    assert (message.state, message.attempts) == (State.SENT, 1)


def test_removing_withdraws_what_waits(studio, there):
    endpoint, _ = made(studio, there)
    happen(studio)
    fanout.tell_behind(now=MONDAY)

    with inside(studio):
        endpoints.remove(endpoint.pk, by=SYSTEM, now=MONDAY)
    tell()

    assert there.requests == []
    assert [message.state for message in messages(studio)] == [State.WITHDRAWN]


def test_two_secrets_sign_for_a_day_after_a_rotation(studio, there):
    endpoint, old = made(studio, there, events=["progress.recorded"])
    with inside(studio):
        _, new = endpoints.rotate_secret(endpoint.pk, by=SYSTEM, now=MONDAY)
    happen(studio)
    tell(MONDAY + DAY - SECOND)
    happen(studio)
    tell(MONDAY + DAY)

    during, after = (request for request in there.requests)
    assert [len(each.headers["webhook-signature"].split()) for each in (during, after)] == [2, 1]
    for secret in (old, new):
        _verify(secret, during, MONDAY + DAY)
    _verify(new, after, MONDAY + DAY)
    with pytest.raises(svix.WebhookVerificationError):
        _verify(old, after, MONDAY + DAY)


def _verify(secret, request, now):
    with time_machine.travel(now, tick=False):
        svix.Webhook(secret).verify(request.body, request.headers)


def test_a_second_rotation_within_the_day_is_refused(studio, there):
    endpoint, _ = made(studio, there)
    with inside(studio):
        endpoints.rotate_secret(endpoint.pk, by=SYSTEM, now=MONDAY)

    with pytest.raises(Refused) as refused, inside(studio):
        endpoints.rotate_secret(endpoint.pk, by=SYSTEM, now=MONDAY + DAY - SECOND)

    assert refused.value.code == "rotating"


def test_no_secret_stands_in_the_clear(studio, there):
    endpoint, secret = made(studio, there, "/hook?key=geheim")
    with inside(studio):
        endpoints.rotate_secret(endpoint.pk, by=SYSTEM, now=MONDAY)
        endpoints.change_endpoint(endpoint.pk, {"url": there.url("/hook")}, by=SYSTEM, now=MONDAY)
        said = " ".join(Event.objects.values_list("body", flat=True))

    kept = fresh(studio, endpoint)
    assert secret not in kept.secret + kept.old_secret
    assert "geheim" not in said
    assert "whsec_" not in said


def test_a_test_goes_before_all_that_waits_and_ends_a_rest(studio, there):
    there.ways["/hook"] = BUSY
    endpoint, _ = made(studio, there, events=["progress.recorded"])
    for n in range(6):
        happen(studio, n=n, thread=uuid7())
    tell()
    there.requests.clear()
    there.ways["/hook"] = OK

    with inside(studio):
        delivery = endpoints.test(endpoint.pk, by=SYSTEM, now=MONDAY + SECOND)
    tell(MONDAY + SECOND)

    assert told(there)[0] == ("webhook_endpoint.tested", None)
    assert there.requests[0].headers["webhook-id"] == str(delivery.pk)
    assert [message.state for message in messages(studio, kind="webhook_endpoint.tested")] == [State.SENT]


def test_a_parked_message_is_sent_when_replayed_under_its_old_id(studio, there):
    there.ways["/hook"] = OK
    made(studio, there)
    happen(studio)
    fanout.tell_behind(now=MONDAY)
    with inside(studio):
        Delivery.objects.update(state=State.PARKED, finished_at=MONDAY)
    nothing = tell()

    with inside(studio):
        outbox.replay(Delivery.objects.get(), by=SYSTEM, now=MONDAY + DAY)
    tell(MONDAY + DAY)

    assert (nothing, there.requests[0].headers["webhook-id"]) == (0, str(messages(studio)[0].pk))


def test_what_waited_for_a_withdrawn_message_goes_on(studio, there):
    there.ways["/hook"] = in_turn(BUSY, OK)
    made(studio, there)
    thread = uuid7()
    happen(studio, n=1, thread=thread)
    happen(studio, n=2, thread=thread)
    tell()

    with inside(studio):
        outbox.withdraw_one(Delivery.objects.get(last_error__gt=""), by=SYSTEM, now=MONDAY + SECOND)
    tell(MONDAY + SECOND)

    assert [n for _, n in told(there)] == [1, 2, None]


def test_nothing_is_replayed_to_a_removed_endpoint(studio, there):
    endpoint, _ = made(studio, there)
    happen(studio)
    fanout.tell_behind(now=MONDAY)
    with inside(studio):
        Delivery.objects.update(state=State.PARKED, finished_at=MONDAY)
        endpoints.remove(endpoint.pk, by=SYSTEM, now=MONDAY)

    with pytest.raises(Refused) as refused, inside(studio):
        outbox.replay(Delivery.objects.get(), by=SYSTEM, now=MONDAY)

    assert refused.value.code == "removed"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example/x", "It must begin with https://."),
        ("https://hooks.example:22/x", "Its port is 22; for https only 443 or 8443 may be called."),
        ("https://ada:secret@hooks.example/x", "It holds a name or password before the host."),
        ("https://127.0.0.1/x", "It leads to an address that is not public"),
        ("https://[::ffff:10.0.0.1]/x", "It leads to an address that is not public"),
        ("ftp://hooks.example/x", "It is no web address."),
        ("hooks", "It is no web address."),
    ],
)
def test_an_address_that_can_never_be_told_is_refused_when_it_is_typed(studio, url, said):
    with pytest.raises(Refused) as refused, inside(studio):
        endpoints.make(name="n8n", url=url, by=SYSTEM, now=MONDAY)

    [sentence] = refused.value.fields["url"]
    assert sentence.startswith(said)


def test_an_unknown_event_is_refused_by_its_name(studio, there):
    with pytest.raises(Refused) as refused:
        made(studio, there, events=["milestone.vanished"])

    assert "milestone.vanished" in refused.value.fields["events"][0]


def test_a_name_that_leads_to_a_private_address_is_never_called(studio, there, settings):
    made(studio, there)
    settings.EGRESS_ALLOWED_HOSTS = []
    with inside(studio):
        WebhookEndpoint.objects.update(url="https://localhost/hook")
    happen(studio)

    tell()

    assert there.requests == []
    [(outcome, detail)] = tries(studio)
    assert (outcome, "not public" in detail) == ("failed", True)


def test_a_change_of_the_address_counts_for_what_waits(studio, there):
    there.ways |= {"/hook": BUSY, "/new": OK}
    endpoint, _ = made(studio, there)
    happen(studio)
    tell()

    with inside(studio):
        endpoints.change_endpoint(
            endpoint.pk, {"url": there.url("/new")}, by=SYSTEM, now=MONDAY, expected=endpoint.version
        )
    tell(MONDAY + HOUR)

    assert there.paths() == ["/hook", "/new", "/new"]
    with pytest.raises(Stale), inside(studio):
        endpoints.change_endpoint(endpoint.pk, {"name": "x"}, by=SYSTEM, now=MONDAY, expected=1)


def test_mails_and_webhooks_do_not_take_each_others_messages(studio, there, mailoutbox):
    there.ways["/hook"] = saying(b"", status=410)
    made(studio, there)
    happen(studio)
    fanout.tell_behind(now=MONDAY)

    by_mail = outbox.send_next(now=MONDAY)
    tell()
    mail_left = outbox.send_next(now=MONDAY)

    assert (by_mail, mail_left, len(there.requests), len(mailoutbox)) == (False, True, 1, 1)


def test_two_workers_send_each_message_once_and_one_at_a_time(studio, there):
    busy, most = [], []

    def answer(handler):
        busy.append(1)
        most.append(len(busy))
        OK(handler)
        busy.pop()

    there.ways["/hook"] = answer
    made(studio, there)
    for n in range(12):
        happen(studio, n=n, thread=uuid7())

    workers = [Thread(target=_ring) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tell()

    ids = [request.headers["webhook-id"] for request in there.requests]
    assert (len(ids), len(set(ids)), max(most)) == (12, 12, 1)


@pytest.mark.slow
def test_a_slow_receiver_holds_up_nobody_who_comes_later(studio, there):
    """Its answer waits until a quick one, whose event happens meanwhile, has been told."""
    has_begun, quick_was_told = Signal(), Signal()

    def slowly(handler):
        has_begun.set()
        quick_was_told.wait(20)
        OK(handler)

    def quickly(handler):
        quick_was_told.set()
        OK(handler)

    there.ways |= {"/slow": slowly, "/quick": quickly}
    made(studio, there, "/slow", events=["progress.recorded"])
    made(studio, there, "/quick", events=["blocker.opened"])
    with time_machine.travel(MONDAY, tick=True):
        happen(studio, at=timezone.now())
        fanout.tell_behind(now=timezone.now())
        shift = Thread(target=_shift)
        shift.start()
        assert has_begun.wait(20)
        happen(studio, "blocker.opened", at=timezone.now())
        shift.join()

    assert there.paths() == ["/slow", "/quick"]
    assert {message.state for message in messages(studio)} == {State.SENT}


def _shift():
    now = timezone.now()
    in_lanes(LANES, Shift(now + timedelta(seconds=45), now).work)
    connections.close_all()


def test_endpoints_that_fail_take_two_lanes_at_most(studio, there):
    for n in range(4):
        there.ways[f"/{n}"] = BUSY
        made(studio, there, f"/{n}", events=["progress.recorded"])
    happen(studio)
    tell()
    later = MONDAY + HOUR

    taken = [webhooks.take_turn(now=later) for _ in range(4)]

    assert [turn is not None for turn in taken] == [True, True, False, False]


CHILD = """
import django; django.setup()
from datetime import datetime, UTC
from django.conf import settings
settings.EGRESS_ALLOWED_HOSTS = [{place!r}]
from journal import webhooks
webhooks.send_next(now=datetime(2026, 3, 2, 9, tzinfo=UTC))
"""


@pytest.mark.slow
@pytest.mark.faults
def test_a_worker_killed_after_sending_costs_one_repetition_under_the_same_id(studio, there, fresh_database):
    made(studio, there)
    happen(studio)
    fanout.tell_behind(now=MONDAY)
    children: list[subprocess.Popen[bytes]] = []
    there.ways["/hook"] = lambda _: os.kill(children[0].pid, signal.SIGKILL)
    children.append(_start_child(fresh_database, there))
    assert children[0].wait(timeout=60) == -signal.SIGKILL
    there.ways["/hook"] = OK

    held = tell()
    _let_leases_end()
    again = tell()

    [message] = messages(studio)
    assert (held, again) == (0, 1)
    assert (message.state, message.possibly_twice, message.attempts) == (State.SENT, True, 2)
    assert [request.headers["webhook-id"] for request in there.requests] == [str(message.pk)] * 2


def _start_child(database, there):
    known = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **database.environment, **known}
    child = CHILD.format(place=there.place)
    return subprocess.Popen([sys.executable, "-c", child], env=environment, cwd=ROOT)


def _let_leases_end():
    """As if the time had passed."""
    with connections["jobs"].cursor() as cursor:
        for table in ("journal_delivery", "journal_webhookendpoint"):
            cursor.execute(f"UPDATE {table} SET lease_until = now() - interval '1 second'")


def test_a_line_cut_after_the_message_is_tried_again_as_possibly_twice(studio, there):
    def cut(handler):
        handler.connection.close()

    there.ways["/hook"] = in_turn(cut, OK)
    made(studio, there)
    happen(studio)

    tell()
    tell(MONDAY + 10 * SECOND)

    [message] = messages(studio)
    assert (message.state, message.possibly_twice) == (State.SENT, True)
    assert [outcome for outcome, _ in tries(studio)] == ["unknown", "sent"]


def test_a_message_that_cannot_be_signed_is_parked_and_the_endpoint_not_blamed(studio, there):
    endpoint, _ = made(studio, there)
    happen(studio)
    with inside(studio):
        WebhookEndpoint.objects.update(secret="sealed by a key that is lost")

    tell()

    [message] = messages(studio)
    assert (message.state, fresh(studio, endpoint).failures) == (State.PARKED, 0)
    assert "FIELD_KEYS" in message.last_error
