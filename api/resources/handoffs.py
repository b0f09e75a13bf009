"""Handoff packets: what happens next, who moves, what is still open."""

from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import NothingInput, OfMilestone
from api.shapes import Filters, Input, ModelInput, Out
from api.views import READ, Changeable, Creatable, Readable, WorkspaceView
from proofs.actions import handoffs as actions
from proofs.handing import WRITTEN
from proofs.models import HandoffPacket
from proofs.queries import handoffs as queries
from proofs.words import PacketState
from tenancy.refusal import Refused
from workspaces.models import Scope


class HandoffOut(Out):
    """A version. Its texts are what people wrote; where they are empty the record speaks."""

    class Meta:
        model = HandoffPacket
        fields = [
            *("id", "milestone_id", "number", "state", "correction", "reason", "outcome", "approval_state"),
            *WRITTEN,
            *("created_at", "published_at", "published_kind", "published_by", "published_name"),
            *("content_sha256", "journal_seq", "journal_hash", "version"),
        ]


class WholeHandoffOut(HandoffOut):
    """`content` is what the version says (`cairn.handoff_packet.v1`), of a draft what it would say now."""

    content = serializers.DictField()

    class Meta(HandoffOut.Meta):
        fields = [*HandoffOut.Meta.fields, "content"]


class HandoffFilters(Filters):
    state = ChoiceFilter(choices=PacketState.choices)


class AllHandoffFilters(HandoffFilters):
    milestone_id = UUIDFilter()


class HandoffInput(ModelInput):
    """A text that says the same as the record goes on following it, as an empty one does."""

    served = HandoffOut

    class Meta:
        model = HandoffPacket
        fields = list(WRITTEN)


class HandoffPackets(Readable, Changeable):
    """Handoff packets, drafts and published versions. A published version never changes."""

    model = HandoffPacket
    scopes = {"list": READ, "retrieve": READ, "partial_update": Scope.PROOFS}
    out = HandoffOut
    inputs = {"partial_update": HandoffInput}
    filterset_class = AllHandoffFilters
    orderings = ("-created_at", "published_at", "number")

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return WholeHandoffOut if action == "retrieve" else HandoffOut

    def get_queryset(self) -> QuerySet[HandoffPacket]:
        return queries.handoffs()

    def retrieve(self, request: Request, pk: UUID, **kwargs: Any) -> Response:
        packet = self.get_queryset().filter(pk=pk).first()
        if packet is None:
            raise Http404
        self.version = packet.version
        return Response({**HandoffOut.of(packet), "content": queries.content_of(packet, now=self.now)})

    def change(self, pk: UUID, changes: dict[str, Any]) -> Model:
        return actions.write(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class HandoffSteps(WorkspaceView):
    """What happens to a draft: published for good, or dropped where a published version stands.

    What keeps it from being published is answered as 409 with everything that is `unmet`.
    """

    model = HandoffPacket
    scopes = {"publish": Scope.PROOFS, "drop": Scope.PROOFS}
    out = HandoffOut
    inputs = {"publish": NothingInput, "drop": NothingInput}
    versioned = frozenset({"publish", "drop"})

    def get_queryset(self) -> QuerySet[HandoffPacket]:
        return queries.handoffs()

    def publish(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        try:
            return self.served(actions.publish(pk, by=self.actor, now=self.now, expected=self.expected))
        except Refused as refusal:
            self._remember(pk, refusal)
            raise

    def _remember(self, pk: UUID, refusal: Refused) -> None:
        self.afterwards.append(lambda: actions.journal_refusal(pk, refusal, by=self.actor, now=self.now))

    def drop(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return Response(HandoffOut.of(actions.drop(pk, by=self.actor, now=self.now, expected=self.expected)))


class BeginInput(Input):
    """`correction` begins the next version after a published one, and is printed on it."""

    served = HandoffOut
    correction = serializers.CharField(max_length=300, required=False, allow_blank=True)


class HandoffsOfMilestone(OfMilestone, Creatable):
    """The versions of a milestone's handoff. A draft begins by itself on acceptance, or here at once."""

    model = HandoffPacket
    scopes = {"list": READ, "create": Scope.PROOFS}
    out = HandoffOut
    inputs = {"create": BeginInput}
    filterset_class = HandoffFilters
    orderings = ("-number", "created_at")

    def get_queryset(self) -> QuerySet[HandoffPacket]:
        return queries.versions_of(self.milestone_id).order_by()

    def add(self, data: dict[str, Any]) -> Model:
        if correction := data.get("correction"):
            return actions.correct(self.milestone_id, correction=correction, by=self.actor, now=self.now)
        return actions.begin(self.milestone_id, by=self.actor, now=self.now)
