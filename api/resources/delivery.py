"""The words of the e-mail that brings a packet: the workspace's own, or those that are shipped."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import check_is_owner
from api.resources.reports import NothingInput
from api.shapes import ModelInput
from api.views import READ, WorkspaceView
from proofs import delivery_letters as letters
from proofs.actions import deliveries as actions
from proofs.models import DeliveryTemplate
from proofs.queries.deliveries import template
from workspaces.models import Scope

OWNERS_ONLY = "The words of the delivery e-mail are the owner's to set."


class PlaceholderOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    means = serializers.CharField()


class DeliveryTemplateOut(serializers.Serializer[Any]):
    """`placeholders` may stand in braces in the words; the packet's address only in the text."""

    subject = serializers.CharField()
    body = serializers.CharField()
    is_shipped = serializers.BooleanField()
    placeholders = PlaceholderOut(many=True)
    version = serializers.IntegerField()


class DeliveryTemplateInput(ModelInput):
    class Meta:
        model = DeliveryTemplate
        fields = ["subject", "body"]


class DeliveryTemplates(WorkspaceView):
    """The words of the delivery e-mail. `reset` goes back to the shipped ones, which are version 0."""

    model = DeliveryTemplate
    scopes = {"retrieve": READ, **dict.fromkeys(("partial_update", "reset"), Scope.PROOFS)}
    inputs = {"partial_update": DeliveryTemplateInput, "reset": NothingInput}
    versioned = frozenset({"partial_update", "reset"})

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return DeliveryTemplateOut

    def retrieve(self, request: Request) -> Response:
        return self._told()

    def partial_update(self, request: Request) -> Response:
        check_is_owner(self.actor, OWNERS_ONLY)
        known = template()
        words = {"subject": known.subject, "body": known.body, **self.data}
        actions.set_template(**words, by=self.actor, now=self.now, expected=self.expected)
        return self._told()

    def reset(self, request: Request) -> Response:
        check_is_owner(self.actor, OWNERS_ONLY)
        self.check_body()
        actions.reset_template(by=self.actor, now=self.now, expected=self.expected)
        return self._told()

    def _told(self) -> Response:
        known = template()
        self.version = known.version
        return Response(
            {
                "subject": known.subject,
                "body": known.body,
                "is_shipped": known.version == 0,
                "placeholders": [
                    {"name": name, "means": means} for name, means in letters.PLACEHOLDERS.items()
                ],
                "version": known.version,
            }
        )
