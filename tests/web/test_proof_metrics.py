"""Metrics on the tab “Proof”: stated, measured and retracted by hand; the pair stands beside its course."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from milestones.actions.milestone import change_milestone
from milestones.models import Milestone
from milestones.words import Kind
from proofs.actions.metrics import add_metric, take_snapshot
from proofs.models import Metric, Snapshot
from proofs.words import Role
from telemetry.actions.connections import connect
from telemetry.models import Reading
from tenancy.door import inside
from tests import factories
from tests.factories import ENDED, MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page
from tests.web.test_query_counts import statements

TYPED = {"name": "Hours per report", "unit": "h", "direction": "down", "target": "4"}


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@scene
def metric(studio, milestone, by):
    with inside(studio):
        fields = {"name": "Hours per report", "unit": "h", "direction": "down", "target": Decimal(4)}
        return add_metric(milestone.pk, fields, by=by, now=MONDAY)


@pytest.fixture
def post(founder):
    def send(name, pk, typed=None):
        return founder.post(reverse(name, args=["studio", pk]), typed or {})

    return send


def tab(milestone):
    return reverse("milestone_proof", args=["studio", milestone.pk])


def seen(founder, milestone):
    return page(founder.get(tab(milestone)))


def take(studio, metric, number, by, *, role=Role.CURRENT, now=MONDAY):
    with inside(studio):
        return take_snapshot(metric.pk, role=role, value=Decimal(number), by=by, now=now)


def test_a_metric_and_its_baseline_are_typed_in_one_go(studio, milestone, post):
    typed = {**TYPED, "baseline": "12.5", "measured_at": "2026-03-01T14:30"}

    saved = post("add_metric", milestone.pk, typed)

    with inside(studio):
        value = Snapshot.objects.select_related("metric").get()
    assert (saved.status_code, saved["Location"]) == (302, f"{tab(milestone)}#metrics")
    assert (value.metric.name, value.role, value.value) == (
        "Hours per report",
        Role.BASELINE,
        Decimal("12.5"),
    )
    assert value.measured_at == datetime(2026, 3, 1, 14, 30, tzinfo=UTC)


def test_a_metric_whose_baseline_is_refused_is_not_kept(studio, milestone, post):
    refused = post("add_metric", milestone.pk, {**TYPED, "baseline": "12", "measured_at": "2026-03-09T10:00"})

    assert refused.status_code == 422
    assert "This lies in the future" in page(refused)
    assert 'value="Hours per report"' in page(refused)
    with inside(studio):
        assert not Metric.objects.exists()


def test_the_page_shows_the_pair_its_course_and_what_it_is_worth(studio, founder, milestone, metric, by):
    take(studio, metric, "12", by, role=Role.BASELINE, now=MONDAY + timedelta(days=1))
    take(studio, metric, "3", by, now=WEDNESDAY)

    text = seen(founder, milestone)

    assert '<dt>Change</dt><dd class="number">-9 h <span class="muted">(-75%)</span>' in text
    assert '<span class="label label--on_track">Better</span>' in text
    assert "Target met" in text
    assert 'aria-label="Course of Hours per report, from 12 to 3 h"' in text
    assert "Baseline measured 1 day after kickoff. The packet says so." in text


@pytest.mark.parametrize(
    ("role", "said"),
    [(Role.BASELINE, "No value after the baseline yet"), (Role.CURRENT, "No baseline yet")],
)
def test_half_a_pair_says_what_is_missing(studio, founder, milestone, metric, by, role, said):
    take(studio, metric, "12", by, role=role)

    assert said in seen(founder, milestone)


def test_a_value_is_taken_by_hand(studio, metric, post):
    post("take_snapshot", metric.pk, {"role": "current", "value": "3", "note": "Time sheet"})

    with inside(studio):
        value = Snapshot.objects.get()
    assert (value.value, value.note, value.measured_at) == (Decimal(3), "Time sheet", WEDNESDAY)


def test_a_second_baseline_is_refused_on_the_page_with_what_was_typed(studio, metric, post, by):
    take(studio, metric, "12", by, role=Role.BASELINE)

    refused = post("take_snapshot", metric.pk, {"role": "baseline", "value": "10.75"})

    assert refused.status_code == 409
    assert "A baseline stands already: 12 h." in page(refused)
    assert 'value="10.75"' in page(refused)


def test_a_retracted_value_stays_readable_with_its_reason(studio, founder, milestone, metric, post, by):
    value = take(studio, metric, "12", by)

    post("retract_snapshot", value.pk, {"reason": "One week <only>"})

    text = seen(founder, milestone)
    assert "<s>12 h</s>" in text
    assert "Retracted: One week &lt;only&gt;" in text


def test_a_retraction_needs_a_reason(studio, metric, post, by):
    value = take(studio, metric, "12", by)

    refused = post("retract_snapshot", value.pk, {"reason": ""})

    assert refused.status_code == 422
    assert '<details class="disclosure" open><summary>Values</summary>' in page(refused)


def test_a_metric_is_renamed(studio, metric, post):
    post("change_metric", metric.pk, {**TYPED, "name": "Minutes per report", "version": 1})

    with inside(studio):
        assert Metric.objects.get().name == "Minutes per report"


def test_who_saved_first_is_not_overwritten(studio, metric, post):
    post("change_metric", metric.pk, {**TYPED, "unit": "hours", "version": 1})

    refused = post("change_metric", metric.pk, {**TYPED, "unit": "min", "version": 1})

    assert refused.status_code == 409
    assert "changed by someone else" in page(refused)


def test_a_metric_is_removed(studio, founder, milestone, metric, post):
    post("remove_metric", metric.pk, {"version": 1})

    assert "Nothing is measured yet" in seen(founder, milestone)


def test_the_measure_of_the_record_is_taken_over(studio, founder, milestone, post, by):
    with inside(studio):
        change_milestone(
            milestone.pk,
            {"kind": Kind.MODEL, "measure_name": "F1 score", "measure_baseline": Decimal("0.6")},
            by=by,
            now=MONDAY,
        )
    assert "Take over “F1 score” from the record" in seen(founder, milestone)

    post("take_over_measure", milestone.pk)

    with inside(studio):
        assert Metric.objects.get().name == "F1 score"
    assert "Take over “F1 score”" not in seen(founder, milestone)


def test_nothing_to_take_over_is_said(milestone, post):
    refused = post("take_over_measure", milestone.pk)

    assert refused.status_code == 409
    assert "There is nothing to take over" in page(refused)


def test_a_number_in_another_unit_is_named(studio, founder, milestone, by):
    with inside(studio):
        fields = {"name": "Hours", "unit": "h", "feed_key": "report.hours"}
        add_metric(milestone.pk, fields, by=by, now=MONDAY)
        crm, _ = connect(provider="generic", name="CRM", milestone=milestone, by=by, now=MONDAY)
        Reading.objects.create(
            connection=crm,
            key="report.hours",
            value=420,
            unit="min",
            measured_at=MONDAY,
            received_at=MONDAY,
            delivery_id="1",
        )

    assert "CRM reports it in “min”, so it was not taken: this metric is in “h”." in seen(founder, milestone)


def test_a_closed_milestone_shows_its_metrics_without_forms(studio, founder, milestone, metric, by):
    take(studio, metric, "12", by)
    with inside(studio):
        Milestone.objects.update(**ENDED)

    text = seen(founder, milestone)

    assert "Hours per report" in text
    assert "Take a value" not in text
    assert "Add a metric" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_tab_costs_no_more_with_more_metrics(studio, founder, milestone, by, count):
    with inside(studio):
        first = add_metric(milestone.pk, {"name": "First", "feed_key": "x"}, by=by, now=MONDAY)
        take_snapshot(first.pk, role=Role.CURRENT, value=Decimal(1), by=by, now=MONDAY)
    before = statements(founder, tab(milestone))
    with inside(studio):
        for number in range(count):
            metric = add_metric(milestone.pk, {"name": f"F{number}", "feed_key": "x"}, by=by, now=MONDAY)
            take_snapshot(metric.pk, role=Role.BASELINE, value=Decimal(1), by=by, now=MONDAY)

    assert statements(founder, tab(milestone)) == before
