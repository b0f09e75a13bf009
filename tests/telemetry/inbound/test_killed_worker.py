"""A worker that is killed in the middle of its work loses nothing and doubles nothing."""

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connections

from milestones.models import Milestone, Pulse, WorkItem
from telemetry.actions.connections import connect
from telemetry.apply import apply_received
from telemetry.inbound import receive
from telemetry.models import RawDelivery
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.telemetry.inbound.senders import Generic

pytestmark = [pytest.mark.faults, pytest.mark.slow]
LATER = MONDAY + timedelta(hours=8)
WORKER = """
import django; django.setup()
from datetime import UTC, datetime
from telemetry.apply import apply_received
apply_received(now=datetime(2026, 3, 2, 17, tzinfo=UTC))
"""
WAITS = """
SELECT count(*), pg_sleep(0.05) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database()
"""


@pytest.fixture
def ada(fresh_database):
    return factories.person()


def test_a_worker_killed_while_it_applies(fresh_database, studio, milestone, by):
    with inside(studio):
        made, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
    for n in range(30):
        posted = Generic(secret).says(MONDAY + timedelta(minutes=n), external_id=f"CRM-{n % 10}")
        receive(
            "generic", made.pk, headers=posted.headers, body=posted.body, now=MONDAY + timedelta(minutes=n)
        )

    with inside(studio):
        # Whoever applies must wait for this lock, in the middle of its transaction.
        Milestone.objects.select_for_update().get(pk=milestone.pk)
        settings = {"DJANGO_SETTINGS_MODULE": "config.settings"}
        environment = {**os.environ, **fresh_database.environment, **settings}
        with subprocess.Popen([sys.executable, "-c", WORKER], env=environment) as worker:
            try:
                _wait_until_somebody_waits()
            finally:
                worker.kill()
    assert _state(studio) == (["received"], 0)

    with inside(studio):
        RawDelivery.objects.update(lease_until=MONDAY)  # as if the lease's two minutes had passed
    apply_received(now=LATER)

    assert _state(studio) == (["applied"], 10)
    with inside(studio):
        assert Pulse.objects.get(milestone=milestone).work_total == 10
        assert set(RawDelivery.objects.values_list("attempts", flat=True)) == {2}


def _state(studio):
    with inside(studio):
        states = sorted(set(RawDelivery.objects.values_list("state", flat=True)))
        return states, WorkItem.objects.count()


def _wait_until_somebody_waits():
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connections["owner"].cursor() as cursor:
            cursor.execute(WAITS)
            if cursor.fetchone()[0]:
                return
    pytest.fail("The worker never came to the lock.")
