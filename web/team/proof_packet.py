"""The packet, as a part of the tab “Proof”: what is missing, the form, the preview, publishing, versions."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from milestones.actions.notices import reader_of
from milestones.models import Milestone
from milestones.words import Stage
from proofs import parts
from proofs.actions import packets as actions
from proofs.models import ProofPacket
from proofs.queries import packets as queries
from proofs.queries.contents import assembled, content_of
from proofs.queries.published import rendering_of
from proofs.rendering.sheet import proof_sheet
from proofs.words import PacketState
from tenancy.refusal import Refused, Unmet
from web.answers import attempt, done, saving
from web.forms.proof import CorrectionForm, PacketForm
from web.guards import member
from web.here import Here
from web.team import proof_versions, proofs
from web.team.agendas import told_clock
from web.team.milestones import find
from workspaces.models import Role

PLACE: Final = "#packet"
# Where what is missing is mended: the page, and the place on it.
MENDED: Final = {
    "accepted": ("milestone_review", "rounds"),
    "decision_on_record": ("milestone_review", "rounds"),
    "recap": ("milestone_proof", "packet-recap"),
    "metrics": ("milestone_proof", "metrics"),
    "artifacts": ("milestone_quality", "artifacts"),
    "artifacts_found": ("milestone_proof", "checks"),
    "risks": ("milestone_proof", "packet-risks"),
    "recommendation": ("milestone_proof", "packet-recommendation"),
    "link": ("milestone_proof", "packet-links"),
}


def part(milestone: Milestone, here: Here) -> dict[str, Any]:
    """The draft with its form and what it misses, and the published versions."""
    versions = list(queries.versions_of(milestone.pk).defer("content"))
    draft = next((each for each in versions if each.state == PacketState.DRAFT), None)
    published = [each for each in versions if each.state == PacketState.PUBLISHED]
    is_asked = milestone.stage in (Stage.REVIEW, Stage.CLOSEOUT)
    return {
        "packet": draft,
        "packet_versions": published,
        "packet_rendering": rendering_of(published[0]) if published else None,
        "packet_is_taken_back": bool(published) and milestone.accepted_at is None,
        "packet_elsewhere": _elsewhere(milestone),
        "packet_may_begin": is_asked and not draft and not milestone.proof_packet_url,
        "packet_correction_form": here.forms.get("correction") or CorrectionForm(auto_id="correction-%s"),
        **(_draft(draft, milestone, here) if draft else {}),
    }


def _elsewhere(milestone: Milestone) -> str:
    """Where the packet of an imported milestone is; ours stands on the record by the mark of its link."""
    known: str = milestone.proof_packet_url
    return known if known.startswith(("https://", "http://")) else ""


def _draft(draft: ProofPacket, milestone: Milestone, here: Here) -> dict[str, Any]:
    held = assembled(draft, milestone)
    typed: Any = here.forms.get("packet")
    ends_at, zone = draft.clock_ends_at, draft.clock_zone
    return {
        "packet_form": typed or _form(draft, held, initial=PacketForm.start(draft, held)),
        "packet_missing": mended(parts.missing(typed.over(held) if typed else held), milestone, here),
        "packet_clock": told_clock(ends_at, zone=zone, here=here) if ends_at else "",
        "packet_is_late": ends_at is not None and ends_at <= here.now,
        "packet_reader": reader_of(milestone.project, milestone),
    }


def _form(packet: ProofPacket, held: parts.Assembled, *args: Any, **options: Any) -> PacketForm:
    """After the acceptance a packet is published by its button; what was allowed before can be taken back."""
    asked = {
        "as_found": bool(parts.told_of_unsound(held.artifacts)),
        "publishes_itself": packet.publishes_itself or not held.is_accepted,
    }
    return PacketForm(*args, asked=asked, auto_id="packet-%s", **options)


def mended(unmet: Sequence[Unmet], milestone: Milestone, here: Here) -> list[dict[str, str]]:
    """What is missing, each with the place that mends it."""
    places = {code: f"{here.url(name, milestone.pk)}#{place}" for code, (name, place) in MENDED.items()}
    return [{"code": item.code, "message": item.message, "url": places[item.code]} for item in unmet]


@member(role=Role.MEMBER)
@require_POST
def assemble(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Begins the draft now instead of at the next bell."""
    milestone, here = find(pk), Here(request)
    try:
        with saving():
            actions.assemble(pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return proofs.page(request, milestone, refusal=str(refusal), status=409)
    return done(request, "The draft is ready: four short texts, then it can go out.", _back(here, pk))


@member(role=Role.MEMBER)
@require_POST
def save(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    packet, milestone, here = _found(request, pk)
    form = _form(packet, assembled(packet, milestone), request.POST)

    def write(typed: Any) -> object:
        return actions.write(
            pk, form.changes(), by=here.actor, now=here.now, expected=form.cleaned_data["version"]
        )

    status = attempt(form, write)
    if status == 200:
        return done(request, f"Version {packet.number} saved.", _back(here, milestone.pk))
    return proofs.page(request, milestone, forms={"packet": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def missing(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """What the draft would still miss with what is typed. Saves nothing."""
    packet, milestone, here = _found(request, pk)
    held = assembled(packet, milestone)
    unmet = parts.missing(_form(packet, held, request.POST).over(held))
    context = {"packet_missing": mended(unmet, milestone, here)}
    return render(request, "web/team/_proof_missing.html", context)


@member(role=Role.MEMBER)
@require_POST
def publish(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Saves what is typed and publishes it, or says what it still misses: then neither is done."""
    packet, milestone, here = _found(request, pk)
    form = _form(packet, assembled(packet, milestone), request.POST)
    if not form.is_valid():
        return proofs.page(request, milestone, forms={"packet": form}, status=422)
    try:
        with saving():
            _publish(packet, form, here)
    except Refused as refusal:
        remember = partial(actions.journal_refusal, pk, refusal, by=here.actor, now=here.now)
        return proof_versions.refused(request, milestone, refusal, forms={"packet": form}, remember=remember)
    said = "The client’s e-mail is on its way; the files are being made."
    return done(request, f"Version {packet.number} is published. {said}", _back(here, milestone.pk))


def _publish(packet: ProofPacket, form: PacketForm, here: Here) -> None:
    by, now, expected = here.actor, here.now, form.cleaned_data["version"]
    written = actions.write(packet.pk, form.changes(), by=by, now=now, expected=expected)
    actions.publish(packet.pk, by=by, now=now, expected=written.version)


@member(role=Role.MEMBER)
@require_POST
def correct(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Begins the next version. What is published stays."""
    milestone, here = find(pk), Here(request)
    form = CorrectionForm(request.POST, auto_id="correction-%s")
    status = attempt(form, lambda typed: actions.correct(pk, **typed, by=here.actor, now=here.now))
    if status == 200:
        return done(request, "The next version is a draft now. What is published stays.", _back(here, pk))
    return proofs.page(request, milestone, forms={"correction": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def drop(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Takes the draft of a correction back."""
    packet, milestone, here = _found(request, pk)
    said = f"The draft of version {packet.number} was dropped. What is published stands."

    def act(seen: int | None) -> object:
        return actions.drop(pk, by=here.actor, now=here.now, expected=seen)

    return proof_versions.drop(request, milestone, act, said=said, back=_back(here, milestone.pk))


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A version as its readers see it: of a draft, as they would see it now."""
    packet, here = get_object_or_404(ProofPacket, pk=pk), Here(request)
    content = content_of(packet)
    sheet = proof_sheet(content, sha256=packet.content_sha256)
    return proof_versions.show(request, packet, content, sheet, back=_back(here, packet.milestone_id))


def _found(request: HttpRequest, pk: UUID) -> tuple[ProofPacket, Any, Here]:
    packet = get_object_or_404(ProofPacket, pk=pk)
    return packet, find(packet.milestone_id), Here(request)


def _back(here: Here, milestone_id: UUID) -> str:
    return here.url("milestone_proof", milestone_id) + PLACE


urlpatterns = [
    path("milestones/<uuid:pk>/proof/assemble", assemble, name="assemble_packet"),
    path("milestones/<uuid:pk>/proof/correct", correct, name="correct_packet"),
    path("proof-packets/<uuid:pk>/", show, name="proof_version"),
    path("proof-packets/<uuid:pk>/save", save, name="save_packet"),
    path("proof-packets/<uuid:pk>/missing", missing, name="missing_of_packet"),
    path("proof-packets/<uuid:pk>/publish", publish, name="publish_packet"),
    path("proof-packets/<uuid:pk>/drop", drop, name="drop_packet"),
]
