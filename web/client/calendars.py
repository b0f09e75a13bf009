"""The calendar feed of a project: a secret address that any calendar program subscribes to."""

import hashlib
from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from milestones.feed import Day, Deadline, feed
from milestones.models import DecisionRequest, Milestone, Project
from milestones.queries import pages
from milestones.queries.decisions import pending_of_project
from web.client.portal import ended, noted
from web.guards import link
from web.here import Here
from web.labels import shown_to_client
from workspaces.models import Link, Purpose


@link(Purpose.CALENDAR)
@require_safe
def show(request: HttpRequest, **_: Any) -> HttpResponse:
    opened: Link = request.link  # type: ignore[attr-defined]
    project = Project.objects.select_related("workspace", "account").get(pk=opened.subject_id)
    return ended(request) if project.archived_at else noted(_feed(request, project), opened)


def _feed(request: HttpRequest, project: Project) -> HttpResponse:
    request.workspace = project.workspace  # type: ignore[attr-defined]
    here = Here(request)
    plan = [(each, each.forecast_date) for each in pages.plan(project.pk) if each.forecast_date]
    body = feed(
        f"{project.name} · {here.workspace.name}",
        [_day(milestone, forecast, here) for milestone, forecast in plan],
        [_deadline(asked) for asked in pending_of_project(project.pk)],
        host=settings.PUBLIC_URL.partition("://")[2].partition(":")[0],
        changed_at=project.created_at,
    )
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["ETag"] = tag
    response["Content-Disposition"] = 'inline; filename="milestones.ics"'
    return response


def _day(milestone: Milestone, forecast: date, here: Here) -> Day:
    done = milestone.completed_at.astimezone(here.zone).date() if milestone.completed_at else None
    label = shown_to_client(milestone, zone=here.zone, now=here.now)
    planned = f"{milestone.planned_date:%d %B %Y}" if milestone.planned_date else "no date"
    return Day(
        id=milestone.pk,
        version=milestone.version,
        day=done or forecast,
        title=f"{milestone.code} {milestone.name}",
        text=f"{label.word}. Planned for {planned}.\n{milestone.description or milestone.output}",
        is_certain=done is not None,
    )


def _deadline(asked: DecisionRequest) -> Deadline:
    return Deadline(
        id=asked.pk,
        version=asked.version,
        at=asked.decide_by,
        title=f"Decide by now: {asked.question}",
        text=f"{asked.approver.name} was sent a mail with the link.",
    )
