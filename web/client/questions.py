"""A question as the client reads it: all from the frozen copy that an answer is bound to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date

from journal.actors import Recipient
from milestones.actions.mails import owner_of
from milestones.models import Contact, DecisionRequest
from milestones.queries.decisions import said_by
from milestones.words import RequestKind
from web.forms.decisions import elsewhere
from workspaces.models import WorkspaceSettings


def spoken(at: datetime, zone: str) -> str:
    """A moment in full, in a zone that is named."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%A}, {there.day} {there:%B %Y, %H:%M} ({zone})"


def facts(question: DecisionRequest, *, reader: Contact) -> dict[str, Any]:
    """What the holder of a link about the question is shown."""
    shown: Mapping[str, Any] = question.shown
    return {
        "question": question,
        "reader": reader,
        "shown": shown,
        "about": shown["milestone"],
        "forecast": parse_date(shown["milestone"]["forecast_date"] or ""),
        "is_review": question.kind == RequestKind.REVIEW,
        "decide_by": spoken(question.decide_by, reader.time_zone),
        "collects": collector(question),
        "elsewhere": elsewhere(question.channel),
        "comments": list(said_by(reader, question)),
    }


def collector(question: DecisionRequest) -> str:
    """Who in the team reads what the client says."""
    owner: Recipient = owner_of(question.milestone)
    return owner.name or owner.email


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page behind a link that has forms, in the agency's name and colour."""
    settings = WorkspaceSettings.objects.select_related("workspace").get()
    brand = {"name": settings.brand_name or settings.workspace.name, "colour": settings.brand_colour}
    response = render(request, f"web/client/{template}", {"brand": brand, **(context or {})}, status=status)
    # With no-referrer a browser posts the form as from nowhere, and the check against forgery refuses it.
    response["Referrer-Policy"] = "same-origin"
    return response
