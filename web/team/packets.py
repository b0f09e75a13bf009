"""The proof packets of all milestones: what is to finish, what is being made, what was published."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from milestones.models import Milestone, Notice
from milestones.words import NoticeState
from proofs.actions import renderings
from proofs.models import ProofPacket, Rendering
from proofs.queries import packets as queries
from proofs.queries.deliveries import notices_of
from tenancy.refusal import Refused
from web.answers import done, saving
from web.guards import member
from web.here import Here
from web.keyset import page_of
from web.team.agendas import told_clock
from web.team.lists import after
from workspaces.models import Role

LIMIT: Final = 50
TEXTS: Final = ("recap", "risks", "recommendation")

TABS = (("proof", "Packets"), ("opportunities", "Opportunities"))


def tabs(here: Here, current: str) -> list[dict[str, Any]]:
    """The pages under “Proof” in the rail."""
    return [{"label": label, "url": here.url(name), "current": name == current} for name, label in TABS]


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    return _list(request)


@member(role=Role.MEMBER)
@require_POST
def make_again(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Puts files that could not be made back in line."""
    rendering, here = get_object_or_404(Rendering, pk=pk), Here(request)
    try:
        with saving():
            renderings.ask_again(rendering.pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return _list(request, refusal=str(refusal), status=409)
    return done(request, "The files are being made again.", here.url("proof"))


def _list(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    here, begins = Here(request), after(request.GET.get("after", ""))
    page = page_of(
        queries.latest_published(after=begins)[: LIMIT + 1],
        limit=LIMIT,
        key=lambda row: (row.published_at.isoformat(), row.pk),
    )
    told = notices_of(page.rows)
    context = {
        "tabs": tabs(here, "proof"),
        "published": [_published(row, told) for row in page.rows],
        "next": page.next,
        "is_first": begins is None,
        "refusal": refusal,
        **(_unfinished(here) if begins is None else {}),
    }
    return render(request, "web/team/proof.html", context, status=status)


def _unfinished(here: Here) -> dict[str, Any]:
    """What still needs somebody, or a moment."""
    drafts = list(queries.to_finish()[: LIMIT + 1])
    made = [_made(row) for row in queries.being_made()[:LIMIT]]
    return {
        "drafts": [_draft(row, here) for row in drafts[:LIMIT]],
        "more_drafts": len(drafts) > LIMIT,
        "being_made": made,
    }


def _draft(row: ProofPacket, here: Here) -> dict[str, Any]:
    ends_at = row.clock_ends_at
    written = sum(bool(getattr(row, name)) for name in TEXTS)
    return {
        "row": row,
        "milestone": row.milestone,
        "clock": told_clock(ends_at, zone=row.clock_zone, here=here) if ends_at else "",
        "is_late": ends_at is not None and ends_at <= here.now,
        "written": f"{written} of {len(TEXTS)} texts written",
    }


def _made(row: Rendering) -> dict[str, Any]:
    packet = row.proof or row.handoff
    milestone: Milestone = packet.milestone
    return {
        "row": row,
        "packet": packet,
        "milestone": milestone,
        "words": "Proof packet" if row.proof else "Handoff packet",
    }


def _published(row: Any, told: Mapping[UUID, Notice]) -> dict[str, Any]:
    notice = told.get(row.pk)
    is_informed = notice is None or notice.state != NoticeState.BOUNCED or notice.told_otherwise_at
    return {
        "row": row,
        "milestone": row.milestone,
        "notice": notice,
        "is_informed": bool(is_informed),
        "arrived_at": row.delivered_at or (notice and (notice.delivered_at or notice.told_otherwise_at)),
    }


urlpatterns = [
    path("proof/", index, name="proof"),
    path("renderings/<uuid:pk>/again", make_again, name="make_again"),
]
