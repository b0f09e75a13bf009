"""What happened, and who was told: the journal and the outbox."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import NothingInput
from api.shapes import Filters, Out
from api.views import READ, Readable
from journal.models import Channel, Delivery, Event, State
from journal.queries import told_event, told_events
from milestones.actions import notices
from workspaces.models import Scope


class PartyOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)


class EventOut(serializers.Serializer[Any]):
    """An entry of the journal. `personal` is null once it was erased; `hash` chains it to the one before."""

    id = serializers.UUIDField()
    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    subject = PartyOut()
    thread_id = serializers.UUIDField(allow_null=True)
    actor = PartyOut()
    cause_id = serializers.UUIDField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]
    personal = serializers.DictField(allow_null=True)
    hash = serializers.CharField()


class EventFilters(Filters):
    kind = CharFilter()
    subject_id = UUIDFilter()
    thread_id = UUIDFilter()
    actor_id = UUIDFilter()


class Events(Readable):
    """The journal: everything that happened in the workspace, in order."""

    model = Event
    scopes = {"list": READ, "retrieve": READ}
    filterset_class = EventFilters
    orderings = ("-seq",)

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return EventOut

    def get_queryset(self) -> QuerySet[Any]:
        return told_events(Event.objects.all())

    def rows(self, queryset: QuerySet[Any]) -> list[Any]:
        return [told_event(row) for row in queryset]


class DeliveryOut(Out):
    class Meta:
        model = Delivery
        fields = [
            "id",
            "channel",
            "kind",
            "subject_kind",
            "subject_id",
            "thread_id",
            "recipient_kind",
            "recipient_id",
            "recipient_name",
            "address",
            "state",
            "due_at",
            "expires_at",
            "attempts",
            "possibly_twice",
            "finished_at",
            "last_error",
            "created_at",
        ]


class DeliveryFilters(Filters):
    state = ChoiceFilter(choices=State.choices)
    channel = ChoiceFilter(choices=Channel.choices)
    kind = CharFilter()
    subject_id = UUIDFilter()
    thread_id = UUIDFilter()


class Deliveries(Readable):
    """The outbox: every message to someone, and what became of it. Its text is not served."""

    model = Delivery
    scopes = {"list": READ, "retrieve": READ, "replay": Scope.CONNECTIONS}
    out = DeliveryOut
    inputs = {"replay": NothingInput}
    filterset_class = DeliveryFilters
    orderings = ("-created_at", "due_at")

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.all()

    def replay(self, request: Request, pk: UUID) -> Response:
        delivery = Delivery.objects.get(pk=pk)
        self.check_body()
        notices.replay(delivery, by=self.actor, now=self.now)
        delivery.refresh_from_db()
        return self.served(delivery)
