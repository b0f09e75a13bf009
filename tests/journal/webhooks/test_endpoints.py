"""What people do with endpoints and messages: resumed, removed, given a new secret, replayed."""

from datetime import timedelta

import pytest
import svix
import time_machine

from journal import endpoints, fanout, outbox
from journal.actors import SYSTEM
from journal.models import Delivery, Event, State, WebhookEndpoint
from tenancy.door import inside
from tenancy.ids import uuid7
from tenancy.refusal import Refused, Stale
from tests.factories import MONDAY
from tests.journal.webhooks.sending import (
    BUSY,
    DAY,
    HOUR,
    OK,
    SECOND,
    fresh,
    happen,
    made,
    messages,
    tell,
    told,
    tries,
)
from tests.receiver import in_turn, saying


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
