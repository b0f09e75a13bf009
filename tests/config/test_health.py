"""Whether a process lives, and whether it can work: tests/faults stops the servers themselves."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from config.watchman import watch
from journal.models import JobRun, Watch

READY = {
    "status": "ok",
    "redis": "ok",
    "database": "ok",
    "migrations": "ok",
    "beat": "ok",
    "watchman": "has not run yet",
}


def rung(*, ago: timedelta) -> None:
    now = timezone.now() - ago
    JobRun.objects.using("jobs").create(name="outbox", every=timedelta(seconds=5), started_at=now)


def test_a_living_process_asks_nobody(client: Client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("fresh_database")
def test_everything_in_order_is_ready(client: Client):
    rung(ago=timedelta(seconds=3))

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, READY)


@pytest.mark.usefixtures("fresh_database")
def test_a_silent_beat_is_not_ready(client: Client):
    rung(ago=timedelta(minutes=5))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["beat"].startswith("silent since ")


@pytest.mark.usefixtures("fresh_database")
def test_a_watchman_that_looks_does_not_hide_a_silent_beat(client: Client):
    rung(ago=timedelta(minutes=5))
    watch(now=timezone.now())

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert (answer.json()["beat"][:12], answer.json()["watchman"]) == ("silent since", "ok")


@pytest.mark.usefixtures("fresh_database")
def test_an_alarm_takes_no_process_out_of_service(client: Client):
    rung(ago=timedelta(seconds=3))
    watch(now=timezone.now())
    since = timezone.now()
    Watch.objects.using("jobs").filter(name="labels").update(alarm_since=since)

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["watchman"] == f"labels late, alarm since {since:%Y-%m-%d %H:%M:%S} UTC"


@pytest.mark.usefixtures("fresh_database")
def test_a_beat_that_never_ran_is_not_ready(client: Client):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["beat"]) == (503, "has not run yet")


@pytest.mark.usefixtures("fresh_database")
def test_a_migration_that_waits_is_not_ready(client: Client):
    rung(ago=timedelta(seconds=3))
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'telemetry' AND name LIKE '0002%'")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == READY | {
        "status": "unready",
        "migrations": "1 wait; run `manage.py migrate --database owner`",
    }
