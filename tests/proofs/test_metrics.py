"""What a milestone is measured by: baseline and values for good, retracted ones with their reason."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from journal.models import Event
from milestones.actions.milestone import change_milestone
from milestones.actions.reports import record_progress
from milestones.models import Milestone
from milestones.words import Kind
from proofs.actions.metrics import (
    add_metric,
    change_metric,
    remove_metric,
    retract_snapshot,
    take_over_measure,
    take_snapshot,
)
from proofs.content import MOST
from proofs.models import Metric, Snapshot
from proofs.queries.metrics import metrics_of, told_of
from proofs.words import Direction, Role, SnapshotSource
from tenancy.refusal import Refused, Stale
from tests.factories import ENDED, MONDAY, milestone_in_execution
from tests.plugins.scenes import scene

LATER = MONDAY + timedelta(days=9)
F1 = {"measure_name": "F1 score", "measure_baseline": Decimal("0.6"), "measure_target": Decimal("0.8")}


@scene
def milestone(studio, by):
    return milestone_in_execution(by)


@scene
def hours(milestone, by):
    fields = {"name": "Hours per report", "unit": "h", "direction": Direction.DOWN, "target": Decimal(4)}
    return add_metric(milestone.pk, fields, by=by, now=MONDAY)


def closed(milestone):
    Milestone.objects.filter(pk=milestone.pk).update(**ENDED | {"closed_at": LATER})


def take(metric, number, by, *, role=Role.CURRENT, now=MONDAY, **said):
    return take_snapshot(metric.pk, role=role, value=Decimal(number), by=by, now=now, **said)


def kinds(milestone):
    told = Event.objects.filter(thread_id=milestone.pk, kind__regex="^(metric|snapshot)")
    return list(told.order_by("seq").values_list("kind", flat=True))


def test_a_pair_comes_from_the_baseline_and_the_latest_value(milestone, hours, by):
    take(hours, 12, by, role=Role.BASELINE, measured_at=MONDAY - timedelta(days=3), now=LATER)
    take(hours, 6, by, now=LATER)
    take(hours, 7, by, now=LATER, measured_at=LATER - timedelta(days=1))

    (told,) = told_of(milestone)

    assert (told["baseline"]["value"], told["current"]["value"]) == ("12", "6")
    assert (told["change"], told["percent"], told["is_better"], told["target_met"]) == (
        *("-6", "-50"),
        *(True, False),
    )
    assert told["caveat"] == "Baseline recorded 9 days after kickoff"
    assert [value for _, value in told["history"]] == ["12", "7", "6"]


def test_of_two_values_of_one_moment_the_later_recorded_counts(milestone, hours, by):
    take(hours, 12, by, role=Role.BASELINE)
    take(hours, 6, by, now=LATER, measured_at=LATER)
    take(hours, 5, by, now=LATER + timedelta(hours=1), measured_at=LATER)

    (told,) = told_of(milestone)

    assert told["current"]["value"] == "5"


def test_only_complete_pairs_are_told_in_the_order_of_their_metrics(milestone, hours, by):
    errors = add_metric(milestone.pk, {"name": "Errors"}, by=by, now=MONDAY)
    add_metric(milestone.pk, {"name": "Nothing yet"}, by=by, now=MONDAY)
    for metric in (errors, hours):
        take(metric, 12, by, role=Role.BASELINE)
        take(metric, 6, by)

    told = told_of(milestone)

    assert [each["name"] for each in told] == ["Hours per report", "Errors"]


def test_a_chart_gets_the_last_value_of_each_day(milestone, hours, by):
    take(hours, 12, by, role=Role.BASELINE)
    for hour in range(30):
        take(hours, hour, by, now=LATER, measured_at=LATER - timedelta(hours=30 - hour))

    (told,) = told_of(milestone)

    assert [value for _, value in told["history"]] == ["12", "20", "29"]


@pytest.mark.parametrize("metrics", [1, 3])
def test_all_pairs_cost_three_statements(milestone, by, metrics, django_assert_num_queries):
    for number in range(metrics):
        metric = add_metric(milestone.pk, {"name": f"Figure {number}"}, by=by, now=MONDAY)
        take(metric, 12, by, role=Role.BASELINE)
        take(metric, 6, by)
    found = Milestone.objects.select_related("project").get()

    with django_assert_num_queries(3):
        told = told_of(found)

    assert len(told) == metrics


def test_a_metric_is_journalled_with_its_values(milestone, hours, by):
    baseline = take(hours, 12, by, role=Role.BASELINE, note="Time sheet")
    retract_snapshot(baseline.pk, reason="One week only", by=by, now=LATER)
    change_metric(hours.pk, {"target": Decimal(3)}, by=by, now=LATER)
    remove_metric(hours.pk, by=by, now=LATER)

    assert kinds(milestone) == [
        "metric.added",
        "snapshot.taken",
        "snapshot.retracted",
        "metric.changed",
        "metric.removed",
    ]


def test_a_second_baseline_is_refused_until_the_first_is_retracted(milestone, hours, by):
    first = take(hours, 12, by, role=Role.BASELINE)
    with pytest.raises(Refused, match=r"A baseline stands already: 12 h\.") as refused:
        take(hours, 10, by, role=Role.BASELINE)

    retract_snapshot(first.pk, reason="The old team", by=by, now=LATER)
    second = take(hours, 10, by, role=Role.BASELINE, now=LATER)

    assert refused.value.code == "baseline_stands"
    both = Snapshot.objects.filter(metric=hours).order_by("recorded_at")
    assert [(each.pk, each.retract_reason) for each in both] == [(first.pk, "The old team"), (second.pk, "")]


def test_two_standing_baselines_are_refused_by_the_database(hours, by):
    first = take(hours, 12, by, role=Role.BASELINE)

    with pytest.raises(IntegrityError, match="one_standing_baseline"), transaction.atomic():
        Snapshot.objects.create(
            metric=hours,
            role=Role.BASELINE,
            value=1,
            measured_at=MONDAY,
            recorded_at=MONDAY,
            source=SnapshotSource.HAND,
            by_kind=first.by_kind,
            by_name=first.by_name,
        )


def test_a_value_cannot_be_rewritten(hours, by):
    taken = take(hours, 12, by)

    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE proofs_snapshot SET value = 1 WHERE id = %s", [taken.pk])


def test_a_retracted_value_no_longer_counts_and_the_one_before_does(milestone, hours, by):
    take(hours, 12, by, role=Role.BASELINE)
    take(hours, 8, by)
    wrong = take(hours, 80, by, now=LATER)

    retract_snapshot(wrong.pk, reason="A slip of the finger", by=by, now=LATER)

    (told,) = told_of(milestone)
    assert told["current"]["value"] == "8"


def test_a_value_is_retracted_once_and_with_a_reason(hours, by):
    taken = take(hours, 12, by)

    with pytest.raises(Refused) as wordless:
        retract_snapshot(taken.pk, reason="  ", by=by, now=LATER)
    retract_snapshot(taken.pk, reason="Wrong", by=by, now=LATER)
    with pytest.raises(Refused, match="retracted already"):
        retract_snapshot(taken.pk, reason="Wrong", by=by, now=LATER)

    assert "reason" in wordless.value.fields


@pytest.mark.parametrize(
    "number",
    ["NaN", "sNaN", "Infinity", "-Infinity", "100000000000000", "0.00001", "1E+20"],
)
def test_a_value_that_is_no_plain_number_is_refused(hours, by, number):
    with pytest.raises(Refused) as refused:
        take(hours, number, by)

    assert "value" in refused.value.fields


@pytest.mark.parametrize("number", ["99999999999999.9999", "-99999999999999.9999", "0", "0.0001"])
def test_a_value_may_be_as_large_and_as_small_as_is_kept(milestone, hours, by, number):
    taken = take(hours, number, by)

    assert Snapshot.objects.get(pk=taken.pk).value == Decimal(number)


def test_nothing_is_measured_in_the_future(hours, by):
    with pytest.raises(Refused) as refused:
        take(hours, 1, by, measured_at=MONDAY + timedelta(minutes=5, seconds=1))

    assert "measured_at" in refused.value.fields


def test_a_clock_that_is_a_little_ahead_counts_as_now(hours, by):
    taken = take(hours, 1, by, measured_at=MONDAY + timedelta(minutes=5))

    assert (taken.measured_at, taken.recorded_at) == (MONDAY, MONDAY)


def test_two_metrics_of_a_milestone_differ_in_name(milestone, hours, by):
    with pytest.raises(Refused) as refused:
        add_metric(milestone.pk, {"name": "Hours per report"}, by=by, now=MONDAY)

    assert "name" in refused.value.fields


def test_a_removed_name_may_be_used_again(milestone, hours, by):
    remove_metric(hours.pk, by=by, now=MONDAY)

    again = add_metric(milestone.pk, {"name": "Hours per report"}, by=by, now=LATER)

    assert [metric.pk for metric in metrics_of(milestone.pk)] == [again.pk]


def test_a_milestone_holds_no_more_metrics_than_a_packet_tells(milestone, by):
    for number in range(MOST["metrics"]):
        add_metric(milestone.pk, {"name": f"Figure {number}"}, by=by, now=MONDAY)

    with pytest.raises(Refused) as refused:
        add_metric(milestone.pk, {"name": "One more"}, by=by, now=MONDAY)

    assert refused.value.code == "too_many"


def test_who_saved_first_is_not_overwritten(hours, by):
    change_metric(hours.pk, {"unit": "hours"}, expected=1, by=by, now=MONDAY)

    with pytest.raises(Stale):
        change_metric(hours.pk, {"unit": "min"}, expected=1, by=by, now=MONDAY)


WRITES = {
    "add": lambda m, v, by: add_metric(m.milestone_id, {"name": "Other"}, by=by, now=LATER),
    "change": lambda m, v, by: change_metric(m.pk, {"unit": "d"}, by=by, now=LATER),
    "remove": lambda m, v, by: remove_metric(m.pk, by=by, now=LATER),
    "take": lambda m, v, by: take(m, 1, by, now=LATER),
    "retract": lambda m, v, by: retract_snapshot(v.pk, reason="Wrong", by=by, now=LATER),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_closed_milestone_keeps_what_it_was_measured_by(milestone, hours, by, write):
    value = take(hours, 12, by)
    closed(milestone)

    with pytest.raises(Refused) as refused:
        write(hours, value, by)

    assert refused.value.code == "milestone_closed"


@pytest.mark.parametrize("write", ["change", "remove", "take", "retract"])
def test_a_removed_metric_takes_nothing_more(hours, by, write):
    value = take(hours, 12, by)
    remove_metric(hours.pk, by=by, now=MONDAY)

    with pytest.raises(Refused) as refused:
        WRITES[write](hours, value, by)

    assert refused.value.code == "removed"


@scene
def model(milestone, by):
    return change_milestone(milestone.pk, {"kind": Kind.MODEL, **F1}, by=by, now=MONDAY)


def test_the_measure_of_a_model_becomes_a_metric_with_its_course(model, by):
    for day, figure in enumerate(("0.65", "0.75", "0.82"), start=1):
        record_progress(model.pk, measured=Decimal(figure), by=by, now=MONDAY + timedelta(days=day))

    metric = take_over_measure(model.pk, by=by, now=LATER)

    assert metric is not None
    assert (metric.name, metric.direction, metric.target) == ("F1 score", Direction.UP, Decimal("0.8"))
    (told,) = told_of(model)
    assert (told["baseline"]["value"], told["current"]["value"]) == ("0.6", "0.82")
    assert told["target_met"] is True
    assert told["current"]["source"] == "The milestone's measured progress"
    assert [value for _, value in told["history"]] == ["0.6", "0.65", "0.75", "0.82"]


def test_what_was_taken_over_is_not_taken_again(model, by):
    record_progress(model.pk, measured=Decimal("0.65"), by=by, now=MONDAY)
    first = take_over_measure(model.pk, by=by, now=LATER)
    before = kinds(model)

    second = take_over_measure(model.pk, by=by, now=LATER)

    assert (second, kinds(model)) == (first, before)


def test_new_progress_is_taken_over_later(model, by):
    take_over_measure(model.pk, by=by, now=MONDAY)
    record_progress(model.pk, measured=Decimal("0.7"), by=by, now=LATER)

    take_over_measure(model.pk, by=by, now=LATER)

    (told,) = told_of(model)
    assert told["current"]["value"] == "0.7"


def test_a_figure_that_is_to_fall_is_better_when_lower(milestone, by):
    falls = {"measure_name": "Errors", "measure_baseline": Decimal(400), "measure_target": Decimal(200)}
    change_milestone(milestone.pk, falls, by=by, now=MONDAY)

    metric = take_over_measure(milestone.pk, by=by, now=MONDAY)

    assert metric is not None
    assert metric.direction == Direction.DOWN


def test_the_baseline_of_a_record_is_as_old_as_the_record_says_it(milestone, by):
    change_milestone(milestone.pk, {"kind": Kind.MODEL, **F1}, by=by, now=LATER)

    take_over_measure(milestone.pk, by=by, now=LATER + timedelta(days=1))

    baseline = Snapshot.objects.get(role=Role.BASELINE)
    assert (baseline.measured_at, baseline.recorded_at) == (LATER, LATER)


def test_a_retracted_baseline_of_the_record_does_not_come_back(model, by):
    take_over_measure(model.pk, by=by, now=MONDAY)
    retract_snapshot(Snapshot.objects.get().pk, reason="Other data", by=by, now=LATER)

    take_over_measure(model.pk, by=by, now=LATER)

    assert not Snapshot.objects.filter(retracted_at=None).exists()


def test_a_metric_that_somebody_removed_is_not_taken_over_again(model, by):
    metric = take_over_measure(model.pk, by=by, now=MONDAY)
    assert metric is not None
    remove_metric(metric.pk, by=by, now=MONDAY)

    again = take_over_measure(model.pk, by=by, now=LATER)

    assert again is None
    assert not Metric.objects.filter(removed_at=None).exists()


def test_a_record_without_a_figure_has_nothing_to_take_over(milestone, by):
    assert take_over_measure(milestone.pk, by=by, now=MONDAY) is None


def test_a_closed_milestone_takes_nothing_over(model, by):
    closed(model)

    assert take_over_measure(model.pk, by=by, now=LATER) is None
