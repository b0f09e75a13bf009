"""Two who measure at once: one baseline stands, and each reading is taken once."""

import threading
from decimal import Decimal

import pytest
from django.db import connections

from proofs.actions.metrics import add_metric, take_readings, take_snapshot
from proofs.models import Snapshot
from proofs.words import Role
from telemetry.actions.connections import connect
from telemetry.models import Reading
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY

pytestmark = pytest.mark.slow
AT_ONCE = 6


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def studio(ada):
    return factories.workspace(ada, slug="studio")


@pytest.fixture
def metric(studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        return add_metric(milestone.pk, {"name": "Hours", "feed_key": "report.hours"}, by=by, now=MONDAY)


def at_once(studio, act):
    """What `act` returned or raised, in so many threads that begin together."""
    gate, results = threading.Barrier(AT_ONCE), []

    def run():
        gate.wait()
        try:
            with inside(studio):
                results.append(act())
        except Refused as refusal:
            results.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_simultaneous_baselines_one_stands(studio, metric, by):
    results = at_once(
        studio,
        lambda: take_snapshot(metric.pk, role=Role.BASELINE, value=Decimal(12), by=by, now=MONDAY).role,
    )

    assert sorted(results) == sorted([Role.BASELINE] + ["baseline_stands"] * (AT_ONCE - 1))
    with inside(studio):
        assert Snapshot.objects.filter(role=Role.BASELINE).count() == 1


def test_simultaneous_sweeps_take_each_reading_once(studio, metric, by):
    with inside(studio):
        crm, _ = connect(provider="generic", name="CRM", milestone=metric.milestone, by=by, now=MONDAY)
        Reading.objects.bulk_create(
            Reading(
                connection=crm,
                key="report.hours",
                value=number,
                measured_at=MONDAY,
                received_at=MONDAY,
                delivery_id=str(number),
            )
            for number in range(50)
        )

    looked_at = at_once(studio, lambda: take_readings(now=MONDAY))

    assert sum(looked_at) == 50
    with inside(studio):
        assert sorted(Snapshot.objects.values_list("value", flat=True)) == [Decimal(n) for n in range(50)]
