"""The kickoff wizard: from the kickoff meeting to a portal link to share, in one sitting."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from milestones.actions.kickoff import Kickoff, start_engagement
from milestones.models import Project
from tenancy.refusal import Refused
from web.answers import saving, tell
from web.forms.kickoff import KickoffForm, place_of
from web.guards import member
from web.here import Here
from web.team.projects import recipient
from workspaces.actions.links import address_of, make_link
from workspaces.models import Link, Purpose, Role
from workspaces.queries import workers


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def kickoff(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    if request.method != "POST":
        return _page(request, here, KickoffForm(members=workers(), initial=_usual(here)))
    form = KickoffForm(request.POST, members=workers())
    if not form.is_valid():
        return _page(request, here, form, status=422)
    try:
        with saving():
            made = _start(form, here)
    except Refused as refusal:
        refusal.fields = {place_of(name): said for name, said in refusal.fields.items()}
        return _page(request, here, form, status=tell(form, refusal))
    return redirect(here.url("kickoff_done", made.project.pk))


def _usual(here: Here) -> dict[str, Any]:
    zone, me = here.workspace.time_zone, here.email
    people = {"owner_primary": me, "review_owner": me}
    return {"kickoff_date": here.today, "owner_zone": zone, "approver_zone": zone, **people}


def _page(request: HttpRequest, here: Here, form: KickoffForm, *, status: int = 200) -> HttpResponse:
    crumbs = [{"label": "Projects", "url": here.url("projects")}, {"label": "Kickoff"}]
    context = {"here": here, "form": form, "breadcrumbs": crumbs}
    return render(request, "web/team/kickoff.html", context, status=status)


def _start(form: KickoffForm, here: Here) -> Kickoff:
    made = start_engagement(form.handoff(here.zone, now=here.now), by=here.actor, now=here.now)
    if made.is_new:
        make_link(
            Purpose.PORTAL,
            subject=made.project,
            to=recipient(made.project, made.milestone.owner_client),
            by=here.actor,
            now=here.now,
            thread_id=made.project.pk,
        )
    return made


@member(role=Role.MEMBER)
@require_safe
@never_cache
def done(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """What a kickoff made, and the portal link to share."""
    here, project = Here(request), get_object_or_404(Project.objects.select_related("account"), pk=pk)
    portals = Link.objects.filter(subject_id=pk, purpose=Purpose.PORTAL, revoked_at=None)
    if (portal := portals.order_by("created_at").first()) is None:
        return redirect(here.url("project", pk))
    context = {
        "here": here,
        "project": project,
        "milestone": get_object_or_404(project.milestones, is_first=True),
        "address": address_of(portal),
        "breadcrumbs": [
            {"label": "Projects", "url": here.url("projects")},
            {"label": project.name, "url": here.url("project", pk)},
            {"label": "Portal link"},
        ],
    }
    return render(request, "web/team/kickoff_done.html", context)
