"""The client's portal: where are we, what we need from you, what changed. Read-only.

Everything on it passes through `facts`, the one whitelist: notes and telemetry have no name there, and
figures of risk only where the project shares them.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, TextField, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_safe

from escalation.pages import asked_of_client
from journal.pages import Entry, entries
from milestones.asking import chosen
from milestones.models import Milestone
from milestones.queries import portal as reads
from milestones.words import ApprovalChannel, DateKind, Recovery, Stage
from proofs.queries import published
from web.guards import link, member
from web.here import Here
from web.labels import Shown
from web.story import CLIENT, told_to_client
from workspaces.actions.links import addresses, is_worth_noting, note_opened
from workspaces.models import Link, Purpose

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
    opened: Link = request.link  # type: ignore[attr-defined]
    project = _project(opened.subject_id, reader_id=opened.recipient_id)
    return ended(request) if project.archived_at else noted(_page(request, project), opened)


def ended(request: HttpRequest) -> HttpResponse:
    """What a link of an archived project answers."""
    return render(request, "410.html", {"state": "archived"}, status=410)


def noted(response: HttpResponse, opened: Link) -> HttpResponse:
    """The answer; that the address was opened is noted once it stands."""
    now = timezone.now()
    if is_worth_noting(opened, now=now):
        response.survives = partial(note_opened, opened, now=now)  # type: ignore[attr-defined]
    return response


@member
@require_safe
def preview(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The same page for the team, exactly as the client sees it."""
    return _page(request, _project(pk), is_preview=True)


def _project(pk: UUID, *, reader_id: UUID | None = None) -> Any:
    packets = published.of_project(OuterRef("pk"))
    return get_object_or_404(reads.frame(pk, asks=_open_asks(), packets=packets, reader_id=reader_id))


def _open_asks() -> Any:
    """What the client owes an answer to, of the project that `OuterRef("pk")` is."""
    owner = "milestone__owner_primary__user"
    to = Coalesce(NullIf(f"{owner}__name", Value("")), f"{owner}__email", Value(""), output_field=TextField())
    told = JSONObject(
        what="title",
        who="response_contact__name",
        since="opened_at",
        stops="stops_path",
        milestone="milestone__name",
        milestone_id="milestone_id",
        to=to,
    )
    return asked_of_client(OuterRef("pk")).values(told=told)[:ASKS]  # type: ignore[arg-type]


def _page(request: HttpRequest, project: Any, *, is_preview: bool = False) -> HttpResponse:
    request.workspace = project.workspace  # type: ignore[attr-defined]
    here, number = Here(request), _number(request)
    plan = list(reads.plan(project.pk, page=number))
    if number and number > 1 and not plan:
        raise Http404("The plan has no such page.")
    rows = list(reads.story(project.pk, tuple(CLIENT))[:CHANGES])
    told = [_change(entry, row.dragged) for entry, row in zip(entries(rows), rows, strict=True)]  # type: ignore[attr-defined]
    brand = {
        "name": (project.brand or {}).get("name") or here.workspace.name,
        "colour": (project.brand or {}).get("colour"),
    }
    context = {
        **facts(project, plan, told, here=here),
        **_pages(project.total or 0, number, shown=len(plan)),
        "brand": brand,
        "is_preview": is_preview,
        "project_id": project.pk,
    }
    zone = project.reader["zone"] if project.reader else here.workspace.time_zone
    with timezone.override(ZoneInfo(zone)):
        return render(request, "web/client/portal.html", context)


def _number(request: HttpRequest) -> int | None:
    """The page of the whole plan that was asked for; None for what is worth a look now."""
    text = request.GET.get("page", "")
    return int(text) if text.isdecimal() and len(text) < 6 and int(text) > 0 else None


def _pages(total: int, number: int | None, *, shown: int) -> dict[str, Any]:
    is_more = number is not None and number * reads.PAGE < total
    return {
        "total": total,
        "page": number,
        "left_out": total - shown if number is None else 0,
        "earlier": number - 1 if number and number > 1 else None,
        "later": number + 1 if number and is_more else None,
    }


def facts(project: Any, plan: list[Any], told: list[dict[str, Any]], *, here: Here) -> dict[str, Any]:
    """All that a client may know, by name."""
    labels = {milestone.pk: here.client_label(milestone) for milestone in plan}
    current = _current(plan)
    asks = [_ask(ask) for ask in project.asks]
    stopped = {ask["milestone_id"] for ask in asks if ask["stops"]}
    one = partial(_milestone, here=here, shares=project.shares_figures)
    known = _addresses(project)
    return {
        "client": project.account.name,
        "project": project.name,
        "zone": here.zone.key,
        "reader": project.reader,
        "as_of": here.now,
        "current": one(current, labels[current.pk]) if current else None,
        "waits_for_you": current is not None and str(current.pk) in stopped,
        "accepted": project.accepted or 0,
        "plan": [one(milestone, labels[milestone.pk]) for milestone in plan],
        "questions": [_question(asked) for asked in project.questions],
        "asks": asks,
        "misses": [_miss(milestone, miss) for milestone in plan for miss in milestone.missed],
        "changes": [change for change in told if change["text"]],
        "record": [_answer(decided) for decided in project.record],
        "packets": _packets(project.packets, known),
        "calendar": _opens(project.calendar, known),
    }


def _current(plan: list[Milestone]) -> Milestone | None:
    """The milestone that the client should look at: the open one that is due first, accepted ones last."""
    still = [milestone for milestone in plan if milestone.stage != Stage.CLOSED]
    return min(still, key=_turn, default=None)


def _turn(milestone: Milestone) -> tuple[bool, date, str]:
    return (milestone.stage == Stage.CLOSEOUT, milestone.forecast_date or date.max, milestone.code)


def _milestone(milestone: Any, label: Shown, *, here: Here, shares: bool) -> dict[str, Any]:
    likely = None if milestone.completed_at else milestone.on_time_probability
    figures = {"risk": milestone.delivery_risk_score, "likely": likely}
    return {
        "code": milestone.code,
        "name": milestone.name,
        "description": milestone.description or milestone.output,
        "phase": milestone.phase.name if milestone.phase else "",
        "step": _step(milestone),
        "planned": milestone.planned_date,
        "forecast": milestone.forecast_date,
        "moved": milestone.forecast_date != milestone.planned_date,
        "moves": [_move(move) for move in reversed(milestone.moves)],
        "actual": _day(milestone.completed_at, here),
        "label": label.code,
        "word": label.word,
        "owner": str(milestone.owner_primary.user) if milestone.owner_primary else "",
        **(figures if shares else {}),
    }


def _step(milestone: Any) -> str:
    if milestone.stage == Stage.REVIEW and milestone.decide_by is None:
        return "In review; we settle what is missing"
    return STEPS[Stage(milestone.stage)]


def _day(at: datetime | None, here: Here) -> date | None:
    return at.astimezone(here.zone).date() if at else None


def _move(move: Mapping[str, str]) -> dict[str, Any]:
    """A date that was left, and why; of one that was dragged, with which milestone it moved."""
    return {
        "date": parse_date(move["from"]),
        "reason": f"moved along with {move['along']}" if move["along"] else move["reason"],
        "is_plan": move["kind"] == DateKind.BASELINE,
    }


def _question(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A decision that is asked for. The personal link stays in the mail it went with."""
    return {
        "question": asked["question"],
        "milestone": asked["milestone"],
        "to": asked["delegate"] or asked["approver"],
        "sent_at": _moment(asked["sent_at"]),
        "decide_by": _moment(asked["decide_by"]),
        "by_link": asked["channel"] == ApprovalChannel.LINK,
        "channel": ApprovalChannel(asked["channel"]).label.lower(),
    }


def _ask(ask: Mapping[str, Any]) -> dict[str, Any]:
    return {**ask, "since": _moment(ask["since"])}


def _miss(milestone: Milestone, miss: Mapping[str, str]) -> dict[str, Any]:
    return {
        "milestone": milestone.name,
        "planned": parse_date(miss["planned"]),
        "cause": miss["cause"],
        "recovery": Recovery(miss["recovery"]).label,
        "plan": miss["plan"],
        "is_over": bool(miss["closed_at"]),
    }


def _answer(decided: Mapping[str, Any]) -> dict[str, Any]:
    option = chosen(decided["options"], decided["option"])
    return {
        "question": decided["question"],
        "milestone": decided["milestone"],
        "answer": option["label"] if option else decided["option"],
        "who": decided["name"],
        "at": _moment(decided["at"]),
        "channel": ApprovalChannel(decided["channel"]).label.lower(),
    }


def _addresses(project: Any) -> Mapping[UUID, str]:
    """The secret addresses that the page leads to: the reader's calendar, the packets."""
    found = [(Purpose.CALENDAR, project.calendar)]
    for packet in project.packets:
        found += [(Purpose.PROOF, packet["proof"]), (Purpose.HANDOFF, packet["handoff"])]
    return addresses(
        Link(id=UUID(link["id"]), generation=link["generation"], purpose=purpose)
        for purpose, link in found
        if link
    )


def _packets(packets: list[Mapping[str, Any]], known: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """The packets that the client can open; one whose link was revoked is not among them."""
    told = [
        {
            **packet,
            "published_at": _moment(packet["published_at"]),
            "proof": _opens(packet["proof"], known),
            "handoff": _opens(packet["handoff"], known),
        }
        for packet in packets
    ]
    return [packet for packet in told if packet["proof"]]


def _opens(link: Mapping[str, Any] | None, known: Mapping[UUID, str]) -> str:
    """The address of a link; empty where there is none."""
    return known.get(UUID(link["id"]), "") if link else ""


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _change(entry: Entry, dragged: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What happened, with the later dates that moved along when a forecast did."""
    along = dragged if entry.kind == reads.MOVED else []
    return {
        "at": entry.at,
        "about": entry.about,
        "text": told_to_client(entry),
        "dragged": [
            {"about": row["about"], "from": parse_date(row["from"] or ""), "to": parse_date(row["to"])}
            for row in along
        ],
    }
