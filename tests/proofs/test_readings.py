"""Numbers that tools report: taken once each into the metrics that are fed by them."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from journal.models import Event
from milestones.models import Milestone, WorkItem
from proofs.actions.metrics import add_metric, remove_metric
from proofs.models import Snapshot
from proofs.sweeps.readings import take_reported
from proofs.words import Role, SnapshotSource
from telemetry import inbound
from telemetry.actions.connections import connect
from telemetry.actions.deliveries import replay
from telemetry.apply import apply_received
from telemetry.models import RawDelivery, Reading
from telemetry.models.inbound import DeliveryState
from tenancy.door import inside
from tests import factories
from tests.factories import ENDED, MONDAY
from tests.telemetry.inbound.senders import Generic

KEY = "report.hours"
LATER = MONDAY + timedelta(hours=2)
pytestmark = pytest.mark.slow


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def studio(ada):
    return factories.workspace(ada, slug="studio")


@pytest.fixture
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@pytest.fixture
def metric(studio, milestone, by):
    with inside(studio):
        return add_metric(milestone.pk, fields(), by=by, now=MONDAY)


@pytest.fixture
def crm(studio, milestone, by):
    inbound.forget()
    with inside(studio):
        made, secret = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
    return made, Generic(secret)


def fields(name="Hours per report", **changes):
    return {"name": name, "unit": "h", "feed_key": KEY, **changes}


def report(crm, value, **said):
    """What a tool reports is received, understood and taken."""
    connection, _ = crm
    at = said.get("at", MONDAY)
    posted = _post(crm, value, **said)
    inbound.receive("generic", connection.pk, headers=posted.headers, body=posted.body, now=at)
    apply_received(now=at)
    return take_reported(now=at)


def _post(crm, value, *, at=MONDAY, key=KEY, **data):
    told = {"key": key, "value": value, **data}
    body = {"type": "metric.reported", "timestamp": at.isoformat(), "data": told}
    return crm[1].sends(json.dumps(body).encode(), at)


def taken(studio):
    with inside(studio):
        return sorted(Snapshot.objects.values_list("metric__name", "value"))


def test_a_reported_number_becomes_a_value_of_the_metric(studio, metric, crm):
    report(crm, 7.25, unit="h", at=LATER)

    with inside(studio):
        value = Snapshot.objects.get()
        event = Event.objects.get(kind="metric.fed")
        delivery = RawDelivery.objects.get()
    assert (value.metric_id, value.role, value.value) == (metric.pk, Role.CURRENT, Decimal("7.25"))
    assert (value.measured_at, value.source, value.by_name) == (LATER, SnapshotSource.CONNECTION, "CRM")
    assert (event.subject_id, event.actor_kind) == (metric.pk, "system")
    assert delivery.state == DeliveryState.APPLIED


def test_a_number_reports_no_work(studio, metric, crm):
    report(crm, 7)

    with inside(studio):
        assert not WorkItem.objects.exists()


def test_a_delivery_applied_twice_is_one_reading(studio, metric, crm, by):
    report(crm, 7)
    with inside(studio):
        replay(RawDelivery.objects.get().pk, by=by, now=LATER)

    apply_received(now=LATER)
    take_reported(now=LATER)

    assert taken(studio) == [("Hours per report", Decimal(7))]


def test_a_reading_that_is_new_again_is_not_taken_twice(studio, metric, crm):
    report(crm, 7)
    with inside(studio):
        Reading.objects.update(is_new=True)

    take_reported(now=LATER)

    assert taken(studio) == [("Hours per report", Decimal(7))]


def test_several_metrics_may_be_fed_by_one_key(studio, metric, milestone, crm, by):
    with inside(studio):
        add_metric(milestone.pk, fields("Hours, too"), by=by, now=MONDAY)

    report(crm, 7)

    assert taken(studio) == [("Hours per report", Decimal(7)), ("Hours, too", Decimal(7))]


def test_many_readings_at_once_are_one_entry_of_the_journal(studio, metric, crm):
    connection, _ = crm
    for minute in range(3):
        at = MONDAY + timedelta(minutes=minute)
        posted = _post(crm, minute, at=at)
        inbound.receive("generic", connection.pk, headers=posted.headers, body=posted.body, now=at)
    apply_received(now=LATER)

    looked_at = take_reported(now=LATER)

    with inside(studio):
        data = json.loads(Event.objects.get(kind="metric.fed").body)["data"]
    assert looked_at == 3
    assert (data["count"], Decimal(data["value"])) == (3, Decimal(2))


def test_what_nobody_measures_by_is_let_go(studio, metric, crm):
    looked_at = report(crm, 7, key="something.else")

    with inside(studio):
        assert Reading.objects.get().is_new is False
    assert (looked_at, taken(studio)) == (1, [])


def test_a_number_in_another_unit_is_not_taken(studio, metric, crm):
    report(crm, 420, unit="min")

    assert taken(studio) == []


@pytest.mark.parametrize("unit", ["h", "H", ""])
def test_a_number_in_the_same_unit_or_none_is_taken(studio, metric, crm, unit):
    report(crm, 7, unit=unit)

    assert taken(studio) == [("Hours per report", Decimal(7))]


def test_a_removed_metric_is_fed_no_more(studio, metric, crm, by):
    with inside(studio):
        remove_metric(metric.pk, by=by, now=MONDAY)

    report(crm, 7)

    assert taken(studio) == []


def test_a_closed_milestone_takes_no_more(studio, metric, crm):
    with inside(studio):
        Milestone.objects.update(**ENDED)

    report(crm, 7)

    assert taken(studio) == []


def test_another_workspace_is_not_fed(studio, metric, crm, ada, by):
    rival = factories.workspace(ada, slug="rival")
    with inside(rival):
        theirs = factories.milestone_in_execution(by)
        add_metric(theirs.pk, fields(), by=by, now=MONDAY)

    report(crm, 7)

    assert (taken(studio), taken(rival)) == ([("Hours per report", Decimal(7))], [])
