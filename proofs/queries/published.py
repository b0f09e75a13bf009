"""What was published: the versions of a packet as its reader finds them, and a project's packets."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from proofs.models import HandoffPacket, PacketFile, ProofPacket, Rendering
from proofs.words import FileKind, PacketState
from workspaces.models import Link, Purpose

MOST = 20


def versions(model: type[ProofPacket | HandoffPacket], milestone_id: UUID) -> QuerySet[Any]:
    """A milestone's published versions, the newest first, without what they say."""
    return (
        model.objects.filter(milestone=milestone_id, state=PacketState.PUBLISHED)
        .select_related("milestone__project")
        .defer("content")
        .order_by("-number")
    )


def files_of(packet: ProofPacket | HandoffPacket) -> dict[FileKind, PacketFile]:
    """The files that were made of a published packet, in the order in which they are offered."""
    made = {FileKind(file.kind): file for file in packet.files.all()}
    return {kind: made[kind] for kind in FileKind if kind in made}


def rendering_of(packet: ProofPacket | HandoffPacket) -> Rendering | None:
    return packet.renderings.first()


def of_project(project: OuterRef) -> QuerySet[Any]:
    """The newest published proof packet of each milestone of the project, with the links that open them."""
    newer = ProofPacket.objects.filter(
        milestone=OuterRef("milestone"), state=PacketState.PUBLISHED, number__gt=OuterRef("number")
    )
    told = JSONObject(
        milestone="milestone__name",
        code="milestone__code",
        number="number",
        published_at="published_at",
        proof=Subquery(_link(Purpose.PROOF)),
        handoff=Subquery(_link(Purpose.HANDOFF)),
    )
    rows = ProofPacket.objects.filter(milestone__project=project, state=PacketState.PUBLISHED)
    return rows.filter(~Exists(newer)).order_by("-published_at", "-pk").values(told=told)[:MOST]


def _link(purpose: Purpose) -> QuerySet[Any]:
    """The link to a milestone's packet that stands."""
    links = Link.objects.filter(purpose=purpose, subject_id=OuterRef("milestone"), revoked_at=None)
    told = JSONObject(id="id", generation="generation")
    return links.order_by("-created_at", "-pk").values(told=told)[:1]
