"""Metrics by API: stated, measured, retracted; the pair is served, never taken."""

from decimal import Decimal

import pytest

from milestones.models import Milestone
from proofs.models import Snapshot
from tenancy.door import inside
from tests.factories import ENDED, MONDAY

HOURS = {"name": "Hours per report", "unit": "h", "direction": "down", "target": "4"}


@pytest.fixture
def metric(caller, in_execution):
    return caller.post(f"milestones/{in_execution.pk}/metrics", HOURS).json()


def take(caller, metric, role, value, **said):
    body = {"role": role, "value": value, "measured_at": MONDAY.isoformat(), **said}
    return caller.post(f"metrics/{metric['id']}/snapshots", body)


def test_a_metric_is_stated_and_read_back(caller, in_execution, metric):
    listed = caller.get(f"milestones/{in_execution.pk}/metrics").json()["results"]
    one = caller.get(f"metrics/{metric['id']}")

    assert listed == [metric] == [one.json()]
    assert (metric["name"], metric["target"], metric["pair"]) == ("Hours per report", "4.0000", None)
    assert one["ETag"].startswith('"1-')


def test_the_pair_is_computed_of_what_was_measured(caller, metric):
    take(caller, metric, "baseline", "12.5", note="Time sheet")
    taken = take(caller, metric, "current", "3")

    pair = caller.get(f"metrics/{metric['id']}").json()["pair"]

    assert (taken.status_code, taken.json()["source"], taken.json()["value"]) == (201, "api", "3.0000")
    assert (pair["baseline"]["value"], pair["baseline"]["note"]) == ("12.5", "Time sheet")
    assert (pair["change"], pair["percent"], pair["is_better"], pair["target_met"]) == (
        *("-9.5", "-76"),
        *(True, True),
    )
    assert pair["caveat"].startswith("Baseline ")


def test_a_pair_cannot_be_typed(caller, in_execution):
    typed = caller.post(f"milestones/{in_execution.pk}/metrics", {**HOURS, "pair": {"change": "-9"}})

    assert (typed.status_code, typed.json()["errors"]) == (400, {"pair": ["This field is read-only."]})


def test_a_second_baseline_is_refused_until_the_first_is_retracted(caller, metric):
    first = take(caller, metric, "baseline", "12").json()
    refused = take(caller, metric, "baseline", "10")

    retracted = caller.post(f"snapshots/{first['id']}/retract", {"reason": "One week only"})
    again = take(caller, metric, "baseline", "10")

    assert (refused.status_code, refused.json()["code"]) == (409, "baseline_stands")
    assert (retracted.status_code, retracted.json()["retract_reason"]) == (200, "One week only")
    assert again.status_code == 201


@pytest.mark.parametrize(("stands", "values"), [("true", ["3.0000"]), ("false", ["12.0000"])])
def test_values_are_listed_by_whether_they_stand(caller, metric, stands, values):
    wrong = take(caller, metric, "current", "12").json()
    caller.post(f"snapshots/{wrong['id']}/retract", {"reason": "Wrong"})
    take(caller, metric, "current", "3")

    listed = caller.get(f"metrics/{metric['id']}/snapshots", {"stands": stands}).json()["results"]

    assert [each["value"] for each in listed] == values


@pytest.mark.parametrize("value", ["NaN", "Infinity", "100000000000000", "0.00001", "seven", None])
def test_what_is_no_plain_number_is_a_400(caller, metric, value):
    refused = take(caller, metric, "current", value)

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["value"])


def test_a_time_to_come_is_a_400(caller, metric):
    refused = take(caller, metric, "current", "3", measured_at="2199-01-01T00:00:00Z")

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["measured_at"])


def test_a_metric_is_changed_against_its_version(caller, metric):
    stale = caller.patch(f"metrics/{metric['id']}", {"unit": "hours"}, If_Match='"7-x"')
    changed = caller.patch(f"metrics/{metric['id']}", {"unit": "hours"})

    assert stale.status_code == 412
    assert (changed.status_code, changed.json()["unit"], changed.json()["version"]) == (200, "hours", 2)


def test_a_removed_metric_leaves_the_list(caller, in_execution, metric):
    removed = caller.post(f"metrics/{metric['id']}/remove")

    listed = caller.get(f"milestones/{in_execution.pk}/metrics").json()["results"]
    assert (removed.status_code, listed) == (200, [])
    assert removed.json()["removed_at"]


def test_a_closed_milestone_is_measured_no_more(caller, studio, in_execution, metric):
    with inside(studio):
        Milestone.objects.update(**ENDED)

    refused = take(caller, metric, "current", "3")

    assert (refused.status_code, refused.json()["code"]) == (409, "milestone_closed")
    with inside(studio):
        assert not Snapshot.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_no_more_with_more_metrics(
    caller, in_execution, count, django_assert_max_num_queries, studio
):
    for number in range(count):
        made = caller.post(f"milestones/{in_execution.pk}/metrics", {**HOURS, "name": f"F{number}"}).json()
        take(caller, made, "baseline", str(Decimal(number)))

    with django_assert_max_num_queries(14):
        listed = caller.get(f"milestones/{in_execution.pk}/metrics").json()["results"]

    assert len(listed) == count
