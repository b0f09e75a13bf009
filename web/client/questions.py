"""A question as the client reads it: all from the frozen copy that an answer is bound to."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_date

from journal.actors import Recipient
from milestones.actions.mails import owner_of
from milestones.models import ArtifactVersion, Contact, DecisionRequest
from milestones.queries.decisions import said_by
from web.files import attachment
from web.forms.decisions import elsewhere
from workspaces.models import WorkspaceSettings


def spoken(at: datetime, zone: str) -> str:
    """A moment in full, in a zone that is named."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%A}, {there.day} {there:%B %Y, %H:%M} ({zone})"


def facts(
    question: DecisionRequest, *, reader: Contact, file_address: Callable[[str], str]
) -> dict[str, Any]:
    """What the holder of a link about the question is shown."""
    return {
        **subject(question.shown, file_address=file_address),
        "question": question,
        "reader": reader,
        "decide_by": spoken(question.decide_by, reader.time_zone),
        "collects": collector(question),
        "elsewhere": elsewhere(question.channel),
        "comments": list(said_by(reader, question)),
    }


def subject(shown: Mapping[str, Any], *, file_address: Callable[[str], str]) -> dict[str, Any]:
    """What a question is about, for web/client/_asked.html; files are at `file_address` of a version's id."""
    artifacts = [
        {**each, "address": each["url"] or file_address(each["version_id"])}
        for each in shown.get("artifacts", ())
    ]
    return {
        "shown": shown,
        "about": shown["milestone"],
        "forecast": parse_date(shown["milestone"]["forecast_date"] or ""),
        "artifacts": artifacts,
    }


def file_of(question: DecisionRequest, version_id: UUID) -> HttpResponseBase:
    """A file that the question shows, and no other one."""
    shown = {each["version_id"] for each in question.shown.get("artifacts", ()) if each["file_name"]}
    if str(version_id) not in shown:
        raise Http404("No such file.")
    return attachment(get_object_or_404(ArtifactVersion, pk=version_id))


def collector(question: DecisionRequest) -> str:
    """Who in the team reads what the client says."""
    owner: Recipient = owner_of(question.milestone)
    return owner.name or owner.address


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
