"""Today: what breaks next, and the one thing to do about it."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from escalation.agenda import SHOWN
from journal.pages import Entry, teller_of_news
from milestones.queries import pages
from milestones.queries.dates import confirmed_before
from milestones.queries.trust import between, silent_clock, silent_since_kickoff
from milestones.words import Stage
from proofs.agenda import agenda
from tenancy.kept import Kept
from web.forms.milestones import StandupForm
from web.guards import member
from web.here import Here
from web.keyset import page_of, parts_of
from web.story import told
from web.team import agendas
from workspaces.queries import told_calendar

LIMIT = 25

NEWS = teller_of_news(pages.name_of_thread, silent_since_kickoff)
BREAKS_NEXT = Kept(pages.what_breaks_next)
AGENDA = Kept(agenda)


def reason(milestone: Any, *, here: Here) -> str:
    hours = _hours(here, milestone.seen_at)
    return {
        pages.CRITICAL: "A blocker is critical and nobody has removed it.",
        pages.STOPPED: f"A blocker stops it, open for {here.ages(milestone.stopped_since)}.",
        pages.LATE_DATE: _lateness(milestone, today=here.today),
        pages.FROZEN: "Two QA runs in a row failed. Additions are frozen until one passes.",
        pages.SILENT: f"No progress for {hours}.",
        pages.DUE: _due(milestone, today=here.today),
        pages.ASKED: "An unplanned request waits in the queue.",
        pages.RISKY: "One of the four health scores is low.",
        pages.UNDEFINED: "Still in setup: work may begin once its record is complete.",
    }[milestone.urgency]


DOES = {
    pages.CRITICAL: "See the blocker",
    pages.STOPPED: "See the blocker",
    pages.FROZEN: "Record a QA run",
    pages.ASKED: "Look at the request",
    pages.RISKY: "See what costs points",
    pages.UNDEFINED: "Complete the record",
}
# Where that is done: under the milestone's own address.
PLACES = {
    pages.CRITICAL: "#blockers",
    pages.STOPPED: "#blockers",
    pages.FROZEN: "quality/#runs",
    pages.ASKED: "scope/#requests",
    pages.RISKY: "#risk",
    pages.UNDEFINED: "record/",
}


def _hours(here: Here, since: Any) -> str:
    hours = int((here.now - since) / timedelta(hours=1)) if since else 0
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"


def _lateness(milestone: Any, *, today: date) -> str:
    forecast = milestone.forecast_date
    if forecast and forecast < today:
        days = (today - forecast).days
        return f"The date passed {days} day{'s' if days > 1 else ''} ago, on {forecast.day} {forecast:%B}."
    return "The forecast lies more than a week after the plan."


def _due(milestone: Any, *, today: date) -> str:
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
    heard = NEWS(here.now - timedelta(days=1), here.now, **between(here.now))
    here.workspace = heard.workspace
    (waits,) = AGENDA.rows(limit=1, now=here.now, today=here.today, **confirmed_before(here.now))
    here.calendar = told_calendar(waits.calendar, zone=here.workspace.time_zone)
    found = BREAKS_NEXT.rows(
        limit=LIMIT + 1,
        today=here.today,
        soon=here.today + pages.SOON,
        silent_since=here.now - pages.SILENCE,
        **_after(after),
    )
    page = page_of(found, limit=LIMIT, key=_key)
    address = here.urls("milestone")
    rows = [
        _row(row, here=here, address=address(row.id), typed=typed if row.id == at else None)
        for row in page.rows
    ]
    red = [row for row in rows if row["urgency"] in pages.RED]
    others = [row for row in rows if row["urgency"] not in pages.RED]
    beside = _agenda(waits, here) if not after else NOTHING
    return {
        "here": here,
        "now_rows": red,
        "now_count": len(red) + len(beside["now_items"]),
        "today_rows": others,
        "today_count": len(others) + len(beside["today_items"]),
        "waiting_count": len(beside["waiting"]) + len(beside["asked"]),
        **beside,
        "silent": _silent(heard.besides, here) if not after else [],
        "done": [told(entry, named=True) for entry in _newest_first(heard.done)],
        "overdue_jobs": heard.overdue_jobs,
        "next": page.next,
        "is_first": not after,
    }


def _silent(found: list[dict[str, Any]], here: Here) -> list[dict[str, Any]]:
    """Engagements in their first 14 days whose client saw nothing of them yet."""
    address = here.urls("project")
    clocks = [(row, silent_clock(row, zone=here.zone, today=here.today)) for row in found]
    return [
        {**row, "address": address(row["id"]), "day": clock.day} for row, clock in clocks if clock.is_silent
    ]


NOTHING: dict[str, Any] = {name: [] for name in ("now_items", "today_items", "waiting", "asked")}


def _agenda(waits: Any, here: Here) -> dict[str, Any]:
    return {
        "now_items": agendas.for_now(waits, here),
        "today_items": agendas.for_today(waits, here),
        "waiting": agendas.blockers(waits.asks, here),
        "asked": agendas.asked(waits.questions, here),
        "more_waiting": max(len(waits.asks), len(waits.questions)) > SHOWN,
    }


def _newest_first(done: Iterable[Entry]) -> list[Entry]:
    """Imported history is written late: an entry's place in the journal is not its time."""
    return sorted(done, key=lambda entry: entry.at, reverse=True)


def _after(text: str) -> dict[str, Any]:
    """Where the page begins, as `pages.what_breaks_next` takes it; nothing for the first one."""
    if (parts := parts_of(text, 3)) is None:
        return {}
    try:
        return {"urgency": int(parts[0]), "due": date.fromisoformat(parts[1]), "pk": UUID(parts[2])}
    except ValueError:
        return {}


def _key(milestone: Any) -> tuple[object, ...]:
    return milestone.urgency, milestone.due, milestone.id


def _row(milestone: Any, *, here: Here, address: str, typed: StandupForm | None) -> dict[str, Any]:
    """One milestone that needs somebody, why, and what to do: a link, or a progress update to write."""
    urgency: int = milestone.urgency
    asks_progress = urgency not in DOES and milestone.stage in pages.WORKED_ON
    label = here.label(milestone)
    return {
        **vars(milestone),
        "address": address,
        "label": label.code,
        "label_word": label.word,
        "label_reason": label.reason,
        "label_flags": label.flags,
        "stage": Stage(milestone.stage).label,
        "blocked_for": here.ages(milestone.blocked_since),
        "reason": reason(milestone, here=here),
        "words": DOES.get(urgency, "Open"),
        "url": f"{address}{PLACES.get(urgency, '')}",
        "form": typed or StandupForm(auto_id=f"{milestone.id}-%s") if asks_progress else None,
    }
