"""Months ahead are ready, delivery keys go after their 30 days, months of deliveries after their 90."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, connections, transaction

from telemetry.actions.connections import connect
from telemetry.apply import apply_received
from telemetry.inbound import Answer, receive
from telemetry.models import DeliveryKey, RawDelivery, Reading
from telemetry.retention import tidy
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.telemetry.inbound.senders import Generic

pytestmark = pytest.mark.slow
INSTANT = timedelta(microseconds=1)
PLACES = "SELECT tableoid::regclass::text FROM telemetry_rawdelivery"


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def posted(studio, milestone, by):
    with inside(studio):
        made, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
    delivery = Generic(secret).says(MONDAY)
    answer, _ = receive("generic", made.pk, headers=delivery.headers, body=delivery.body, now=MONDAY)
    assert answer == Answer.STORED


def places() -> list[str]:
    with connections["jobs"].cursor() as cursor:
        cursor.execute(PLACES)
        return [name for (name,) in cursor.fetchall()]


def test_rows_that_came_before_their_month_move_into_it(posted):
    before = places()

    tidy(now=MONDAY)
    tidy(now=MONDAY)

    assert (before, places()) == (["telemetry_rawdelivery_rest"], ["telemetry_rawdelivery_202603"])


def test_a_partition_opens_to_nobody_but_through_its_table(studio, posted):
    tidy(now=MONDAY)

    with inside(studio):
        assert RawDelivery.objects.count() == 1
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute("SELECT 1 FROM telemetry_rawdelivery_202603")


def test_keys_are_forgotten_after_thirty_days(studio, posted):
    kept = tidy(now=MONDAY + timedelta(days=30))
    gone = tidy(now=MONDAY + timedelta(days=30, seconds=1))

    assert (kept, gone) == (0, 1)
    with inside(studio):
        assert not DeliveryKey.objects.exists()


@pytest.mark.parametrize(
    ("days", "is_new", "kept"), [(152, False, True), (153, False, False), (153, True, True)]
)
def test_readings_go_after_the_deliveries_that_brought_them(studio, milestone, by, days, is_new, kept):
    with inside(studio):
        crm, _ = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
        said = {"key": "report.hours", "value": 7, "delivery_id": "1", "is_new": is_new}
        Reading.objects.create(connection=crm, measured_at=MONDAY, received_at=MONDAY, **said)

    tidy(now=MONDAY + timedelta(days=days))

    with inside(studio):
        assert Reading.objects.exists() is kept


def test_a_month_of_deliveries_is_dropped_90_days_after_its_end(studio, posted):
    tidy(now=MONDAY)
    apply_received(now=MONDAY)
    end = datetime(2026, 4, 1, tzinfo=UTC)

    tidy(now=end + timedelta(days=90) - INSTANT)
    kept = places()
    tidy(now=end + timedelta(days=90))

    assert (kept, places()) == (["telemetry_rawdelivery_202603"], [])
    with connections["jobs"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('telemetry_rawdelivery_202603')")
        assert cursor.fetchone() == (None,)


def test_deliveries_that_never_got_their_month_go_as_well(studio, posted):
    apply_received(now=MONDAY)

    tidy(now=MONDAY + timedelta(days=91))

    assert places() == []


def test_a_month_with_a_delivery_that_waits_is_kept(studio, posted):
    tidy(now=MONDAY)

    tidy(now=MONDAY + timedelta(days=200))

    assert places() == ["telemetry_rawdelivery_202603"]


def test_only_the_jobs_role_drops_deliveries(studio):
    with inside(studio), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("SELECT drop_old_deliveries(now())")
