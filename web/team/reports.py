"""Reports: whose weekly review is due, the review itself, and planned against actual."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from escalation.updates import draft_update
from escalation.weekly import Week, letter, week_of
from milestones.actions import weekly as actions
from milestones.models import Project, WeeklyReview
from milestones.queries import weekly as queries
from milestones.queries.labels import recent_early_warnings
from milestones.queries.learning import finished, lessons_of, slips_by_kind
from milestones.weekly import monday_of
from milestones.words import Attribution
from tenancy.refusal import Refused
from web.answers import attempt, done, saving
from web.forms.weekly import WeeklyForm
from web.guards import member
from web.here import Here
from web.team.projects import find
from workspaces.models import Role

SHOWN = 12  # earlier weeks


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    turns = queries.turns(here.workspace, now=here.now)
    context = {
        "here": here,
        "due": [turn for turn in turns if turn.is_due],
        "others": [turn for turn in turns if not turn.is_due],
        "monday": monday_of(here.today),
    }
    return render(request, "web/team/reports.html", context)


@member
@require_safe
def planned_actual(request: HttpRequest, **_: Any) -> HttpResponse:
    """Every finished milestone, planned against actual, and what the workspace learns from it."""
    here = Here(request)
    rows = finished(here.workspace)
    context = {
        "here": here,
        "rows": rows,
        "lessons": lessons_of(rows),
        "slips": slips_by_kind(),
        "attributions": Attribution.labels,
        "warnings_missed": recent_early_warnings(now=here.now).missed,
        "breadcrumbs": [
            {"label": "Reports", "url": here.url("reports")},
            {"label": "Planned against actual"},
        ],
    }
    return render(request, "web/team/planned_actual.html", context)


@member
@require_safe
def weekly(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """This week's three questions of a project, pre-filled."""
    project, here = find(pk), Here(request)
    review = _review(project, here)
    week = week_of(project, now=here.now)
    return _page(request, project, week, _form(week, review), review)


def _review(project: Project, here: Here) -> WeeklyReview | None:
    return queries.review_of(project.pk, monday_of(here.today))


def _form(week: Week, review: WeeklyReview | None, data: Any = None) -> WeeklyForm:
    answers = review.answers if review else {}
    start = {"version": review.version if review else None}
    return WeeklyForm(data, week=week, answers=answers, initial=start)


def _page(
    request: HttpRequest,
    project: Project,
    week: Week,
    form: WeeklyForm,
    review: WeeklyReview | None,
    *,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    here = Here(request)
    earlier = [row for row in queries.reviews_of(project.pk)[:SHOWN] if row.week != week.monday]
    context = {
        "here": here,
        "project": project,
        "week": week,
        "form": form,
        "review": review,
        "earlier": earlier,
        "letter": letter(week, review.answers) if review else "",
        "refusal": refusal,
        "breadcrumbs": [
            {"label": "Reports", "url": here.url("reports")},
            {"label": project.name, "url": here.url("project", project.pk)},
            {"label": "Weekly review"},
        ],
    }
    return render(request, "web/team/weekly.html", context, status=status)


@member(role=Role.MEMBER)
@require_POST
def save(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    project, here = find(pk), Here(request)
    review, week = _review(project, here), week_of(project, now=here.now)
    form = _form(week, review, request.POST)

    def write(typed: Mapping[str, Any]) -> object:
        return actions.save_review(
            project, form.answers(), by=here.actor, now=here.now, expected=typed["version"]
        )

    status = attempt(form, write)
    if status == 200:
        return done(request, "Weekly review saved.", here.url("weekly_review", pk))
    return _page(request, project, week, form, review, status=status)


@member(role=Role.MEMBER)
@require_POST
def make_update(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Makes the client's status update of the saved answers, to be read over before it is sent."""
    project, here = find(pk), Here(request)
    try:
        with saving():
            notice = draft_update(project, by=here.actor, now=here.now)
    except Refused as refusal:
        review, week = _review(project, here), week_of(project, now=here.now)
        form = _form(week, review)
        return _page(request, project, week, form, review, refusal=str(refusal), status=409)
    return done(
        request, "The status update is drafted. Read it over, then send it.", here.url("notice", notice.pk)
    )
