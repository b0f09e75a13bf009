"""A project's plan as a whole: started from a template, kept as one, weighed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from milestones.actions import plans
from milestones.learning import factors
from milestones.models import Phase, Project
from milestones.queries import pages
from milestones.queries.learning import learned
from milestones.queries.templates import offer_of, offered
from tenancy.refusal import Refused
from web.answers import attempt, done, tell
from web.forms.plans import KeepForm, PlanForm, SharesForm
from web.guards import member
from web.here import Here
from web.team.projects import find
from web.team.projects import page as project_page
from workspaces.models import Role
from workspaces.queries import workers

EITHER = ["GET", "HEAD", "POST"]


@member(role=Role.MEMBER)
@require_http_methods(EITHER)
def start(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A plan from a template: GET with a template shows the dates it would get, POST starts it."""
    project, here = find(pk), Here(request)
    asked = request.POST if request.method == "POST" else request.GET
    is_asked = request.method == "POST" or "template" in asked
    form = PlanForm(
        asked if is_asked else None,
        initial=_usual(project, here),
        offers=offered(),
        members=workers(),
        contacts=pages.contacts_of(project.account_id),
    )
    if request.method == "POST":
        status = attempt(form, lambda typed: _start(project, form, typed, here))
        if status == 200:
            return done(request, "The plan is laid out.", here.url("project", pk))
        return _start_page(request, project, form, status=status)
    return _start_page(request, project, form, seen=_preview(project, form, here) if is_asked else None)


def _usual(project: Project, here: Here) -> dict[str, Any]:
    """As the first milestone has it, from today on."""
    first = project.milestones.order_by("-is_first", "created_at").first()
    people = ("owner_primary_id", "review_owner_id", "owner_client_id", "approver_id", "approval_channel")
    named = {name.removesuffix("_id"): getattr(first, name) for name in people} if first else {}
    return {"start": here.today, **{name: value for name, value in named.items() if value}}


def _factors(form: PlanForm, here: Here) -> Mapping[str, float]:
    return factors(learned(here.workspace)) if form.cleaned_data["use_learned"] else {}


def _start(project: Project, form: PlanForm, typed: Mapping[str, Any], here: Here) -> object:
    return plans.start_plan(
        project,
        offer_of(typed["template"]).document,
        start=typed["start"],
        people=form.people(),
        factors=_factors(form, here),
        by=here.actor,
        now=here.now,
    )


def _preview(project: Project, form: PlanForm, here: Here) -> list[dict[str, Any]] | None:
    """The milestones with the days they would get; None when the form is refused."""
    if not form.is_valid():
        return None
    document = offer_of(form.cleaned_data["template"]).document
    try:
        spans = plans.preview(
            project, document, start=form.cleaned_data["start"], factors=_factors(form, here)
        )
    except Refused as refusal:
        tell(form, refusal)
        return None
    stand = dict(project.milestones.values_list("code", "name"))
    return [
        {
            "plan": plan,
            "phase": phase["name"],
            "span": spans[plan["code"]],
            "stands": stand.get(plan["code"], ""),
        }
        for phase in document["phases"]
        for plan in phase["milestones"]
    ]


def _start_page(
    request: HttpRequest,
    project: Project,
    form: PlanForm,
    *,
    seen: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    here = Here(request)
    context = {
        "here": here,
        "project": project,
        "form": form,
        "seen": seen,
        "lessons": [lesson for lesson in learned(here.workspace) if lesson.is_enough],
        "breadcrumbs": _crumbs(here, project, "Plan from a template"),
    }
    return render(request, "web/team/plan_start.html", context, status=status)


def _crumbs(here: Here, project: Project, last: str) -> list[dict[str, str]]:
    return [
        {"label": "Projects", "url": here.url("projects")},
        {"label": project.name, "url": here.url("project", project.pk)},
        {"label": last},
    ]


@member(role=Role.MEMBER)
@require_POST
def keep(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Keeps the project's plan as a template of the workspace."""
    project, here, form = find(pk), Here(request), KeepForm(request.POST, auto_id="keep-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return plans.keep_as_template(project, **typed, by=here.actor, now=here.now)

    status = attempt(form, write)
    if status == 200:
        said = f"Kept as the template “{form.cleaned_data['name']}”."
        return done(request, said, here.url("settings_templates"))
    return project_page(request, project, forms={"keep": form}, status=status)


@member(role=Role.MEMBER)
@require_http_methods(EITHER)
def shares(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The phases' order and names, and which milestone weighs how much in which of them."""
    project, here = find(pk), Here(request)
    plan, phases = list(pages.plan(pk)), list(project.phases.order_by("position"))
    form = SharesForm(request.POST if request.method == "POST" else None, plan=plan, phases=phases)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda _: _weigh(project, form, phases, here))
        if status == 200:
            return done(request, "Phases and weights saved.", here.url("project", pk))
    total = sum(milestone.weight for milestone in plan)
    context = {
        "here": here,
        "project": project,
        "form": form,
        "rows": [(*row, float(row[0].weight / total)) for row in form.rows()],
        "breadcrumbs": _crumbs(here, project, "Phases and weights"),
    }
    return render(request, "web/team/plan_shares.html", context, status=status)


def _weigh(project: Project, form: SharesForm, phases: list[Phase], here: Here) -> None:
    known = {phase.pk: phase for phase in phases}
    shares: dict[UUID, plans.Share] = {
        pk: {"weight": fields["weight"], "phase": known.get(fields["phase_id"])}
        for pk, fields in form.changes().items()
    }
    plans.weigh(
        project.pk,
        shares,
        names=form.names(),
        order=form.order(),
        expected=form.versions(),
        by=here.actor,
        now=here.now,
    )
