"""Projects: the list, and one engagement with its plan, people, portal and connections."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journal.actors import Recipient
from milestones.actions import clients
from milestones.actions import milestone as actions
from milestones.models import Contact, Milestone, Project
from milestones.queries import pages
from milestones.queries.dates import moves_of_project
from milestones.queries.notices import notices_of_project
from milestones.queries.portfolio import portfolio_of
from milestones.words import Authority
from telemetry.queries.inbound import connections
from tenancy.kept import Kept
from tenancy.refusal import Refused
from tenancy.text import one_line
from web import once
from web.answers import attempt, done
from web.forms.milestones import ContactForm, MilestoneForm, PhaseForm
from web.forms.plans import KeepForm
from web.guards import member
from web.here import Here
from web.keyset import page_of
from web.team import portfolio
from web.team.lists import after
from web.team.notices import listed
from workspaces.actions.links import address_of, make_link, revoke_link, rotate_link
from workspaces.models import Link, Purpose, Role
from workspaces.queries import workers

PROJECTS = Kept(pages.projects)
LIMIT = 50
TRUST_DAYS = 14
NOTICES = 8


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    here, text = Here(request), one_line(request.GET.get("q", ""), limit=100)
    bounds: dict[str, Any] = {"text": text} if text else {}
    if begins := after(request.GET.get("after", "")):
        bounds["created_at"], bounds["pk"] = begins
    found = PROJECTS.rows(limit=LIMIT + 1, **bounds)
    page = page_of(found, limit=LIMIT, key=lambda row: (row.created_at.isoformat(), row.id))
    address = here.urls("project")
    rows = [vars(row) | {"url": address(row.id)} for row in page.rows]
    context = {"here": here, "projects": rows, "next": page.next, "text": text, "today": here.today}
    context["query"] = urlencode({"q": text}) + "&" if text else ""
    return render(request, "web/team/projects.html", context)


def find(pk: UUID) -> Project:
    return get_object_or_404(Project.objects.select_related("account"), pk=pk)


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
        "links": portal_links(project),
        "notices": listed(notices_of_project(project.pk)[:NOTICES]),
        "connections": list(connections().filter(milestone__project=project.pk)),
        "trust_day": min((here.now - project.kickoff_completed_at).days + 1, TRUST_DAYS),
        "trust_over": here.now - project.kickoff_completed_at > timedelta(days=TRUST_DAYS),
        "last_progress": max((m.last_progress_at for m in plan if m.last_progress_at), default=None),
        "accepted": sum(m.accepted_at is not None for m in plan),
        "contact_form": forms.get("contact") or ContactForm(auto_id="contact-%s"),
        "keep_form": forms.get("keep") or KeepForm(auto_id="keep-%s"),
        "phase_form": forms.get("phase") or PhaseForm(auto_id="phase-%s"),
        "opened_form": next(iter(forms), ""),
        "refusal": refusal,
        "breadcrumbs": [{"label": "Projects", "url": here.url("projects")}, {"label": project.name}],
    }
    return render(request, "web/team/project.html", context, status=status)


def _may(contact: Contact) -> str:
    return ", ".join(str(Authority(name).label).lower() for name in contact.authorities)


def portal_links(project: Project) -> list[Link]:
    return list(Link.objects.filter(purpose=Purpose.PORTAL, subject_id=project.pk).order_by("-created_at"))


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


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def make_portal_link(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A new portal link. Who only looks, as after a sign-in on the way here, is led to the project."""
    project, here = find(pk), Here(request)
    if request.method != "POST":
        return redirect(here.url("project", pk))
    contacts = {str(contact.pk): contact for contact in pages.contacts_of(project.account_id)}
    to = recipient(project, contacts.get(request.POST.get("contact", "")))
    link = make_link(
        Purpose.PORTAL, subject=project, to=to, by=here.actor, now=here.now, thread_id=project.pk
    )
    return _show_address(request, here, link, said="Portal link made.")


def recipient(project: Project, contact: Contact | None) -> Recipient:
    """Whom a portal link is for: one contact, or the client as a whole."""
    if contact is None:
        return Recipient("contact", None, project.account.name, "")
    return Recipient("contact", contact.pk, contact.name, contact.email)


def _show_address(request: HttpRequest, here: Here, link: Link, *, said: str) -> HttpResponse:
    once.keep(request, f"link:{link.pk}", address_of(link), now=here.now)
    return done(request, said, here.url("portal_link", link.pk))


@member(role=Role.MEMBER)
@require_safe
@never_cache
def show_portal_link(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The address just made, once; afterwards the link is what the project's page says of it."""
    link, here = _link(pk), Here(request)
    address = once.take(request, f"link:{pk}", now=here.now)
    if not address:
        return redirect(here.url("project", link.subject_id))
    project = find(link.subject_id)
    crumbs = [
        {"label": "Projects", "url": here.url("projects")},
        {"label": project.name, "url": here.url("project", project.pk)},
        {"label": "Portal link"},
    ]
    context = {
        "here": here,
        "project": project,
        "link": link,
        "address": address,
        "breadcrumbs": crumbs,
    }
    return render(request, "web/team/portal_link.html", context)


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def rotate_portal_link(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A new address for the link. Who only looks is led to the project."""
    link, here = _link(pk), Here(request)
    if request.method != "POST":
        return redirect(here.url("project", link.subject_id))
    try:
        link = rotate_link(link, by=here.actor, now=here.now)
    except Refused as refusal:
        return page(request, find(link.subject_id), refusal=str(refusal), status=409)
    return _show_address(request, here, link, said="New address made.")


@member(role=Role.MEMBER)
@require_POST
def revoke_portal_link(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    link, here = _link(pk), Here(request)
    try:
        revoke_link(link, by=here.actor, now=here.now)
    except Refused as refusal:
        return page(request, find(link.subject_id), refusal=str(refusal), status=409)
    return done(
        request, "Portal link revoked: it opens nothing any more.", here.url("project", link.subject_id)
    )


def _link(pk: UUID) -> Link:
    return get_object_or_404(Link, pk=pk, purpose=Purpose.PORTAL)
