"""Webhook endpoints: where other systems are told of what happens."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.journal import DeliveryOut
from api.resources.reports import NothingInput
from api.shapes import Filters, Flag, ModelInput, Out
from api.views import READ, Changeable, Readable, WorkspaceView
from journal import endpoints
from journal.kinds import KINDS
from journal.models import WebhookEndpoint
from workspaces.models import Scope

STEPS = ("rotate_secret", "test", "pause", "resume", "remove")


class WebhookEndpointOut(Out):
    """`events` are the kinds it asked for, none meaning all; since `failing_since` attempts fail."""

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id",
            "name",
            "url",
            "events",
            "old_secret_until",
            "failing_since",
            "rests_until",
            "paused_at",
            "pause_reason",
            "created_at",
            "removed_at",
            "version",
        ]


class WebhookEndpointWithSecretOut(WebhookEndpointOut):
    """The only answers that show a secret: the one that made it, and the one that changed it."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookEndpointOut.Meta):
        fields = [*WebhookEndpointOut.Meta.fields, "secret"]


class WebhookEndpointInput(ModelInput):
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=list(KINDS)), required=False, max_length=len(KINDS)
    )
    served = WebhookEndpointOut

    class Meta:
        model = WebhookEndpoint
        fields = ["name", "url", "events"]


class WebhookEndpointFilters(Filters):
    is_on = Flag(method="by_on")

    def by_on(self, rows: QuerySet[WebhookEndpoint], _name: str, value: bool) -> QuerySet[WebhookEndpoint]:
        running = {"paused_at": None, "removed_at": None}
        return rows.filter(**running) if value else rows.exclude(**running)


class WebhookEndpoints(Readable, Changeable):
    """Addresses that are told of events as they happen, signed by Standard Webhooks. See docs/webhooks.md."""

    model = WebhookEndpoint
    scopes = {
        "list": READ,
        "retrieve": READ,
        **dict.fromkeys(("create", "partial_update"), Scope.CONNECTIONS),
    }
    out = WebhookEndpointOut
    inputs = {
        "create": WebhookEndpointInput,
        "partial_update": WebhookEndpointInput,
    }
    filterset_class = WebhookEndpointFilters
    orderings = ("created_at", "name")

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return WebhookEndpointWithSecretOut if action == "create" else WebhookEndpointOut

    def get_queryset(self) -> QuerySet[WebhookEndpoint]:
        return WebhookEndpoint.objects.all()

    def create(self, request: Request) -> Response:
        made = endpoints.make(**self.data, by=self.actor, now=self.now)
        return shown_once(self, *made, status=201)

    def change(self, pk: UUID, changes: dict[str, Any]) -> WebhookEndpoint:
        return endpoints.change_endpoint(pk, changes, by=self.actor, now=self.now, expected=self.expected)


def shown_once(view: WorkspaceView, endpoint: WebhookEndpoint, secret: str, *, status: int = 200) -> Response:
    response = view.served(endpoint, status=status)
    response.data["secret"] = secret
    return response


class WebhookEndpointSteps(WorkspaceView):
    """What happens to an endpoint. A test answers the message that it sends: `deliveries` follows it."""

    model = WebhookEndpoint
    scopes = dict.fromkeys(STEPS, Scope.CONNECTIONS)
    out = WebhookEndpointOut
    inputs = dict.fromkeys(STEPS, NothingInput)
    versioned = frozenset({"rotate_secret", "pause", "resume", "remove"})

    @classmethod
    def shape_of(cls, action: str) -> Any:
        shapes = {"test": DeliveryOut, "rotate_secret": WebhookEndpointWithSecretOut}
        return shapes.get(action, WebhookEndpointOut)

    def rotate_secret(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        rotated = endpoints.rotate_secret(pk, by=self.actor, now=self.now, expected=self.expected)
        return shown_once(self, *rotated)

    def test(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return Response(DeliveryOut.of(endpoints.test(pk, by=self.actor, now=self.now)))

    def pause(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return self.served(endpoints.pause(pk, by=self.actor, now=self.now, expected=self.expected))

    def resume(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return self.served(endpoints.resume(pk, by=self.actor, now=self.now, expected=self.expected))

    def remove(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return self.served(endpoints.remove(pk, by=self.actor, now=self.now, expected=self.expected))
