"""What the milestone is measured by, as a part of the tab “Proof”."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_POST

from milestones.models import Milestone
from milestones.words import Stage
from proofs.actions import metrics as actions
from proofs.measuring import Pair, digits, spark, told
from proofs.models import Metric, Snapshot
from proofs.queries import metrics as queries
from proofs.words import Direction, Role
from telemetry.models import Reading
from tenancy.refusal import Refused
from web.answers import attempt, done, saving
from web.forms.metrics import (
    ChangeMetricForm,
    NewMetricForm,
    RemoveMetricForm,
    RetractForm,
    SnapshotForm,
)
from web.guards import member
from web.here import Here
from web.team import proofs
from web.team.milestones import find
from workspaces.models import Role as MemberRole

PLACE = "#metrics"


def part(milestone: Milestone, here: Here) -> dict[str, Any]:
    """The metrics with their pairs, values and forms; `here.forms` holds refused ones."""
    rows = list(queries.metrics_of(milestone.pk))
    pairs, values = queries.pairs_of(rows), queries.latest_of(rows)
    readings = queries.last_readings(rows)
    may = milestone.stage != Stage.CLOSED
    return {
        "metrics": [
            _metric(row, pair, values[row.pk], readings.get(row.feed_key), milestone, here)
            for row, pair in zip(rows, pairs, strict=True)
        ],
        "metrics_may": may,
        "metrics_measure": _untaken_measure(milestone, rows) if may else "",
        "metric_form": here.forms.get("metric") or NewMetricForm(zone=here.zone, auto_id="metric-%s"),
    }


def _untaken_measure(milestone: Milestone, rows: Sequence[Metric]) -> str:
    """The record's measured figure, while no metric of its name is here."""
    names = {row.name for row in rows}
    is_stated = milestone.measure_baseline is not None and milestone.measure_name not in names
    return milestone.measure_name if is_stated else ""


def _metric(
    row: Metric,
    pair: Pair,
    values: Sequence[Snapshot],
    reading: Reading | None,
    milestone: Milestone,
    here: Here,
) -> dict[str, Any]:
    shown = [_value(value, here) for value in values]
    return {
        "row": row,
        "pair": told(pair, milestone.project.kickoff_completed_at, here.zone),
        "baseline": digits(pair.baseline.value) if pair.baseline else "",
        "current": digits(pair.current.value) if pair.current else "",
        "target": "" if row.target is None else digits(row.target),
        "aim": "at least" if row.direction == Direction.UP else "at most",
        "spark": spark(pair.history, row.target),
        "missing": _missing(pair),
        "values": shown,
        "is_retracting": any(value["retract"].errors for value in shown),
        "reading": reading,
        "is_heard": reading is None or actions.speaks_unit(row, reading),
        **_forms(row, pair, here),
    }


def _missing(pair: Pair) -> str:
    """Which half of the pair is still to be measured."""
    if pair.baseline is None:
        return "No baseline yet: take what it was before the work."
    if pair.current is None or pair.current.measured_at < pair.baseline.measured_at:
        return "No value after the baseline yet: take what it is now."
    return ""


def _value(row: Snapshot, here: Here) -> dict[str, Any]:
    name = f"retract{row.pk}"
    return {
        "row": row,
        "value": digits(row.value),
        "retract": here.forms.get(name) or RetractForm(auto_id=f"{name}-%s"),
    }


def _forms(row: Metric, pair: Pair, here: Here) -> dict[str, Form]:
    take, change, remove = (f"{word}{row.pk}" for word in ("take", "change", "remove"))
    first = {"role": Role.CURRENT if pair.baseline else Role.BASELINE}
    shown = ChangeMetricForm.shown(row)
    return {
        "take": here.forms.get(take) or SnapshotForm(initial=first, zone=here.zone, auto_id=f"{take}-%s"),
        "change": here.forms.get(change) or ChangeMetricForm(initial=shown, auto_id=f"{change}-%s"),
        "remove": here.forms.get(remove) or RemoveMetricForm(initial=shown, auto_id=f"{remove}-%s"),
    }


Write = Callable[[Mapping[str, Any]], object]


def _save(
    request: HttpRequest, milestone_id: UUID, name: str, form: Form, write: Write, said: str
) -> HttpResponse:
    milestone, here = find(milestone_id), Here(request)
    status = attempt(form, write)
    if status == 200:
        return done(request, said, here.url("milestone_proof", milestone_id) + PLACE)
    return proofs.page(request, milestone, forms={name: form}, status=status)


@member(role=MemberRole.MEMBER)
@require_POST
def add(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)
    form = NewMetricForm(request.POST, zone=here.zone, auto_id="metric-%s")

    def write(typed: Mapping[str, Any]) -> object:
        metric = actions.add_metric(pk, form.metric(), by=here.actor, now=here.now)
        if typed["baseline"] is None:
            return metric
        first = {"role": Role.BASELINE, "value": typed["baseline"], "measured_at": typed["measured_at"]}
        return actions.take_snapshot(metric.pk, **first, by=here.actor, now=here.now)

    return _save(request, pk, "metric", form, write, "Metric added.")


@member(role=MemberRole.MEMBER)
@require_POST
def change(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, metric = Here(request), get_object_or_404(Metric, pk=pk)
    form = ChangeMetricForm(request.POST, auto_id=f"change{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        changes = dict(typed)
        expected = changes.pop("version")
        return actions.change_metric(pk, changes, expected=expected, by=here.actor, now=here.now)

    return _save(request, metric.milestone_id, f"change{pk}", form, write, "Metric changed.")


@member(role=MemberRole.MEMBER)
@require_POST
def remove(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, metric = Here(request), get_object_or_404(Metric, pk=pk)
    form = RemoveMetricForm(request.POST, auto_id=f"remove{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.remove_metric(pk, expected=typed["version"], by=here.actor, now=here.now)

    said = f"“{metric.name}” removed. Its values stay in the journal."
    return _save(request, metric.milestone_id, f"remove{pk}", form, write, said)


@member(role=MemberRole.MEMBER)
@require_POST
def take(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, metric = Here(request), get_object_or_404(Metric, pk=pk)
    form = SnapshotForm(request.POST, zone=here.zone, auto_id=f"take{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.take_snapshot(pk, **typed, by=here.actor, now=here.now)

    said = f"Value of “{metric.name}” taken."
    return _save(request, metric.milestone_id, f"take{pk}", form, write, said)


@member(role=MemberRole.MEMBER)
@require_POST
def retract(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, row = Here(request), get_object_or_404(Snapshot.objects.select_related("metric"), pk=pk)
    form = RetractForm(request.POST, auto_id=f"retract{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.retract_snapshot(pk, **typed, by=here.actor, now=here.now)

    said = "Value retracted. It stays readable with your reason."
    return _save(request, row.metric.milestone_id, f"retract{pk}", form, write, said)


@member(role=MemberRole.MEMBER)
@require_POST
def take_over(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Makes the record's measured figure a metric."""
    milestone, here = find(pk), Here(request)
    try:
        with saving():
            metric = actions.take_over_measure(pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return proofs.page(request, milestone, refusal=str(refusal), status=409)
    if metric is None:
        said = (
            "There is nothing to take over: the record names no measured figure, or its metric was removed."
        )
        return proofs.page(request, milestone, refusal=said, status=409)
    return done(request, f"“{metric.name}” taken over.", here.url("milestone_proof", pk) + PLACE)


urlpatterns = [
    path("milestones/<uuid:pk>/metrics", add, name="add_metric"),
    path("milestones/<uuid:pk>/metrics/take-over", take_over, name="take_over_measure"),
    path("metrics/<uuid:pk>/change", change, name="change_metric"),
    path("metrics/<uuid:pk>/remove", remove, name="remove_metric"),
    path("metrics/<uuid:pk>/snapshots", take, name="take_snapshot"),
    path("snapshots/<uuid:pk>/retract", retract, name="retract_snapshot"),
]
