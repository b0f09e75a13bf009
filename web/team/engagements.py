"""The settings of an engagement: its name, who gives feedback where, who is away, whether it is over."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from milestones.actions import clients, engagements
from milestones.models import Contact, Milestone, Project
from milestones.queries import pages
from tenancy.refusal import Refused
from web.answers import attempt, done, saving
from web.forms.engagements import AbsenceForm, ProjectForm, RightsForm
from web.guards import member
from web.here import Here
from web.team.projects import find
from workspaces.models import Role

Write = Callable[[Mapping[str, Any]], object]


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    project, here = find(pk), Here(request)
    if request.method != "POST":
        return page(request, project)
    form = ProjectForm(request.POST, auto_id="project-%s")

    def write(typed: Mapping[str, Any]) -> object:
        changes = {name: value for name, value in typed.items() if name != "version"}
        return clients.change_project(pk, changes, by=here.actor, now=here.now, expected=typed["version"])

    return _answer(request, project, "project", form, write, "Settings saved.")


def page(
    request: HttpRequest,
    project: Project,
    *,
    forms: Mapping[str, Form] | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """Everything that is set about an engagement; `forms` are refused ones by their place."""
    here, forms = Here(request), forms or {}
    people = list(pages.contacts_of(project.account_id))
    context = {
        **frame(here, project, "Settings"),
        "form": forms.get("project") or ProjectForm.of(project),
        "people": [_person(contact, people, forms) for contact in people],
        "refusal": refusal,
    }
    return render(request, "web/team/project_settings.html", context, status=status)


def frame(here: Here, project: Project, words: str) -> dict[str, Any]:
    """What every page about an engagement beside its own shows."""
    crumbs = [
        {"label": "Projects", "url": here.url("projects")},
        {"label": project.name, "url": here.url("project", project.pk)},
        {"label": words},
    ]
    return {"here": here, "project": project, "breadcrumbs": crumbs}


def _person(contact: Contact, people: list[Contact], forms: Mapping[str, Form]) -> dict[str, Any]:
    rights = {name: getattr(contact, name) for name in ("time_zone", "authorities", "version")}
    absence = {name: getattr(contact, name) for name in ("absent_from", "absent_until", "version")}
    others = [other for other in people if other.pk != contact.pk]
    return {
        "contact": contact,
        "stand_in": next((other.name for other in others if other.pk == contact.delegate_id), ""),
        "rights": forms.get(f"rights-{contact.pk}")
        or RightsForm(initial=rights, auto_id=f"rights-{contact.pk}-%s"),
        "absence": forms.get(f"absence-{contact.pk}")
        or AbsenceForm(
            initial=absence | {"delegate": contact.delegate_id},
            others=others,
            auto_id=f"absence-{contact.pk}-%s",
        ),
    }


def _answer(
    request: HttpRequest, project: Project, name: str, form: Form, write: Write, said: str
) -> HttpResponse:
    status = attempt(form, write)
    if status == 200:
        return done(request, said, Here(request).url("project_settings", project.pk))
    return page(request, project, forms={name: form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def change_rights(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    contact, here = get_object_or_404(Contact, pk=pk), Here(request)
    form = RightsForm(request.POST, auto_id=f"rights-{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        changes = {name: typed[name] for name in ("time_zone", "authorities")}
        return clients.change_contact(pk, changes, by=here.actor, now=here.now, expected=typed["version"])

    return _answer(request, _seen_from(request, contact), f"rights-{pk}", form, write, "Contact saved.")


@member(role=Role.MEMBER)
@require_POST
def set_absence(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    contact, here = get_object_or_404(Contact, pk=pk), Here(request)
    others = {other.pk: other for other in pages.contacts_of(contact.account_id) if other.pk != pk}
    form = AbsenceForm(request.POST, others=others.values(), auto_id=f"absence-{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        days = {name: typed[name] for name in ("absent_from", "absent_until")}
        delegate = others.get(typed["delegate"])
        return clients.set_absence(
            pk, **days, delegate=delegate, by=here.actor, now=here.now, expected=typed["version"]
        )

    return _answer(request, _seen_from(request, contact), f"absence-{pk}", form, write, "Absence noted.")


def _seen_from(request: HttpRequest, contact: Contact) -> Project:
    """The project on whose page the contact was looked at; else one of their account."""
    mine = Project.objects.select_related("account").filter(account=contact.account_id)
    named = request.POST.get("project", "")
    known = {str(project.pk): project for project in mine.order_by("-created_at")}
    return known.get(named) or get_object_or_404(mine.order_by("-created_at")[:1])


@member(role=Role.MEMBER)
@require_POST
def archive(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)
    said = "Archived. Its links are closed, its client is asked nothing, and it left the lists."
    return _settle(request, find(pk), engagements.archive, said, here)


@member(role=Role.MEMBER)
@require_POST
def unarchive(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)
    return _settle(
        request, find(pk), engagements.unarchive, "Taken up again; its links open as before.", here
    )


def _settle(
    request: HttpRequest, project: Project, act: Callable[..., object], said: str, here: Here
) -> HttpResponse:
    try:
        with saving():
            act(project.pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return page(request, project, refusal=refusal, status=409)
    return done(request, said, here.url("project", project.pk))


@member
@require_http_methods(["GET", "HEAD"])
def triggers(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """What each milestone lets one invoice, and since when. Nothing is invoiced here."""
    project, here = find(pk), Here(request)
    plan = pages.plan(pk).exclude(invoice_trigger="").prefetch_related(None)
    rows = [{"milestone": stone, "reached_at": reached_at(stone)} for stone in plan]
    context = {**frame(here, project, "Invoice triggers"), "rows": rows}
    return render(request, "web/team/project_triggers.html", context)


def reached_at(milestone: Milestone) -> Any:
    """A trigger is reached when the client accepted, by a decision on record."""
    return milestone.accepted_at
