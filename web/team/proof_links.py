"""The addresses under which a milestone's packets are read: shown, given anew, revoked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_POST

from journal.actors import Actor
from milestones.models import Milestone
from proofs.actions.links import reissue, renew_address
from proofs.queries.links import PURPOSES, of_milestone
from tenancy.refusal import Refused
from web.answers import done
from web.guards import member
from web.here import Here
from web.team import proofs
from web.team.milestones import find
from workspaces.actions.links import addresses, revoke_link
from workspaces.models import Link, Role


def part(milestone: Milestone, here: Here) -> dict[str, Any]:
    """The newest link of each packet, with the address unless it was revoked."""
    links = of_milestone(milestone.pk)
    known = addresses(link for link in links if link.revoked_at is None)
    return {"packet_links": [{"link": link, "address": known.get(link.pk, "")} for link in links]}


@member(role=Role.MEMBER)
@require_POST
def rotate(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A new address; the one before opens nothing from now on."""
    return _act(request, pk, renew_address, said="{} has a new address. Send it to whoever needs it.")


@member(role=Role.MEMBER)
@require_POST
def revoke(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return _act(request, pk, revoke_link, said="{} was revoked: its address opens nothing any more.")


@member(role=Role.MEMBER)
@require_POST
def reopen(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A link in place of one that was revoked."""
    return _act(request, pk, reissue, said="{} can be read again, under a new address.")


def _act(request: HttpRequest, pk: UUID, action: Callable[..., Link], *, said: str) -> HttpResponse:
    link, here = get_object_or_404(Link, pk=pk, purpose__in=PURPOSES), Here(request)
    by: Actor = here.actor
    now: datetime = here.now
    try:
        action(link, by=by, now=now)
    except Refused as refusal:
        return proofs.page(request, find(link.subject_id), refusal=str(refusal), status=409)
    words = f"The link to the {link.get_purpose_display().lower()}"
    return done(request, said.format(words), here.url("milestone_proof", link.subject_id) + "#packet-links")


urlpatterns = [
    path("packet-links/<uuid:pk>/rotate", rotate, name="rotate_packet_link"),
    path("packet-links/<uuid:pk>/revoke", revoke, name="revoke_packet_link"),
    path("packet-links/<uuid:pk>/reopen", reopen, name="reopen_packet_link"),
]
