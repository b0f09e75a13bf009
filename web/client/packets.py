"""Behind the link of a packet: what was published, its versions and files, and whether it still holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from milestones.files import clean_name
from milestones.words import Stage
from proofs.models import HandoffPacket, PacketFile, ProofPacket
from proofs.queries.published import files_of, rendering_of, versions
from proofs.queries.verified import findings
from proofs.rendering.sheet import handoff_sheet, proof_sheet
from proofs.words import FileKind
from web.client.portal import ended, noted
from web.files import stored
from web.guards import link
from workspaces.models import Link, Purpose

ACCEPTED: Final = (Stage.CLOSEOUT, Stage.CLOSED)
ENDINGS: Final = {
    FileKind.PDF_A4: (" A4.pdf", "application/pdf"),
    FileKind.PDF_LETTER: (" letter.pdf", "application/pdf"),
    FileKind.DATA: (".json", "application/json"),
    FileKind.ZIP: (".zip", "application/zip"),
}

Packet = ProofPacket | HandoffPacket


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the two packets, as its readers find it."""

    words: str
    model: type[Packet]
    sheet: Callable[..., Any]
    template: str
    page: str
    file: str


PROOF: Final = Kind(
    "Proof packet", ProofPacket, proof_sheet, "proofs/_proof.html", "proof_packet", "proof_packet_file"
)
HANDOFF: Final = Kind(
    *("Handoff packet", HandoffPacket, handoff_sheet, "proofs/_handoff.html"),
    *("handoff_packet", "handoff_packet_file"),
)


@link(Purpose.PROOF)
@require_safe
@gzip_page
def proof(request: HttpRequest, **_: Any) -> HttpResponse:
    return _show(request, PROOF)


@link(Purpose.HANDOFF)
@require_safe
@gzip_page
def handoff(request: HttpRequest, **_: Any) -> HttpResponse:
    return _show(request, HANDOFF)


@link(Purpose.PROOF)
@require_safe
def proof_file(request: HttpRequest, kind: str, **_: Any) -> HttpResponseBase:
    return _download(request, PROOF, kind)


@link(Purpose.HANDOFF)
@require_safe
def handoff_file(request: HttpRequest, kind: str, **_: Any) -> HttpResponseBase:
    return _download(request, HANDOFF, kind)


def _show(request: HttpRequest, kind: Kind) -> HttpResponse:
    opened: Link = request.link  # type: ignore[attr-defined]
    packets = list(versions(kind.model, opened.subject_id))
    packet = _asked(request, packets)
    if packet.milestone.project.archived_at:
        return ended(request)
    context = _context(request, kind, packet, newest=packets[0])
    context["versions"] = [_version(each, packets[0]) for each in packets]
    return noted(render(request, "web/client/packet.html", context), opened)


def _asked(request: HttpRequest, packets: list[Any]) -> Packet:
    """The version that the address asks for, else the newest.

    Raises:
        Http404: when there is no such published version.
    """
    wanted = request.GET.get("version", "")
    found = (each for each in packets if not wanted or str(each.number) == wanted)
    if (packet := next(found, None)) is None:
        raise Http404("No such version of the packet was published.")
    return packet  # type: ignore[no-any-return]


def _context(request: HttpRequest, kind: Kind, packet: Packet, *, newest: Packet) -> dict[str, Any]:
    content: Any = packet.content
    files = files_of(packet)
    workspace = content["workspace"]
    found = findings(packet, files)
    return {
        "brand": {"name": workspace["brand_name"], "colour": workspace["brand_colour"]},
        "words": kind.words,
        "template": kind.template,
        "sheet": kind.sheet(content, sha256=packet.content_sha256),
        "packet": packet,
        "newest": None if packet.number == newest.number else newest,
        "files": [_offered(request, kind, packet, file) for file in files.values()],
        "rendering": None if FileKind.ZIP in files else rendering_of(packet),
        "findings": found,
        "holds": all(each.holds for each in found),
        "certificate": next((file.certificate for file in files.values() if file.certificate), ""),
        "taken_back": bool(content["milestone"]["accepted_at"]) and packet.milestone.stage not in ACCEPTED,
    }


def _version(packet: Packet, newest: Packet) -> dict[str, Any]:
    return {
        "number": packet.number,
        "published_at": packet.published_at,
        "why": packet.correction or getattr(packet, "reason", ""),
        "is_newest": packet.number == newest.number,
    }


def _offered(request: HttpRequest, kind: Kind, packet: Packet, file: PacketFile) -> Mapping[str, Any]:
    token = request.resolver_match.kwargs["token"]  # type: ignore[union-attr]
    address = reverse(kind.file, args=[token, file.kind])
    return {
        "label": FileKind(file.kind).label,
        "url": f"{address}?version={packet.number}",
        "size": file.size,
        "pages": file.pages,
        "sha256": file.sha256,
    }


def _download(request: HttpRequest, kind: Kind, wanted: str) -> HttpResponseBase:
    opened: Link = request.link  # type: ignore[attr-defined]
    packet = _asked(request, list(versions(kind.model, opened.subject_id)))
    if packet.milestone.project.archived_at:
        return ended(request)
    if wanted not in FileKind.values or (file := files_of(packet).get(FileKind(wanted))) is None:
        raise Http404("This file was not made.")
    tag = f'"{file.sha256}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    return _file(kind, packet, file, tag)


def _file(kind: Kind, packet: Packet, file: PacketFile, tag: str) -> HttpResponseBase:
    ending, content_type = ENDINGS[FileKind(file.kind)]
    name = clean_name(f"{kind.words} {packet.milestone.code} version {packet.number}{ending}")
    try:
        response = stored(file.sha256, name, content_type)
    except FileNotFoundError:
        raise Http404("This file is missing.") from None
    response["ETag"] = tag
    return response
