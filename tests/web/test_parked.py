"""What could not be told stands on the page of jobs, and is told again when somebody says so."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client

from journal.outbox import BACKOFF
from telemetry.actions.findings import tell_signals
from telemetry.models import Signal
from telemetry.sweeps.heartbeat import check_due
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow
JOBS = "/w/studio/settings/jobs/"


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def parked(studio, by):
    """A signal of a rule that nobody knew for a while."""
    with inside(studio):
        milestone_in_execution(by)
    check_due(now=MONDAY + timedelta(days=2))
    with connections["jobs"].cursor() as cursor:
        cursor.execute("UPDATE telemetry_signal SET rule = 'of old'")
        for n in range(len(BACKOFF) + 1):
            tell_signals(now=MONDAY + timedelta(days=2 + n))
        cursor.execute("UPDATE telemetry_signal SET rule = 'no_progress'")
    with inside(studio):
        return Signal.objects.get()


def test_the_page_of_jobs_shows_what_could_not_be_told(founder: Client, parked: Signal) -> None:
    page = founder.get(JOBS).content.decode()

    assert "Could not be told" in page
    assert "No progress" in page
    assert f"{JOBS}parked/{parked.pk}/replay" in page


def test_a_replay_lets_it_be_told(founder: Client, parked: Signal, studio) -> None:
    founder.post(f"{JOBS}parked/{parked.pk}/replay")

    assert tell_signals(now=MONDAY + timedelta(days=30)) == 1
    assert "Could not be told" not in founder.get(JOBS).content.decode()
