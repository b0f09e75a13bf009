"""What becomes of a message that does not arrive, and of an endpoint that keeps failing."""

from datetime import timedelta

import pytest

from journal import endpoints, fanout, webhooks
from journal.actors import SYSTEM
from journal.egress import Answer
from journal.models import Channel, Delivery, Event, State, WebhookEndpoint
from journal.outbox import Ended
from tenancy.door import inside
from tenancy.ids import uuid7
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
from tests.receiver import in_turn, leading, saying


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
