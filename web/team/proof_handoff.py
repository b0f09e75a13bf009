"""What happens next, and the end of the milestone, as a part of the tab “Proof”."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from milestones import gates
from milestones.actions import endings, stages
from milestones.models import Milestone
from milestones.queries.following import next_to_start
from milestones.words import Outcome, Stage
from proofs import handing
from proofs.actions import handoffs as actions
from proofs.models import HandoffPacket
from proofs.queries import handoffs as queries
from proofs.queries.published import rendering_of
from proofs.rendering.sheet import handoff_sheet
from proofs.words import PacketState
from tenancy.refusal import Refused, Unmet
from web.answers import attempt, done, saving, tell
from web.forms.handoff import ApprovedForm, HandoffForm
from web.forms.proof import CorrectionForm
from web.guards import member
from web.here import Here
from web.team import proof_versions, proofs
from web.team.milestones import find
from workspaces.models import Role

PLACE: Final = "#handoff"
# What the four at the gate are called on the page, and what is said of one that is met, by their codes.
FOUR: Final = {
    "proof_packet_url": ("Proof packet", "Published"),
    "handoff_packet_link": ("Handoff packet", "Published"),
    "review_owner": ("Review owner", "Named"),
    "approver": ("Approver", "Named"),
}


def part(milestone: Milestone, here: Here) -> dict[str, Any]:
    """The draft and what it misses, the published versions, the gate and what comes after it."""
    versions = list(queries.versions_of(milestone.pk).defer("content"))
    draft = next((each for each in versions if each.state == PacketState.DRAFT), None)
    published = [each for each in versions if each.state == PacketState.PUBLISHED]
    correction = here.forms.get("handoff_correction")
    words = queries.words_of(draft, milestone) if draft else {}
    return {
        "handoff": draft,
        "handoff_versions": published,
        "handoff_rendering": rendering_of(published[0]) if published else None,
        "handoff_is_taken_back": bool(published) and milestone.accepted_at is None,
        "handoff_may_begin": _may_begin(milestone, draft),
        "handoff_correction_form": correction or CorrectionForm(auto_id="handoff-correction-%s"),
        **(_draft(draft, words, milestone, here) if draft else {}),
        **(
            _gate(milestone, words | queries.said_last(published[0] if published else None), here)
            if milestone.stage == Stage.CLOSEOUT
            else {}
        ),
        **(_after(milestone, here) if milestone.outcome == Outcome.APPROVED else {}),
    }


def _may_begin(milestone: Milestone, draft: HandoffPacket | None) -> bool:
    return milestone.stage == Stage.CLOSEOUT and draft is None and not milestone.handoff_packet_link


def _draft(
    draft: HandoffPacket, words: Mapping[str, str], milestone: Milestone, here: Here
) -> dict[str, Any]:
    typed: Any = here.forms.get("handoff")
    initial = HandoffForm.start(words, draft.version)
    return {
        "handoff_form": typed or HandoffForm(initial=initial, auto_id="handoff-%s"),
        "handoff_missing": _missing({**words, **typed.typed()} if typed else words, milestone, here),
    }


def _missing(words: Mapping[str, str], milestone: Milestone, here: Here) -> list[dict[str, str]]:
    unmet = handing.missing(words, is_accepted=milestone.accepted_at is not None)
    return [
        {"code": item.code, "message": item.message, "url": _mended(item, here, milestone)} for item in unmet
    ]


def _mended(item: Unmet, here: Here, milestone: Milestone) -> str:
    """The place where what is missing is mended."""
    if item.code == "accepted":
        return f"{here.url('milestone_review', milestone.pk)}#rounds"
    return f"#handoff-{item.code}"


def _gate(milestone: Milestone, words: Mapping[str, str], here: Here) -> dict[str, Any]:
    """The four that an approved close takes, each met or not, and the words that it asks for."""
    missing = {item.code for item in endings.missing_to_close(milestone, Outcome.APPROVED)}
    initial = {**words, "version": milestone.version}
    return {
        "close_four": [
            {"words": words, "met": met, "is_met": code not in missing} for code, (words, met) in FOUR.items()
        ],
        "close_is_ready": missing.isdisjoint(FOUR),
        "close_form": here.forms.get("close") or ApprovedForm(initial=initial, auto_id="close-%s"),
    }


def _after(milestone: Milestone, here: Here) -> dict[str, Any]:
    """Which triggers the close has reached, and what may be started now."""
    following = next_to_start(milestone)
    triggers = (("Invoice", milestone.invoice_trigger), ("Next stage", milestone.next_stage_trigger))
    return {
        "close_triggers": [(name, words) for name, words in triggers if gates.is_stated(words)],
        "next_milestone": following,
        "next_unmet": _before_next(following, here) if following else [],
    }


def _before_next(following: Milestone, here: Here) -> list[dict[str, str]]:
    url = here.url("milestone_record", following.pk)
    unmet = stages.unmet(following, Stage.EXECUTION)
    return [{"code": item.code, "message": item.message, "url": url} for item in unmet]


@member(role=Role.MEMBER)
@require_POST
def begin(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Begins the draft now instead of at the next bell."""
    milestone, here = find(pk), Here(request)
    try:
        with saving():
            actions.begin(pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return proofs.page(request, milestone, refusal=str(refusal), status=409)
    return done(request, "The draft is ready, filled in from the record.", _back(here, pk))


@member(role=Role.MEMBER)
@require_POST
def save(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    packet, milestone, here = _found(request, pk)
    form = HandoffForm(request.POST, auto_id="handoff-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.write(pk, form.changes(), by=here.actor, now=here.now, expected=typed["version"])

    status = attempt(form, write)
    if status == 200:
        return done(request, f"Handoff {packet.number} saved.", _back(here, milestone.pk))
    return proofs.page(request, milestone, forms={"handoff": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def missing(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """What the draft would still miss with what is typed. Saves nothing."""
    _packet, milestone, here = _found(request, pk)
    typed = HandoffForm(request.POST, auto_id="handoff-%s").typed()
    words = handing.filled(typed, queries.recorded(milestone))
    context = {"packet_missing": _missing(words, milestone, here)}
    return render(request, "web/team/_proof_missing.html", context)


@member(role=Role.MEMBER)
@require_POST
def publish(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Saves what is typed and publishes it, or says what it still misses: then neither is done."""
    packet, milestone, here = _found(request, pk)
    form = HandoffForm(request.POST, auto_id="handoff-%s")
    if not form.is_valid():
        return proofs.page(request, milestone, forms={"handoff": form}, status=422)
    try:
        with saving():
            _publish(packet, form, here)
    except Refused as refusal:
        remember = partial(actions.journal_refusal, pk, refusal, by=here.actor, now=here.now)
        return proof_versions.refused(request, milestone, refusal, forms={"handoff": form}, remember=remember)
    said = f"Handoff {packet.number} is published; its files are being made."
    return done(request, said, _back(here, milestone.pk))


def _publish(packet: HandoffPacket, form: HandoffForm, here: Here) -> None:
    by, now, expected = here.actor, here.now, form.cleaned_data["version"]
    written = actions.write(packet.pk, form.changes(), by=by, now=now, expected=expected)
    actions.publish(packet.pk, by=by, now=now, expected=written.version)


@member(role=Role.MEMBER)
@require_POST
def correct(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Begins the next version. What is published stays."""
    milestone, here = find(pk), Here(request)
    form = CorrectionForm(request.POST, auto_id="handoff-correction-%s")
    status = attempt(form, lambda typed: actions.correct(pk, **typed, by=here.actor, now=here.now))
    if status == 200:
        return done(request, "The next handoff is a draft now. What is published stays.", _back(here, pk))
    return proofs.page(request, milestone, forms={"handoff_correction": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def drop(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Takes a draft back that is not needed. What is published stands."""
    _packet, milestone, here = _found(request, pk)
    said = "The draft is gone; what was published stands."

    def act(seen: int | None) -> object:
        return actions.drop(pk, by=here.actor, now=here.now, expected=seen)

    return proof_versions.drop(request, milestone, act, said=said, back=_back(here, milestone.pk))


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A version as its readers see it: of a draft, as they would see it now."""
    packet, here = get_object_or_404(HandoffPacket, pk=pk), Here(request)
    content = queries.content_of(packet, now=here.now)
    sheet, back = handoff_sheet(content, sha256=packet.content_sha256), _back(here, packet.milestone_id)
    return proof_versions.show(request, packet, content, sheet, back=back, part="proofs/_handoff.html")


@member(role=Role.MEMBER)
@require_POST
def close(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Closes as approved, or says everything that is unmet. The refusal is journalled by itself."""
    milestone, here = find(pk), Here(request)
    form = ApprovedForm(request.POST, auto_id="close-%s")
    if not form.is_valid():
        return proofs.page(request, milestone, forms={"close": form}, status=422)
    words = {name: form.cleaned_data[name] for name in ("open_dependencies", "next_move_owner")}
    expected = form.cleaned_data["version"]
    try:
        with saving():
            endings.close(pk, Outcome.APPROVED, **words, by=here.actor, now=here.now, expected=expected)
    except Refused as refusal:
        return _not_closed(request, milestone, form, refusal, here)
    said = f"{milestone.code} is closed as approved."
    return done(request, said, f"{here.url('milestone_proof', pk)}#next")


def _not_closed(
    request: HttpRequest, milestone: Milestone, form: Form, refusal: Refused, here: Here
) -> HttpResponse:
    """What is unmet stands at its field, the rest of it above the form."""
    status = tell(form, refusal)
    for item in refusal.unmet:
        form.add_error(item.code if item.code in form.fields else None, item.message)
    response = proofs.page(request, milestone, forms={"close": form}, status=status)
    write = partial(stages.journal_refusal, milestone, Stage.CLOSED, refusal, by=here.actor, now=here.now)
    response.survives = write  # type: ignore[attr-defined]
    return response


def _found(request: HttpRequest, pk: UUID) -> tuple[HandoffPacket, Any, Here]:
    packet = get_object_or_404(HandoffPacket, pk=pk)
    return packet, find(packet.milestone_id), Here(request)


def _back(here: Here, milestone_id: UUID) -> str:
    return here.url("milestone_proof", milestone_id) + PLACE


urlpatterns = [
    path("milestones/<uuid:pk>/handoff/begin", begin, name="begin_handoff"),
    path("milestones/<uuid:pk>/handoff/correct", correct, name="correct_handoff"),
    path("milestones/<uuid:pk>/close-approved", close, name="close_as_approved"),
    path("handoff-packets/<uuid:pk>/", show, name="handoff_version"),
    path("handoff-packets/<uuid:pk>/save", save, name="save_handoff"),
    path("handoff-packets/<uuid:pk>/missing", missing, name="missing_of_handoff"),
    path("handoff-packets/<uuid:pk>/publish", publish, name="publish_handoff"),
    path("handoff-packets/<uuid:pk>/drop", drop, name="drop_handoff"),
]
