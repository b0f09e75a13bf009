"""Proof packets: drafts that fill themselves, versions that stay as they were published."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import NothingInput, OfMilestone
from api.resources.transitions import UnmetOut
from api.shapes import Filters, Input, ModelInput, Out
from api.views import READ, Changeable, Readable, WorkspaceView
from proofs.actions import packets as actions
from proofs.models import ProofPacket
from proofs.queries import packets as queries
from proofs.queries.contents import content_of, missing
from proofs.queries.links import link_of
from proofs.words import PacketState
from tenancy.refusal import Refused
from workspaces.actions.links import addresses
from workspaces.models import Purpose, Scope


class ProofPacketOut(Out):
    class Meta:
        model = ProofPacket
        fields = [
            "id",
            "milestone_id",
            "number",
            "state",
            "correction",
            "recap",
            "not_measurable",
            "risks",
            "recommendation",
            "as_found",
            "publishes_itself",
            "allowed_name",
            "created_at",
            "clock_started_at",
            "clock_ends_at",
            "clock_zone",
            "same_day",
            "published_at",
            "published_kind",
            "published_by",
            "published_name",
            "content_sha256",
            "journal_seq",
            "journal_hash",
            "delivered_at",
            "version",
        ]


class WholePacketOut(ProofPacketOut):
    """`content` is what the packet says (`cairn.proof_packet.v1`), of a draft what it would say now.

    `missing` is what keeps a draft from being published, `url` where readers find the published packet.
    """

    content = serializers.DictField()
    missing = UnmetOut(many=True)
    url = serializers.CharField()

    class Meta(ProofPacketOut.Meta):
        fields = [*ProofPacketOut.Meta.fields, "content", "missing", "url"]


class ProofPacketInput(ModelInput):
    served = ProofPacketOut

    class Meta:
        model = ProofPacket
        fields = ["recap", "not_measurable", "risks", "recommendation", "as_found", "publishes_itself"]


class ProofPacketFilters(Filters):
    milestone_id = UUIDFilter()
    state = ChoiceFilter(choices=PacketState.choices)


class ProofPackets(Readable, Changeable):
    """Versions of proof packets. Only a draft can be changed; a published version stays as it is."""

    model = ProofPacket
    scopes = {"list": READ, "retrieve": READ, "partial_update": Scope.PROOFS}
    out = ProofPacketOut
    inputs = {"partial_update": ProofPacketInput}
    filterset_class = ProofPacketFilters

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return WholePacketOut if action == "retrieve" else ProofPacketOut

    def get_queryset(self) -> QuerySet[ProofPacket]:
        return queries.packets()

    def retrieve(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        packet = self.get_queryset().select_related("milestone__project").filter(pk=pk).first()
        if packet is None:
            raise Http404
        self.version = packet.version
        return Response(ProofPacketOut.of(packet) | _besides(packet))

    def change(self, pk: UUID, changes: dict[str, Any]) -> ProofPacket:
        return actions.write(pk, changes, by=self.actor, now=self.now, expected=self.expected)


def _besides(packet: ProofPacket) -> dict[str, Any]:
    """What the single packet says besides its columns."""
    is_draft = packet.state == PacketState.DRAFT
    link = None if is_draft else link_of(Purpose.PROOF, packet.milestone_id)
    return {
        "content": content_of(packet),
        "missing": [asdict(item) for item in missing(packet, packet.milestone)] if is_draft else [],
        "url": addresses([link]).get(link.pk, "") if link and not link.revoked_at else "",
    }


class ProofPacketsOfMilestone(OfMilestone):
    """A milestone's versions. POST begins the draft now, or answers the one that is there already."""

    model = ProofPacket
    scopes = {"list": READ, "create": Scope.PROOFS}
    out = ProofPacketOut
    inputs = {"create": NothingInput}
    statuses = {"create": (200,)}

    def get_queryset(self) -> QuerySet[ProofPacket]:
        return queries.packets().filter(milestone=self.milestone_id)

    def create(self, request: Request, **kwargs: Any) -> Response:
        self.check_body()
        return self.served(actions.assemble(self.milestone_id, by=self.actor, now=self.now))


class CorrectionInput(Input):
    served = ProofPacketOut
    correction = serializers.CharField(max_length=300)


class ProofPacketSteps(WorkspaceView):
    """A draft is published for good; a published version is corrected by the next one.

    Publishing what is not complete answers 409 with everything `unmet`.
    """

    model = ProofPacket
    scopes = dict.fromkeys(("publish", "correct", "drop"), Scope.PROOFS)
    out = ProofPacketOut
    inputs = {"publish": NothingInput, "correct": CorrectionInput, "drop": NothingInput}
    statuses = {"correct": (201,)}
    versioned = frozenset({"publish", "drop"})

    def get_queryset(self) -> QuerySet[ProofPacket]:
        return queries.packets()

    def publish(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        try:
            packet = actions.publish(pk, by=self.actor, now=self.now, expected=self.expected)
        except Refused as refusal:
            self._remember(pk, refusal)
            raise
        return self.served(packet)

    def _remember(self, pk: UUID, refusal: Refused) -> None:
        self.afterwards.append(lambda: actions.journal_refusal(pk, refusal, by=self.actor, now=self.now))

    def correct(self, request: Request, pk: UUID) -> Response:
        packet = self.get_queryset().get(pk=pk)
        draft = actions.correct(packet.milestone_id, **self.data, by=self.actor, now=self.now)
        return self.served(draft, status=201)

    def drop(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        dropped = actions.drop(pk, by=self.actor, now=self.now, expected=self.expected)
        return Response(ProofPacketOut.of(dropped))
