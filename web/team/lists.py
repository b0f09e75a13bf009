"""Lists across the workspace: blockers, the change queue, and the places of the palette."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from escalation.pages import blockers as find_blockers
from escalation.pages import shows_critical
from milestones.queries import pages
from milestones.queries.scope import with_question
from milestones.words import ChangeState
from web.guards import member
from web.here import Here
from web.keyset import page_of, parts_of
from web.team.settings import grouped

LIMIT = 50
BLOCKER_STATES = {"open": "Open", "resolved": "Resolved", "all": "All"}


def after(text: str) -> tuple[datetime, UUID] | None:
    """The time and id at which a page begins, from its address."""
    parts = parts_of(text.replace(" ", "+"), 2)
    try:
        at = parse_datetime(parts[0]) if parts else None
        return (at, UUID(parts[1])) if parts and at else None
    except ValueError:
        return None


@member
@require_safe
def blockers(request: HttpRequest, **_: Any) -> HttpResponse:
    here, chosen = Here(request), request.GET.get("show", "open")
    state = chosen if chosen in BLOCKER_STATES else "open"
    found = find_blockers(state=state, after=after(request.GET.get("after", "")))[: LIMIT + 1]
    page = page_of(found, limit=LIMIT, key=lambda row: (row.opened_at.isoformat(), row.pk))
    rows = [
        {
            "row": row,
            "owner": row.response_contact or (row.response_member and row.response_member.user),
            "age": here.ages(row.opened_at, row.resolved_at),
            "is_late": not row.resolved_at and not row.responded_at and row.response_due_at < here.now,
            "is_critical": shows_critical(
                row, forecast=row.milestone.forecast_date, zone=here.zone, now=here.now
            ),
        }
        for row in page.rows
    ]
    context = {"rows": rows, "next": page.next, "show": state, "states": BLOCKER_STATES.items()}
    return render(request, "web/team/blockers.html", context)


@member
@require_safe
def changes(request: HttpRequest, **_: Any) -> HttpResponse:
    chosen = request.GET.get("show", ChangeState.UNDECIDED)
    state = chosen if chosen in ChangeState.values or chosen == "all" else ChangeState.UNDECIDED
    wanted = "" if state == "all" else state
    found = with_question(pages.change_queue(state=wanted, after=after(request.GET.get("after", ""))))
    page = page_of(found[: LIMIT + 1], limit=LIMIT, key=lambda row: (row.asked_at.isoformat(), row.pk))
    states = [*ChangeState.choices, ("all", "All")]
    context = {"rows": page.rows, "next": page.next, "show": state, "states": states}
    return render(request, "web/team/changes.html", context)


@member
@require_safe
@cache_control(private=True, max_age=60)
def places(request: HttpRequest, **_: Any) -> HttpResponse:
    """Where the palette may jump to; fetched when it is first opened."""
    here = Here(request)
    projects, milestones = pages.places()
    context = {"here": here, "projects": projects, "milestones": milestones, "settings": grouped(here)}
    return render(request, "web/team/_places.html", context)
