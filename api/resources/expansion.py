"""What came of a delivery: the client's confidence, and opportunities with their stages."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.milestones import live_members
from api.shapes import Filters, Flag, Input, Key, ModelInput, Out
from api.views import READ, Changeable, Creatable, Readable, WorkspaceView
from milestones.queries import lists
from proofs.actions import opportunities as actions
from proofs.models import Confidence, Opportunity
from proofs.queries import confidence as confidence_queries
from proofs.queries import opportunities as queries
from proofs.words import AskedAbout, OpportunityStage
from workspaces.models import Scope


class ConfidenceOut(Out):
    class Meta:
        model = Confidence
        fields = [
            "id",
            "milestone_id",
            "contact_id",
            "about",
            "subject_id",
            "asked_at",
            "score",
            "sentence",
            "answered_at",
        ]


class ConfidenceFilters(Filters):
    milestone_id = UUIDFilter()
    contact_id = UUIDFilter()
    about = ChoiceFilter(choices=AskedAbout.choices)
    is_answered = Flag(method="by_answer")

    def by_answer(self, rows: QuerySet[Confidence], _name: str, value: bool) -> QuerySet[Confidence]:
        return rows.filter(answered_at__isnull=not value)


class Confidences(Readable):
    """What clients were asked after decisions and packets, and what they said: 1 to 5. Only they answer."""

    model = Confidence
    scopes = {"list": READ, "retrieve": READ}
    out = ConfidenceOut
    filterset_class = ConfidenceFilters
    orderings = ("-asked_at", "answered_at")

    def get_queryset(self) -> QuerySet[Confidence]:
        return confidence_queries.confidences()


class OpportunityOut(Out):
    class Meta:
        model = Opportunity
        fields = [
            "id",
            "account_id",
            "project_id",
            "packet_id",
            "number",
            "title",
            "notes",
            "stage",
            "value",
            "currency",
            "owner_id",
            "next_step",
            "next_step_on",
            "created_at",
            "conversation_at",
            "proposal_at",
            "ended_at",
            "end_reason",
            "version",
        ]


class OpportunityInput(ModelInput):
    served = OpportunityOut
    fixed = frozenset({"project_id"})
    project_id = Key(lists.projects)
    owner_id = Key(live_members, required=False, allow_null=True)
    value = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(max_length=3, required=False)

    class Meta:
        model = Opportunity
        fields = [
            "project_id",
            "title",
            "notes",
            "value",
            "currency",
            "owner_id",
            "next_step",
            "next_step_on",
        ]


class OpportunityFilters(Filters):
    account_id = UUIDFilter()
    project_id = UUIDFilter()
    milestone_id = UUIDFilter(field_name="packet__milestone_id")
    owner_id = UUIDFilter()
    stage = ChoiceFilter(choices=OpportunityStage.choices)
    is_open = Flag(method="by_open")

    def by_open(self, rows: QuerySet[Opportunity], _name: str, value: bool) -> QuerySet[Opportunity]:
        return rows.filter(ended_at__isnull=value)


class Opportunities(Readable, Creatable, Changeable):
    """What may follow a delivered packet. One starts from each by itself; others are noted here."""

    model = Opportunity
    scopes = {
        "list": READ,
        "retrieve": READ,
        "create": Scope.PROOFS,
        "partial_update": Scope.PROOFS,
    }
    out = OpportunityOut
    inputs = {"create": OpportunityInput, "partial_update": OpportunityInput}
    filterset_class = OpportunityFilters
    orderings = ("-created_at", "number", "next_step_on")

    def get_queryset(self) -> QuerySet[Opportunity]:
        return queries.opportunities()

    def add(self, data: dict[str, Any]) -> Opportunity:
        return actions.note(**data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Opportunity:
        return actions.revise(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class AdvanceInput(Input):
    served = OpportunityOut
    to = serializers.ChoiceField(choices=OpportunityStage.choices)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class TakeBackInput(Input):
    served = OpportunityOut
    reason = serializers.CharField(max_length=300)


class OpportunitySteps(WorkspaceView):
    """One stage on, to the end with a loss's reason; or the last step back that was noted by mistake."""

    model = Opportunity
    scopes = dict.fromkeys(("advance", "take_back"), Scope.PROOFS)
    out = OpportunityOut
    inputs = {"advance": AdvanceInput, "take_back": TakeBackInput}
    versioned = frozenset(scopes)

    def get_queryset(self) -> QuerySet[Opportunity]:
        return queries.opportunities()

    def advance(self, request: Request, pk: UUID) -> Response:
        data = self.data
        to = OpportunityStage(data.pop("to"))
        return self.served(actions.advance(pk, to, **data, **self._who()))

    def take_back(self, request: Request, pk: UUID) -> Response:
        return self.served(actions.take_back(pk, **self.data, **self._who()))

    def _who(self) -> dict[str, Any]:
        return {"by": self.actor, "now": self.now, "expected": self.expected}
