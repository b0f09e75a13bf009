"""The client's portal: where are we, what we need from you, what changed. Read-only.

Everything on it passes through `facts`, the one whitelist: notes, scores and telemetry have no name there.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from escalation.models import Blocker
from escalation.pages import asked_of_client
from journal.pages import Entry, entries, events
from milestones.models import Milestone, Project
from milestones.queries import pages
from milestones.words import Stage
from web.guards import link, member
from web.here import Here
from web.labels import Shown
from web.story import CLIENT, told_to_client
from workspaces.models import Purpose, WorkspaceSettings

CHANGES = 12
ASKS = 20
STEPS = {
    Stage.SETUP: "Not begun yet",
    Stage.EXECUTION: "In the works",
    Stage.QA: "In quality checks",
    Stage.REVIEW: "Waiting for your review",
    Stage.CLOSEOUT: "Accepted, being wrapped up",
    Stage.CLOSED: "Closed",
}


@link(Purpose.PORTAL)
@require_safe
def show(request: HttpRequest, **_: Any) -> HttpResponse:
    return _page(request, request.link.subject_id)  # type: ignore[attr-defined]


@member
@require_safe
def preview(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The same page for the team, exactly as the client sees it."""
    return _page(request, pk, is_preview=True)


def _page(request: HttpRequest, project_id: UUID, *, is_preview: bool = False) -> HttpResponse:
    settings = WorkspaceSettings.objects.select_related("workspace").get()
    request.workspace = settings.workspace  # type: ignore[attr-defined]
    here = Here(request)
    rows = pages.plan(project_id).select_related("phase", "project__account", "owner_primary__user")
    plan = list(rows.prefetch_related(None))
    project = (
        plan[0].project
        if plan
        else get_object_or_404(Project.objects.select_related("account"), pk=project_id)
    )
    threads = [project.pk, *(milestone.pk for milestone in plan)]
    told = entries(events(threads=threads, kinds=tuple(CLIENT))[:CHANGES])
    context = facts(project, plan, asked_of_client(project_id)[:ASKS], told, here=here)
    brand = {"name": settings.brand_name or here.workspace.name, "colour": settings.brand_colour}
    return render(
        request,
        "web/client/portal.html",
        {**context, "brand": brand, "is_preview": is_preview, "project_id": project.pk},
    )


def facts(
    project: Project, plan: list[Milestone], asks: Iterable[Blocker], told: Iterable[Entry], *, here: Here
) -> dict[str, Any]:
    """All that a client may know, by name."""
    labels = {milestone.pk: here.client_label(milestone) for milestone in plan}
    asks = list(asks)
    owners = {milestone.pk: _owner(milestone) for milestone in plan}
    current = _current(plan)
    return {
        "client": project.account.name,
        "project": project.name,
        "zone": here.zone.key,
        "as_of": here.now,
        "current": _milestone(current, labels[current.pk], here) if current else None,
        "waits_for_you": any(ask.stops_path and current and ask.milestone_id == current.pk for ask in asks),
        "accepted": sum(milestone.accepted_at is not None for milestone in plan),
        "plan": [_milestone(milestone, labels[milestone.pk], here) for milestone in plan],
        "asks": [_ask(blocker, owners.get(blocker.milestone_id, "")) for blocker in asks],
        "changes": _changes(told, {milestone.pk: milestone.name for milestone in plan}),
    }


def _current(plan: list[Milestone]) -> Milestone | None:
    """The milestone that the client should look at: the open one that is due first."""
    still = [milestone for milestone in plan if milestone.stage != Stage.CLOSED]
    return min(still, key=lambda m: (m.forecast_date or date.max, m.code), default=None)


def _milestone(milestone: Milestone, label: Shown, here: Here) -> dict[str, Any]:
    return {
        "code": milestone.code,
        "name": milestone.name,
        "description": milestone.description or milestone.output,
        "phase": milestone.phase.name if milestone.phase else "",
        "step": STEPS[Stage(milestone.stage)],
        "planned": milestone.planned_date,
        "forecast": milestone.forecast_date,
        "moved": milestone.forecast_date != milestone.planned_date,
        "actual": _day(milestone.completed_at, here),
        "label": label.code,
        "word": label.word,
        "owner": _owner(milestone),
    }


def _owner(milestone: Milestone) -> str:
    return str(milestone.owner_primary.user) if milestone.owner_primary else ""


def _day(at: datetime | None, here: Here) -> date | None:
    return at.astimezone(here.zone).date() if at else None


def _ask(blocker: Blocker, to: str) -> dict[str, Any]:
    who = blocker.response_contact
    return {
        "what": blocker.title,
        "who": who.name if who else "",
        "since": blocker.opened_at,
        "stops": blocker.stops_path,
        "milestone": blocker.milestone.name,
        "to": to,
    }


def _changes(told: Iterable[Entry], names: dict[UUID, str]) -> list[dict[str, Any]]:
    changes = [
        {"at": entry.at, "about": names.get(entry.subject_id, ""), "text": told_to_client(entry)}
        for entry in told
    ]
    return [change for change in changes if change["text"]]
