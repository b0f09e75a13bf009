"""Today: what breaks next, and the one thing to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from escalation.models import Blocker
from escalation.pages import waiting_for_clients
from journal.pages import Entry, news
from milestones.models import Milestone
from milestones.queries import pages
from telemetry.queries.pages import with_open_rules
from web.forms.milestones import StandupForm
from web.guards import member
from web.here import Here
from web.keyset import page_of, parts_of
from web.labels import Shown
from web.story import told

LIMIT = 25
WAITING = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One milestone that needs somebody, why, and what to do."""

    milestone: Milestone
    label: Shown
    blocked_for: str  # age of the oldest open blocker
    reason: str
    urgency: int
    words: str  # of the link where something else than a progress update is asked for
    url: str
    form: StandupForm | None


def reason(milestone: Milestone, *, here: Here) -> str:
    hours = _hours(here, milestone.seen_at)  # type: ignore[attr-defined]
    return {
        pages.CRITICAL: "A blocker is critical and nobody has removed it.",
        pages.STOPPED: f"A blocker stops it, open for {_hours(here, milestone.stopped_since)}.",
        pages.LATE_DATE: _lateness(milestone, today=here.today),
        pages.FROZEN: "Two QA runs in a row failed. Additions are frozen until one passes.",
        pages.SILENT: f"No progress for {hours}.",
        pages.DUE: _due(milestone, today=here.today),
        pages.ASKED: "An unplanned request waits in the queue.",
        pages.RISKY: "One of the four health scores is low.",
        pages.UNDEFINED: "Still in setup: work may begin once its record is complete.",
    }[milestone.urgency]  # type: ignore[attr-defined]


DOES = {
    pages.CRITICAL: "See the blocker",
    pages.STOPPED: "See the blocker",
    pages.FROZEN: "Record a QA run",
    pages.ASKED: "Look at the request",
    pages.RISKY: "See what costs points",
    pages.UNDEFINED: "Complete the record",
}
PLACES = {
    pages.CRITICAL: "blockers",
    pages.STOPPED: "blockers",
    pages.FROZEN: "qa",
    pages.ASKED: "requests",
    pages.RISKY: "risk",
}


def _hours(here: Here, since: Any) -> str:
    hours = int((here.now - since) / timedelta(hours=1)) if since else 0
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"


def _lateness(milestone: Milestone, *, today: date) -> str:
    forecast = milestone.forecast_date
    if forecast and forecast < today:
        days = (today - forecast).days
        return f"The date passed {days} day{'s' if days > 1 else ''} ago, on {forecast.day} {forecast:%B}."
    return "The forecast lies more than a week after the plan."


def _due(milestone: Milestone, *, today: date) -> str:
    days = (milestone.forecast_date - today).days if milestone.forecast_date else 0
    return ("Due today.", "Due tomorrow.", "Due in two days.")[max(0, min(days, 2))]


@member
@require_safe
def today(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    return render(request, "web/team/today.html", context(here, after=request.GET.get("after", "")))


def context(
    here: Here, *, after: str = "", typed: StandupForm | None = None, at: UUID | None = None
) -> dict[str, Any]:
    """Everything on the page; `typed` is a refused form and `at` the milestone it is about."""
    heard = news(
        here.access.workspace_id,
        since=here.now - timedelta(days=1),
        now=here.now,
        about=pages.name_of_thread(),
    )
    here.workspace = heard.workspace
    found = with_open_rules(pages.what_breaks_next(today=here.today, now=here.now, after=_after(after)))[
        : LIMIT + 1
    ]
    page = page_of(found, limit=LIMIT, key=_key)
    rows = [
        _row(milestone, here=here, typed=typed if milestone.pk == at else None) for milestone in page.rows
    ]
    waiting = list(waiting_for_clients()[: WAITING + 1]) if not after else []
    return {
        "here": here,
        "now_rows": [row for row in rows if row.urgency in pages.RED],
        "today_rows": [row for row in rows if row.urgency not in pages.RED],
        "waiting": [_waiting(blocker, here) for blocker in waiting[:WAITING]],
        "more_waiting": len(waiting) > WAITING,
        "done": [told(entry, named=True) for entry in _newest_first(heard.done)],
        "overdue_jobs": heard.overdue_jobs,
        "next": page.next,
        "is_first": not after,
    }


def _newest_first(done: Iterable[Entry]) -> list[Entry]:
    """Imported history is written late: an entry's place in the journal is not its time."""
    return sorted(done, key=lambda entry: entry.at, reverse=True)


def _after(text: str) -> tuple[int, date, UUID] | None:
    if (parts := parts_of(text, 3)) is None:
        return None
    try:
        return int(parts[0]), date.fromisoformat(parts[1]), UUID(parts[2])
    except ValueError:
        return None


def _key(milestone: Milestone) -> tuple[object, ...]:
    return milestone.urgency, milestone.due, milestone.pk  # type: ignore[attr-defined]


def _row(milestone: Milestone, *, here: Here, typed: StandupForm | None) -> Row:
    urgency: int = milestone.urgency  # type: ignore[attr-defined]
    asks_progress = urgency not in DOES and milestone.stage in pages.WORKED_ON
    form = typed or StandupForm(auto_id=f"{milestone.pk}-%s") if asks_progress else None
    url = here.url("milestone_record" if urgency == pages.UNDEFINED else "milestone", milestone.pk)
    place = f"#{PLACES[urgency]}" if urgency in PLACES else ""
    words = DOES.get(urgency, "Open")
    return Row(
        milestone=milestone,
        label=here.label(milestone),
        blocked_for=here.age(milestone.blocked_since),
        reason=reason(milestone, here=here),
        urgency=urgency,
        words=words,
        url=url + place,
        form=form,
    )


def _waiting(blocker: Blocker, here: Here) -> dict[str, Any]:
    return {"blocker": blocker, "since": _hours(here, blocker.opened_at)}
