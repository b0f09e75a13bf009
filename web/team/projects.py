"""Projects: the list, and one engagement with its plan, people, portal and connections."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.actions import clients
from milestones.actions import milestone as actions
from milestones.models import Contact, Milestone, Project
from milestones.queries import pages
from milestones.queries.checklists import with_checklists
from milestones.queries.dates import moves_of_project
from milestones.queries.notices import notices_of_project
from milestones.queries.portfolio import portfolio_of
from milestones.queries.trust import clock_of, with_progress
from milestones.words import Authority
from proofs.queries.confidence import told_of, with_answers
from telemetry.queries.inbound import connections
from tenancy.kept import Kept
from tenancy.text import one_line
from web.answers import attempt, done
from web.forms.milestones import ContactForm, MilestoneForm, PhaseForm
from web.forms.plans import KeepForm
from web.guards import member
from web.here import Here
from web.keyset import page_of
from web.team import portfolio, sheets
from web.team.archived import resting
from web.team.lists import after
from web.team.notices import listed
from workspaces.models import Purpose, Role
from workspaces.queries import links_about, workers

# What a list of projects may show, by its name in the address.
SHOWN = {"open": Kept(pages.projects), "archived": Kept(pages.archived_projects)}
STATES = (("open", "At work"), ("archived", "Archived"))
LIMIT = 50
NOTICES = 8


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    here, text = Here(request), one_line(request.GET.get("q", ""), limit=100)
    asked = request.GET.get("show", "open")
    show = asked if asked in SHOWN else "open"
    bounds: dict[str, Any] = {"text": text} if text else {}
    if begins := after(request.GET.get("after", "")):
        bounds["created_at"], bounds["pk"] = begins
    found = SHOWN[show].rows(limit=LIMIT + 1, **bounds)
    page = page_of(found, limit=LIMIT, key=lambda row: (row.created_at.isoformat(), row.id))
    address = here.urls("project")
    rows = [vars(row) | {"url": address(row.id)} for row in page.rows]
    context = {
        "here": here,
        "projects": rows,
        "next": page.next,
        "text": text,
        "today": here.today,
        "show": show,
        "states": STATES,
        "query": f"{urlencode({'show': show, 'q': text})}&",
    }
    return render(request, "web/team/projects.html", context)


def find(pk: UUID) -> Project:
    rows = with_answers(with_progress(Project.objects.select_related("account", "workspace")))
    return get_object_or_404(with_checklists(rows), pk=pk)


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest,
    project: Project,
    *,
    forms: Mapping[str, Form] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """One engagement; `forms` are refused ones by their place on the page."""
    here, forms = Here(request), forms or {}
    found = portfolio_of(
        project, pages.plan(project.pk), moves_of_project(project.pk), zone=here.zone, now=here.now
    )
    plan = found.plan
    context = {
        **portfolio.context(found, here),
        "here": here,
        "project": project,
        "contacts": [(contact, _may(contact)) for contact in pages.contacts_of(project.account_id)],
        "links": links_about(project.pk, Purpose.PORTAL, Purpose.CALENDAR),
        "notices": listed(notices_of_project(project.pk)[:NOTICES]),
        "connections": list(connections().filter(milestone__project=project.pk)),
        "trust": clock_of(project, zone=here.zone, now=here.now),
        "confidence": told_of(project, now=here.now),
        "checklists": sheets.listed(here, project),
        "last_progress": max((m.last_progress_at for m in plan if m.last_progress_at), default=None),
        "accepted": sum(m.accepted_at is not None for m in plan),
        "contact_form": forms.get("contact") or ContactForm(auto_id="contact-%s"),
        "keep_form": forms.get("keep") or KeepForm(auto_id="keep-%s"),
        "phase_form": forms.get("phase") or PhaseForm(auto_id="phase-%s"),
        "opened_form": next(iter(forms), ""),
        "refusal": refusal,
        "breadcrumbs": [{"label": "Projects", "url": here.url("projects")}, {"label": project.name}],
        **resting(project, here),
    }
    return render(request, "web/team/project.html", context, status=status)


def _may(contact: Contact) -> str:
    return ", ".join(str(Authority(name).label).lower() for name in contact.authorities)


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_milestone(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    project, here = find(pk), Here(request)
    form = _milestone_form(project, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        made: list[Milestone] = []

        def write(_: Mapping[str, Any]) -> object:
            made.append(actions.add_milestone(project, form.changes(), by=here.actor, now=here.now))
            return made

        status = attempt(form, write)
        if status == 200:
            return done(request, f"{made[0].code} added, in setup.", here.url("milestone", made[0].pk))
    crumbs = [
        {"label": "Projects", "url": here.url("projects")},
        {"label": project.name, "url": here.url("project", pk)},
        {"label": "New milestone"},
    ]
    context = {"here": here, "project": project, "form": form, "breadcrumbs": crumbs}
    return render(request, "web/team/milestone_new.html", context, status=status)


def _milestone_form(project: Project, data: Any) -> MilestoneForm:
    initial = {"code": pages.next_code(project.pk), "quality_threshold": 80, "kind": "general"}
    contacts = pages.contacts_of(project.account_id)
    return MilestoneForm(data, initial=initial, members=workers(), contacts=contacts)


def _write(
    request: HttpRequest,
    project: Project,
    name: str,
    form: Form,
    write: Callable[[Mapping[str, Any]], object],
    said: str,
) -> HttpResponse:
    status = attempt(form, write)
    if status == 200:
        return done(request, said, Here(request).url("project", project.pk))
    return page(request, project, forms={name: form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def add_contact(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    project, here = find(pk), Here(request)
    form = ContactForm(request.POST, auto_id="contact-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return clients.add_contact(account=project.account, **typed, by=here.actor, now=here.now)

    return _write(request, project, "contact", form, write, "Contact added.")


@member(role=Role.MEMBER)
@require_POST
def add_phase(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    project, here = find(pk), Here(request)
    form = PhaseForm(request.POST, auto_id="phase-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return clients.add_phase(project=project, **typed, by=here.actor, now=here.now)

    return _write(request, project, "phase", form, write, "Phase added.")
