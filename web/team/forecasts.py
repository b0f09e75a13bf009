"""How good the on-time probabilities were; and one milestone's, with its reasons and its course."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from milestones.figures import UNLIKELY
from milestones.models import Milestone
from milestones.words import Stage
from telemetry.forecast import calibration
from telemetry.forecast.explain import has_history
from telemetry.forecast.plot import plot
from telemetry.models import Basis, ProbabilityPoint
from telemetry.queries.calibration import Said, said, told_of
from telemetry.queries.outlooks import course, inputs_of, reasons
from web.downloads import as_csv
from web.guards import member
from web.here import Here
from web.team.risks import course_in_words

COLUMNS = (
    *("project", "code", "milestone", "kind", "day", "planned_date", "days_ahead"),
    *("probability_percent", "basis", "completed_on", "on_time"),
)


@member
@require_safe
def accuracy(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    told = told_of(here.workspace)
    context = {
        "here": here,
        "told": told,
        "together": _shown("", told.together),
        "enough": calibration.ENOUGH,
        "plot": plot(told.bins),
        "plot_text": _in_words(told.bins),
        "by_basis": [_shown(str(Basis(name).label), of) for name, of in told.by_basis.items()],
        "by_ahead": [_shown(name, of) for name, of in told.by_ahead.items()],
        "breadcrumbs": [
            {"label": "Reports", "url": here.url("reports")},
            {"label": "Forecast accuracy"},
        ],
    }
    return render(request, "web/team/forecast_accuracy.html", context)


def _shown(name: str, of: calibration.Accuracy) -> dict[str, Any]:
    return {
        "name": name,
        "row": of,
        "skill": "" if of.skill is None else f"{of.skill:+.0%}".replace("-", "−"),
    }


def _in_words(bins: Iterable[calibration.Bin]) -> str:
    held = [each for each in bins if each.promises]
    kept = sum(each.least <= each.said <= each.most for each in held)  # type: ignore[operator]
    return (
        f"On the line, as much was done in time as was said. In {kept} of {len(held)} "
        f"group{'' if len(held) == 1 else 's'} what was said lies within what chance allows."
    )


@member
@require_safe
def accuracy_csv(request: HttpRequest, **_: Any) -> HttpResponse:
    """Every day's probability that the page is made of, with what came of it."""
    here = Here(request)
    rows = (_row(each) for each in said(here.workspace))
    return as_csv(f"forecast-accuracy-{here.today}.csv", COLUMNS, rows)


def _row(each: Said) -> Mapping[str, Any]:
    case = each.case
    return {
        "project": each.project_name,
        "code": each.code,
        "milestone": each.name,
        "kind": each.kind,
        "day": each.day,
        "planned_date": case.planned_date,
        "days_ahead": case.days_ahead,
        "probability_percent": case.percent,
        "basis": case.basis,
        "completed_on": each.completed_on or "",
        "on_time": "yes" if case.on_time else "no",
    }


DAYS = 60  # of the course on a milestone's page


def facts(milestone: Milestone, *, here: Here) -> dict[str, Any]:
    """The context of a milestone's on-time probability: what it is, why, and how it came to be."""
    points = list(course(milestone.pk)[:DAYS])
    return {
        "likely_course": [{"label": f"{point.day:%-d %b}", "value": point.percent} for point in points[::-1]],
        "likely_text": _course_in_words(points),
        "likely": milestone.on_time_probability,
        **(_said(points[0], milestone, here) if points else {}),
    }


def _said(newest: ProbabilityPoint, milestone: Milestone, here: Here) -> dict[str, Any]:
    """The figure's name and its reasons; once the work has ended, how it ended."""
    if milestone.completed_at:
        completed = milestone.completed_at.astimezone(here.zone)
        return {"likely_name": f"Completed {completed:%-d %b %Y}, planned for {newest.planned_date:%-d %b}"}
    if milestone.stage == Stage.CLOSED:
        return {"likely_name": "Closed without being completed"}
    return _explained(newest, milestone)


def _course_in_words(points: Sequence[ProbabilityPoint]) -> str:
    if not points:
        return ""
    days = (points[0].day - points[-1].day).days
    words = course_in_words([point.percent for point in reversed(points)], days=days)
    return f"It {words}. Under {UNLIKELY}% it warns."


def _explained(point: ProbabilityPoint, milestone: Milestone) -> dict[str, Any]:
    return {
        "likely_name": f"Done by {point.planned_date:%-d %b %Y}",
        "likely_limit": UNLIKELY,
        "likely_low": point.percent < UNLIKELY,
        "likely_note": f"Low: under {UNLIKELY}" if point.percent < UNLIKELY else "",
        "likely_basis": Basis(point.basis).label,
        "likely_has_history": has_history(inputs_of(point)),
        "likely_reasons": reasons(point, kind=milestone.kind),
    }


urlpatterns = [
    path("reports/forecast/", accuracy, name="forecast_accuracy"),
    path("reports/forecast.csv", accuracy_csv, name="forecast_accuracy_csv"),
]
