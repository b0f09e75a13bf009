"""Connections: made once, their secrets shown once, changed with care."""

from datetime import timedelta

import pytest

from journal.models import Event
from milestones.models import Milestone
from telemetry.actions.connections import (
    change_connection,
    connect,
    disconnect,
    rotate_secret,
    set_secret,
)
from telemetry.actions.deliveries import replay
from telemetry.inbound import receive
from telemetry.models import Connection, RawDelivery
from telemetry.queries.inbound import connections, deliveries
from tenancy.door import knock
from tenancy.refusal import Refused, Stale
from tenancy.sealed import unseal
from tests.factories import MONDAY
from tests.telemetry.inbound.senders import Linear

pytestmark = pytest.mark.usefixtures("door")


@pytest.fixture
def linear(door, milestone, by) -> tuple[Connection, str]:
    return connect(provider="linear", name=" Linear ", milestone=milestone, by=by, now=MONDAY)


def kinds() -> list[str]:
    return list(
        Event.objects.filter(subject_kind="connection").order_by("seq").values_list("kind", flat=True)
    )


def test_a_new_connection_is_found_by_its_address_and_keeps_its_secret_sealed(studio, linear):
    connection, secret = linear

    found = knock("hook", str(connection.pk))

    assert (found.workspace_id, found.subject_id) == (studio.pk, connection.pk)
    assert (connection.name, unseal(connection.secret), secret in connection.secret) == (
        "Linear",
        secret,
        False,
    )
    assert kinds() == ["connection.made"]


def test_a_generic_source_gets_a_secret_of_standard_webhooks(milestone, by):
    _, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)

    assert secret.startswith("whsec_")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"provider": "jira"}, "provider"),
        ({"secret": "short"}, "secret"),
        ({"secret": "ä" * 20}, "secret"),
        ({"options": {"colour": "red"}}, "options"),
        ({"options": {"states": ["done"]}}, "options"),
        ({"options": {"states": {"Shipped": "gone"}}}, "options"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
    ],
)
def test_what_cannot_be_is_named(milestone, by, wrong, field):
    with pytest.raises(Refused) as refusal:
        connect(
            **{
                "provider": "linear",
                "name": "Linear",
                "milestone": milestone,
                "by": by,
                "now": MONDAY,
                **wrong,
            }
        )

    assert list(refusal.value.fields) == [field]


def test_new_items_cannot_go_to_a_closed_milestone(milestone, by):
    milestone.stage = "closed"

    with pytest.raises(Refused, match="closed milestone"):
        connect(provider="linear", name="Linear", milestone=milestone, by=by, now=MONDAY)


def test_only_two_secrets_count_at_a_time(linear, by):
    connection, _ = linear
    rotate_secret(connection.pk, by=by, now=MONDAY)

    with pytest.raises(Refused, match="one before still counts"):
        rotate_secret(connection.pk, by=by, now=MONDAY + timedelta(hours=23))

    rotate_secret(connection.pk, by=by, now=MONDAY + timedelta(hours=25))
    assert kinds() == ["connection.made", "connection.secret_rotated", "connection.secret_rotated"]


def test_a_secret_that_is_set_ends_the_one_before(linear, by):
    connection, _ = linear
    rotate_secret(connection.pk, by=by, now=MONDAY)

    changed = set_secret(connection.pk, "lin_wh_0123456789", by=by, now=MONDAY)

    assert (changed.old_secret, changed.old_secret_until) == ("", None)


def test_no_secret_reaches_the_journal(linear, by):
    connection, secret = linear
    _, newer = rotate_secret(connection.pk, by=by, now=MONDAY)

    written = " ".join(Event.objects.values_list("body", flat=True))

    assert not [text for text in (secret, newer, connection.secret) if text in written]


def test_the_provider_of_a_connection_is_fixed(linear, by):
    connection, _ = linear

    with pytest.raises(Refused, match="does not change"):
        change_connection(connection.pk, {"provider": "generic"}, by=by, now=MONDAY)


def test_two_people_who_change_a_connection_at_once(linear, by):
    connection, _ = linear
    change_connection(connection.pk, {"name": "Linear, team LIN"}, by=by, now=MONDAY, expected=1)

    with pytest.raises(Stale):
        disconnect(connection.pk, by=by, now=MONDAY, expected=1)


def test_a_connection_is_switched_off_once(linear, by):
    connection, _ = linear
    disconnect(connection.pk, by=by, now=MONDAY)

    with pytest.raises(Refused, match="switched off"):
        disconnect(connection.pk, by=by, now=MONDAY)


def test_the_list_tells_how_each_connection_is(linear, django_assert_num_queries):
    connection, secret = linear
    posted = Linear(secret).says(MONDAY)
    receive("linear", connection.pk, headers=posted.headers, body=posted.body, now=MONDAY)
    receive("linear", connection.pk, headers={}, body=b"", now=MONDAY)
    RawDelivery.objects.update(state="parked", finished_at=MONDAY, error="spoilt")

    with django_assert_num_queries(2):
        (told,) = connections()
        refused = [(refusal.reason, refusal.count) for refusal in told.refusals.all()]

    counted = (told.last_received_at, told.parked, refused)  # type: ignore[attr-defined]
    assert counted == (MONDAY, 1, [("signature", 1)])
    assert isinstance(told.milestone, Milestone)


def test_a_parked_delivery_waits_again_after_a_replay(linear, by):
    connection, secret = linear
    posted = Linear(secret).says(MONDAY)
    receive("linear", connection.pk, headers=posted.headers, body=posted.body, now=MONDAY)
    RawDelivery.objects.update(state="parked", finished_at=MONDAY, error="spoilt", attempts=6)
    (parked,) = deliveries(connection.pk, state="parked")

    replay(parked.pk, by=by, now=MONDAY)

    (waiting,) = deliveries(state="received")
    assert (waiting.attempts, waiting.error, waiting.received_at) == (0, "", MONDAY)
    with pytest.raises(Refused, match="waits in the queue"):
        replay(parked.pk, by=by, now=MONDAY)
