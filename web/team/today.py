"""Today: what breaks next, and the one thing to do about it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from escalation.agenda import SHOWN
from journal.pages import Entry, News, teller_of_news
from milestones.queries import pages
from milestones.queries.dates import UNDER_WAY, confirmed_before
from milestones.queries.today import SOON
from milestones.queries.trust import between, silent_clock, silent_since_kickoff
from milestones.reasons import NOW
from milestones.weekly import monday_of
from proofs.agenda import agenda, what_breaks_next
from tenancy.kept import Kept
from web.forms.milestones import StandupForm
from web.guards import member
from web.here import Here
from web.keyset import Page, page_of, parts_of
from web.story import told
from web.team import agendas, needs
from workspaces.queries import told_calendar

LIMIT = 25

NEWS = teller_of_news(pages.name_of_thread, silent_since_kickoff)
BREAKS_NEXT = Kept(what_breaks_next)
AGENDA = Kept(agenda)


@member
@require_safe
def today(request: HttpRequest, **_: Any) -> HttpResponse:
    """The page; `write` opens a milestone's progress update in its row, `answer` the answer to a blocker."""
    after, writes, answers = (request.GET.get(name, "") for name in ("after", "write", "answer"))
    shown = context(Here(request), after=after, writes=writes, answers=answers)
    return render(request, "web/team/today.html", shown)


def context(
    here: Here, *, after: str = "", writes: str = "", answers: str = "", typed: StandupForm | None = None
) -> dict[str, Any]:
    """Everything on the page; `writes` is the milestone whose update is open, as refused when `typed`.

    `answers` is the blocker whose answer is being noted.
    """
    heard = NEWS(here.now - timedelta(days=1), here.now, **between(here.now))
    here.workspace = heard.workspace
    waits = _waits(here)

    page, address = _page(here, after), _address(here, after)

    def form(milestone: Any) -> StandupForm | None:
        if str(milestone.id) != writes or milestone.stage not in UNDER_WAY:
            return None
        return typed or _new_form(milestone.id)

    rows = needs.rows_of(page.rows, here, form=form, writing_at=f"{address}write=")
    red = [row for row in rows if row.milestone.urgency in NOW]
    others = rows[len(red) :]
    return {
        "here": here,
        "now_rows": red,
        "today_rows": others,
        **(_beside(waits, heard, here, rows=len(others)) if not after else NOTHING),
        "done": [told(entry, named=True) for entry in _newest_first(heard.done)],
        "overdue_jobs": heard.overdue_jobs,
        "address": address,
        "answers": answers,
        "version": next((row["version"] for row in waits.asks if row["id"] == answers), None),
        "next": page.next,
        "is_first": not after,
    }


def _address(here: Here, after: str) -> str:
    """This page's own address, ready to take one thing more."""
    kept = f"{urlencode({'after': after})}&" if after else ""
    return f"{here.url('today')}?{kept}"


def _new_form(milestone_id: UUID) -> StandupForm:
    form = StandupForm(auto_id=f"{milestone_id}-%s")
    form.fields["done"].widget.attrs["autofocus"] = True
    return form


def _waits(here: Here) -> Any:
    """What waits beside the milestones; the calendar comes along."""
    monday = datetime.combine(monday_of(here.today), time(), here.zone)
    twice = confirmed_before(here.now)["twice"]
    (waits,) = AGENDA.rows(limit=1, now=here.now, today=here.today, monday=monday, twice=twice)
    here.calendar = told_calendar(waits.calendar, zone=here.workspace.time_zone)
    return waits


def _page(here: Here, after: str) -> Page[Any]:
    found = BREAKS_NEXT.rows(
        limit=LIMIT + 1,
        now=here.now,
        today=here.today,
        soon=here.today + SOON,
        **confirmed_before(here.now),
        **_after(after),
    )
    return page_of((row for row in found if row.urgency), limit=LIMIT, key=_key)


NOTHING: dict[str, Any] = {"items": [], "reviews": [], "waiting": [], "asked": [], "silent": []}


def _beside(waits: Any, heard: News, here: Here, *, rows: int) -> dict[str, Any]:
    """What stands on the first page only, beside so many `rows` of milestones."""
    items, silent = agendas.for_today(waits, here), _silent(heard.besides, here)
    reviews = agendas.reviews(waits.reviews, here)
    waiting = agendas.blockers(waits.asks, here, answering_at=f"{_address(here, '')}answer=")
    asked = agendas.asked(waits.questions, here)
    return {
        "items": items,
        "silent": silent,
        "reviews": reviews,
        "more_reviews": len(waits.reviews) > len(reviews) > 0,
        "today_count": rows + len(items) + len(silent) + len(reviews),
        "waiting": waiting,
        "asked": asked,
        "waiting_count": len(waiting) + len(asked),
        "more_waiting": max(len(waits.asks), len(waits.questions)) > SHOWN,
    }


def _silent(found: list[dict[str, Any]], here: Here) -> list[dict[str, Any]]:
    """Engagements in their first 14 days whose client saw nothing of them yet."""
    address = here.urls("project")
    clocks = [(row, silent_clock(row, zone=here.zone, today=here.today)) for row in found]
    return [
        {**row, "address": address(row["id"]), "day": clock.day} for row, clock in clocks if clock.is_silent
    ]


def _newest_first(done: Iterable[Entry]) -> list[Entry]:
    """Imported history is written late: an entry's place in the journal is not its time."""
    return sorted(done, key=lambda entry: entry.at, reverse=True)


def _after(text: str) -> dict[str, Any]:
    """Where the page begins, as `what_breaks_next` takes it; nothing for the first one."""
    if (parts := parts_of(text, 3)) is None:
        return {}
    try:
        return {"urgency": int(parts[0]), "due": date.fromisoformat(parts[1]), "pk": UUID(parts[2])}
    except ValueError:
        return {}


def _key(milestone: Any) -> tuple[object, ...]:
    return milestone.urgency, milestone.due, milestone.id
