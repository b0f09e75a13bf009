"""The door for deliveries: what it takes, what it refuses, and what is left behind."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection as database
from structlog.testing import capture_logs

from telemetry import inbound
from telemetry.actions.connections import connect, disconnect, rotate_secret, set_secret
from telemetry.inbound import Answer, receive
from telemetry.models import Connection, DeliveryKey, RawDelivery, RefusalCount
from tenancy.door import inside
from tenancy.ids import uuid7
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.telemetry.inbound.senders import Generic, Linear, Posted
from workspaces.models import User

SAMPLES = Path(__file__).parents[2] / "samples"


@scene
def linear(studio, milestone, by) -> tuple[Connection, Linear]:
    with inside(studio):
        made, secret = connect(provider="linear", name="Linear", milestone=milestone, by=by, now=MONDAY)
    return made, Linear(secret)


@scene
def generic(studio, milestone, by) -> tuple[Connection, Generic]:
    with inside(studio):
        made, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
    return made, Generic(secret)


def arrives(connection, posted: Posted, *, now=MONDAY) -> Answer:
    answer, _ = receive(connection.provider, connection.pk, headers=posted.headers, body=posted.body, now=now)
    return answer


def stored(studio) -> tuple[int, int, dict[str, int]]:
    """(deliveries, keys, refusals by reason)."""
    with inside(studio):
        refused = dict(RefusalCount.objects.values_list("reason", "count"))
        return RawDelivery.objects.count(), DeliveryKey.objects.count(), refused


def test_a_delivery_is_stored_as_it_came(studio, linear):
    connection, sender = linear
    posted = sender.says(MONDAY)

    answer = arrives(connection, posted)

    with inside(studio):
        kept = RawDelivery.objects.get()
    assert (answer, bytes(kept.body), kept.state) == (Answer.STORED, posted.body, "received")
    assert kept.headers == {"Linear-Delivery": posted.headers["Linear-Delivery"]}


def test_no_signature_is_kept(studio, generic):
    connection, sender = generic

    arrives(connection, sender.says(MONDAY))

    with inside(studio):
        assert RawDelivery.objects.get().headers.keys() == {"webhook-id", "webhook-timestamp"}


def test_a_repetition_is_answered_and_not_stored(studio, generic):
    connection, sender = generic
    posted = sender.says(MONDAY)

    answers = [arrives(connection, posted) for _ in range(3)]

    assert answers == [Answer.STORED, Answer.REPEATED, Answer.REPEATED]
    assert stored(studio) == (1, 1, {})


def test_a_captured_body_is_not_taken_again_under_a_new_id(studio, linear):
    connection, sender = linear
    posted = sender.says(MONDAY)
    arrives(connection, posted)

    again = arrives(connection, Posted(posted.body, {**posted.headers, "Linear-Delivery": "another"}))

    assert (again, stored(studio)[0]) == (Answer.REPEATED, 1)


@pytest.mark.parametrize(
    ("spoil", "answer", "reason"),
    [
        (lambda p: Posted(p.body + b" ", p.headers), Answer.FORGED, "signature"),
        (lambda p: Posted(p.body, {}), Answer.FORGED, "signature"),
        (lambda p: Posted(b"", p.headers), Answer.FORGED, "signature"),
    ],
)
def test_a_forged_delivery_leaves_a_count_only(studio, linear, spoil, answer, reason):
    connection, sender = linear

    answers = [arrives(connection, spoil(sender.says(MONDAY))) for _ in range(2)]

    assert answers == [answer, answer]
    assert stored(studio) == (0, 0, {reason: 2})


def test_a_delivery_of_another_day_is_stale(studio, linear):
    connection, sender = linear

    answer = arrives(connection, sender.says(MONDAY), now=MONDAY + timedelta(seconds=61))

    assert (answer, stored(studio)) == (Answer.STALE, (0, 0, {"stale": 1}))


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"type":NaN}', b"[" * 100_000, b'{"a":"\\u0000"}', b"\xff"])
def test_a_signed_body_that_is_no_usable_json_is_refused(studio, generic, body):
    connection, sender = generic

    answer = arrives(connection, _signed(sender, body))

    assert (answer, stored(studio)) == (Answer.MALFORMED, (0, 0, {"malformed": 1}))


def _signed(sender: Generic, body: bytes) -> Posted:
    stamp = str(int(MONDAY.timestamp()))
    key = base64.b64decode(sender.secret.removeprefix("whsec_"))
    mac = hmac.digest(key, f"m.{stamp}.".encode() + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(mac).decode()
    return Posted(body, {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": signature})


def test_an_unknown_connection_is_unknown(db):
    answer, _ = receive("linear", uuid7(), headers={}, body=b"{}", now=MONDAY)

    assert answer == Answer.UNKNOWN


def test_a_connection_answers_to_its_own_provider_only(linear):
    connection, sender = linear
    posted = sender.says(MONDAY)

    answer, _ = receive("generic", connection.pk, headers=posted.headers, body=posted.body, now=MONDAY)

    assert answer == Answer.UNKNOWN


def test_another_workspaces_secret_opens_nothing(studio, linear):
    connection, _ = linear
    elsewhere = factories.workspace(factories.person("bob@other.example"))
    with inside(elsewhere):
        bob = factories.actor(User.objects.get(email="bob@other.example"))
        engagement = factories.engagement(
            bob, record={"owner_primary": "bob@other.example", "milestone_review_owner": "bob@other.example"}
        )
        _, secret = connect(
            provider="linear", name="Linear", milestone=engagement.milestone, by=bob, now=MONDAY
        )

    answer = arrives(connection, Linear(secret).says(MONDAY))

    assert (answer, stored(studio)) == (Answer.FORGED, (0, 0, {"signature": 1}))


def test_a_switched_off_connection_answers_and_drops(studio, linear, by):
    connection, sender = linear
    arrives(connection, sender.says(MONDAY))
    with inside(studio):
        disconnect(connection.pk, by=by, now=MONDAY)

    answer = arrives(connection, sender.says(MONDAY))

    assert (answer, stored(studio)[0]) == (Answer.DISCARDED, 1)


def test_two_secrets_count_while_one_is_replaced(studio, linear, by):
    connection, sender = linear
    arrives(connection, sender.says(MONDAY))
    with inside(studio):
        _, text = rotate_secret(connection.pk, by=by, now=MONDAY)

    soon, later = MONDAY + timedelta(hours=23), MONDAY + timedelta(hours=25)

    assert arrives(connection, Linear(text).says(soon), now=soon) == Answer.STORED
    assert arrives(connection, sender.says(soon, title="Old"), now=soon) == Answer.STORED
    assert arrives(connection, sender.says(later), now=later) == Answer.FORGED
    assert arrives(connection, Linear(text).says(later), now=later) == Answer.STORED


def test_a_secret_that_was_set_counts_at_once(studio, linear, by):
    connection, sender = linear
    arrives(connection, sender.says(MONDAY))
    with inside(studio):
        set_secret(connection.pk, "lin_wh_0123456789abcdef", by=by, now=MONDAY)

    assert arrives(connection, sender.says(MONDAY, title="Old secret")) == Answer.FORGED
    assert arrives(connection, Linear("lin_wh_0123456789abcdef").says(MONDAY, title="New")) == Answer.STORED


def test_a_delivery_takes_one_statement_beside_the_setting(linear, django_assert_num_queries):
    connection, sender = linear
    arrives(connection, sender.says(MONDAY))

    with django_assert_num_queries(0):  # Django's own cursors stay out of it
        arrives(connection, sender.says(MONDAY, title="Second"))

    with database.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.workspace_id', true)")
        assert cursor.fetchone() == ("",)


@pytest.mark.parametrize(
    "name", ["linear/issue_created", "linear/comment_created", "generic/workitem_completed"]
)
def test_recorded_deliveries_are_taken(studio, milestone, by, name):
    sent = json.loads((SAMPLES / f"{name}.headers.json").read_text())
    body = (SAMPLES / f"{name}.json").read_bytes()
    with inside(studio):
        made, _ = connect(
            provider=name.split("/", maxsplit=1)[0],
            name="Recorded",
            milestone=milestone,
            secret=sent["test_secret"],
            by=by,
            now=MONDAY,
        )

    answer = arrives(made, Posted(body, sent["headers"]), now=datetime.fromisoformat(sent["received_at"]))

    assert answer == Answer.STORED


@pytest.mark.parametrize(("size", "status"), [(inbound.LARGEST, 403), (inbound.LARGEST + 1, 413)])
def test_the_address_measures_before_it_reads(client, studio, linear, size, status):
    connection, _ = linear

    response = client.post(f"/hooks/linear/{connection.pk}", b" " * size, content_type="application/json")

    assert (response.status_code, response.json()["status"]) == (status, status)
    assert response["Content-Type"] == "application/problem+json"


def test_the_address_answers_exactly_200_without_a_cookie(client, studio, linear, time_machine):
    connection, sender = linear
    time_machine.move_to(MONDAY, tick=False)
    posted = sender.says(MONDAY)

    responses = [
        client.post(f"/hooks/linear/{connection.pk}", posted.body, "application/json", **posted.meta)
        for _ in range(2)
    ]

    assert [response.status_code for response in responses] == [200, 200]
    assert not responses[0].cookies
    assert stored(studio)[0] == 1


def test_the_address_takes_nothing_but_posts(client, linear):
    connection, _ = linear

    assert client.get(f"/hooks/linear/{connection.pk}").status_code == 405
    assert client.post(f"/hooks/linear/{uuid7()}").status_code == 404
    assert client.post("/hooks/linear/1").status_code == 404


def test_a_delivery_without_a_length_is_told_so(client, generic):
    connection, _ = generic

    response = client.generic(
        "POST", f"/hooks/generic/{connection.pk}", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH=""
    )

    assert (response.status_code, response["Content-Type"]) == (411, "application/problem+json")
    assert "Content-Length" in response.json()["detail"]


def test_a_delivery_leaves_one_line_without_its_secrets(studio, generic):
    connection, sender = generic
    posted = sender.says(MONDAY)

    with capture_logs() as lines:
        arrives(connection, posted)

    assert [line["event"] for line in lines] == ["delivery_received"]
    assert (lines[0]["answer"], lines[0]["size"]) == ("stored", len(posted.body))
    assert not any(value in str(lines) for value in (sender.secret, posted.headers["webhook-signature"]))
