"""The trigger of the whole system: a kickoff handed over by another system."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.clients import AccountOut, ProjectOut
from api.resources.milestones import MilestoneOut
from api.shapes import Input
from api.views import WorkspaceView
from milestones import record
from milestones.actions.kickoff import ContactInput as Person
from milestones.actions.kickoff import Handoff, start_engagement
from milestones.models import Project
from milestones.words import ApprovalChannel, Authority, Kind
from workspaces.models import Scope


class NameInput(Input):
    name = serializers.CharField(max_length=120)


class PersonInput(Input):
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(max_length=254)
    time_zone = serializers.CharField(
        max_length=64,
        required=False,
        help_text="Of somebody new UTC where it is left out. Of somebody known it is taken over when given.",
    )
    authorities = serializers.ListField(
        child=serializers.ChoiceField(Authority.choices), required=False, max_length=len(Authority)
    )


class DefinitionInput(Input):
    """What the record has no field for, so that the milestone can leave setup at once."""

    kind = serializers.ChoiceField(Kind.choices, required=False)
    output = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=2000, required=False)
    approval_channel = serializers.ChoiceField(ApprovalChannel.choices, required=False)
    dependency_risks = serializers.CharField(max_length=1000, required=False)
    invoice_trigger = serializers.CharField(max_length=200, required=False)
    next_stage_trigger = serializers.CharField(max_length=200, required=False)


@extend_schema_field({name: part for name, part in record.INPUT.items() if name != "$schema"})
class RecordInput(serializers.Field[Any, Any, Any, Any]):
    """Taken as it is: the action holds it against the contract and names every fault."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Give an object.")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class KickoffInput(Input):
    external_ref = serializers.CharField(max_length=120, required=False, allow_blank=True)
    account = NameInput()
    project = NameInput()
    contacts = PersonInput(many=True, max_length=50)  # type: ignore[call-arg]
    record = RecordInput()
    definition = DefinitionInput(required=False)


class KickoffOut(serializers.Serializer[Any]):
    account = AccountOut()
    project = ProjectOut()
    milestone = MilestoneOut()
    kept = serializers.ListField(
        child=serializers.CharField(),
        help_text="Which news about known contacts was not taken over, in sentences.",
    )


class Kickoffs(WorkspaceView):
    """Makes account, contacts, project and first milestone: 201, or 200 when the reference is known."""

    model = Project
    scopes = {"create": Scope.KICKOFFS}
    inputs = {"create": KickoffInput}
    statuses = {"create": (200, 201)}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return KickoffOut

    def create(self, request: Request) -> Response:
        made = start_engagement(_handoff(self.data), by=self.actor, now=self.now)
        body = {
            "account": AccountOut.of(made.account),
            "project": ProjectOut.of(made.project),
            "milestone": MilestoneOut.of(made.milestone),
            "kept": list(made.kept),
        }
        return Response(body, status=201 if made.is_new else 200)


def _handoff(data: Mapping[str, Any]) -> Handoff:
    return Handoff(
        account_name=data["account"]["name"],
        project_name=data["project"]["name"],
        contacts=[Person(**contact) for contact in data["contacts"]],
        record=data["record"],
        external_ref=data.get("external_ref", ""),
        definition=data.get("definition", {}),
    )
