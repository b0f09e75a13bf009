"""What is done alike with versions of proof and of handoff packets on the tab “Proof”."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from milestones.models import Milestone
from proofs.models import HandoffPacket, ProofPacket
from tenancy.refusal import Refused
from web.answers import done, saving
from web.team import proofs


def refused(
    request: HttpRequest,
    milestone: Milestone,
    refusal: Refused,
    *,
    forms: Mapping[str, Form],
    remember: Callable[[], object],
) -> HttpResponse:
    """The tab with what was typed and why nothing was published. The refusal is journalled by itself."""
    response = proofs.page(request, milestone, forms=forms, refusal=str(refusal), status=409)
    response.survives = remember  # type: ignore[attr-defined]
    return response


def drop(
    request: HttpRequest, milestone: Milestone, act: Callable[[int | None], object], *, said: str, back: str
) -> HttpResponse:
    """Takes a draft back, as the version that the page showed when the button was pressed."""
    text = request.POST.get("version", "")
    seen = int(text) if text.isdecimal() and len(text) < 10 else None
    try:
        with saving():
            act(seen)
    except Refused as refusal:
        return proofs.page(request, milestone, refusal=str(refusal), status=409)
    return done(request, said, back)


def show(
    request: HttpRequest,
    packet: ProofPacket | HandoffPacket,
    content: Mapping[str, Any],
    sheet: Any,
    *,
    back: str,
    **context: Any,
) -> HttpResponse:
    """A version as its readers see it."""
    workspace = content["workspace"]
    brand = {"name": workspace["brand_name"], "colour": workspace["brand_colour"]}
    shown = {"brand": brand, "packet": packet, "sheet": sheet, "back": back, **context}
    return render(request, "web/team/proof_version.html", shown)
