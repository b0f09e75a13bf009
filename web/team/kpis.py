"""The figures of the whole workspace: the KPIs with their course, and the first ninety days."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from proofs import kpis as figures
from proofs import rollout as phases
from proofs.actions.rollout import set_start
from proofs.kpis import KpiTold, Point
from proofs.measuring import digits, signed, spark
from proofs.queries import kpis as queries
from proofs.queries import rollout as rollouts
from web.answers import attempt, done
from web.downloads import as_csv, as_json
from web.forms.rollout import RolloutForm
from web.guards import member
from web.here import Here
from workspaces.models import Role

WEEKS = 13
LABELS = {"passed": "on_track", "not_yet": "at_risk"}


@member
@require_safe
def kpis(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    found = queries.told_of(here.workspace, now=here.now)
    context = {
        "here": here,
        "kpis": [_kpi(kpi) for kpi in found.kpis],
        "further": [{"row": each, "value": _digits(each.value)} for each in found.further],
        "breadcrumbs": _crumbs(here, "KPIs"),
    }
    return render(request, "web/team/kpis.html", context)


def _kpi(kpi: KpiTold) -> dict[str, Any]:
    known = [(_noon(point), point.value) for point in kpi.points if point.value is not None]
    return {
        "row": kpi,
        "value": _digits(kpi.value),
        "trend": "" if kpi.trend is None else signed(kpi.trend),
        "spark": spark(known),
        "from": digits(known[0][1]) if known else "",
        "points": [{"row": point, "value": _digits(point.value)} for point in reversed(kpi.points)],
    }


def _noon(point: Point) -> datetime:
    return datetime.combine(point.day, time(12), UTC)


def _digits(value: Decimal | None) -> str:
    return "" if value is None else digits(value)


def _crumbs(here: Here, label: str) -> list[dict[str, str]]:
    return [{"label": "Reports", "url": here.url("reports")}, {"label": label}]


@member
@require_safe
def kpis_csv(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    found = queries.told_of(here.workspace, now=here.now)
    rows = figures.table(found.kpis, found.further, today=found.today)
    return as_csv(f"kpis-{found.today}.csv", figures.COLUMNS, rows)


@member
@require_safe
def kpis_json(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    found = queries.told_of(here.workspace, now=here.now)
    return as_json(f"kpis-{found.today}.json", asdict(found))


@member
@require_safe
def rollout(request: HttpRequest, **_: Any) -> HttpResponse:
    return _rollout(request)


def _rollout(request: HttpRequest, *, form: RolloutForm | None = None, status: int = 200) -> HttpResponse:
    here = Here(request)
    found = rollouts.told_of(here.workspace, now=here.now)
    shown = {"started_on": found.started_on, "version": found.version}
    context = {
        "here": here,
        "rollout": found,
        "week": min(found.week, WEEKS),
        "is_over": found.week > WEEKS,
        "phases": [_phase(phase) for phase in found.phases],
        "form": form or RolloutForm(initial=shown),
        "may_set": here.access.allows(Role.OWNER),
        "breadcrumbs": _crumbs(here, "90-day rollout"),
    }
    return render(request, "web/team/rollout.html", context, status=status)


def _phase(phase: phases.PhaseTold) -> dict[str, Any]:
    result = phase.result
    return {"row": phase, "label": LABELS.get(result.state, ""), "value": _digits(result.value)}


@member(role=Role.OWNER)
@require_POST
def set_rollout(request: HttpRequest, **_: Any) -> HttpResponse:
    here, form = Here(request), RolloutForm(request.POST)

    def write(typed: Mapping[str, Any]) -> object:
        return set_start(
            here.workspace, typed["started_on"], expected=typed["version"], by=here.actor, now=here.now
        )

    status = attempt(form, write)
    if status == 200:
        return done(request, "The rollout's weeks are counted from this day.", here.url("rollout"))
    return _rollout(request, form=form, status=status)


@member
@require_safe
def rollout_csv(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    found = rollouts.told_of(here.workspace, now=here.now)
    return as_csv(f"rollout-{here.today}.csv", phases.COLUMNS, phases.table(found.phases))


@member
@require_safe
def rollout_json(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    found = rollouts.told_of(here.workspace, now=here.now)
    return as_json(f"rollout-{here.today}.json", asdict(found))


urlpatterns = [
    path("reports/kpis/", kpis, name="kpis"),
    path("reports/kpis.csv", kpis_csv, name="kpis_csv"),
    path("reports/kpis.json", kpis_json, name="kpis_json"),
    path("reports/rollout/", rollout, name="rollout"),
    path("reports/rollout/start", set_rollout, name="set_rollout"),
    path("reports/rollout.csv", rollout_csv, name="rollout_csv"),
    path("reports/rollout.json", rollout_json, name="rollout_json"),
]
