"""Blockers: opened, answered, resolved, put to the client's approver."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.decisions import DecisionRequestOut
from api.resources.reports import NothingInput, OfMilestone
from api.shapes import Filters, Flag, Input, ModelInput, Out
from api.views import READ, Creatable, Readable, WorkspaceView
from escalation import actions as escalation
from escalation import queries
from escalation.asking import CODES, EFFECT_LENGTH, ask_two_options
from escalation.models import Blocker, BlockerType, Severity
from milestones.asking import CONSEQUENCE_LENGTH, LABEL_LENGTH
from workspaces.models import Scope


class BlockerOut(Out):
    class Meta:
        model = Blocker
        fields = [
            "id",
            "milestone_id",
            "number",
            "type",
            "severity",
            "title",
            "detail",
            "evidence",
            "stops_path",
            "response_contact_id",
            "response_member_id",
            "opened_at",
            "response_due_at",
            "aging_at",
            "critical_at",
            "acknowledged_at",
            "responded_at",
            "response",
            "resolved_at",
            "resolution",
            "decision_request_id",
            "version",
        ]


class WayInput(Input):
    """One of two ways on. `days` is how many working days later the forecast then is."""

    label = serializers.CharField(max_length=LABEL_LENGTH)  # type: ignore[assignment]
    consequence = serializers.CharField(max_length=CONSEQUENCE_LENGTH - EFFECT_LENGTH)
    days = serializers.IntegerField(min_value=0, max_value=365)


class TwoWaysInput(Input):
    """A decision between two ways, put to the milestone's approver."""

    served = DecisionRequestOut
    question = serializers.CharField(max_length=300)
    context = serializers.CharField(  # type: ignore[assignment]
        max_length=5000, required=False, allow_blank=True
    )
    first = WayInput()
    second = WayInput()
    recommended = serializers.ChoiceField(choices=CODES)
    decide_by = serializers.DateTimeField()


class BlockerInput(ModelInput):
    served = BlockerOut
    ask = TwoWaysInput(required=False)

    class Meta:
        model = Blocker
        fields = ["type", "severity", "title", "detail", "evidence", "stops_path", "ask"]


class BlockerFilters(Filters):
    type = ChoiceFilter(choices=BlockerType.choices)
    severity = ChoiceFilter(choices=Severity.choices)
    is_open = Flag(method="by_open")

    def by_open(self, rows: QuerySet[Blocker], _name: str, value: bool) -> QuerySet[Blocker]:
        return rows.filter(resolved_at__isnull=value)


class BlockersOfMilestone(OfMilestone, Creatable):
    """What stops or threatens one milestone."""

    model = Blocker
    out = BlockerOut
    inputs = {"create": BlockerInput}
    filterset_class = BlockerFilters
    orderings = ("-opened_at", "number")

    def get_queryset(self) -> QuerySet[Blocker]:
        return queries.blockers_of(self.milestone_id)

    def add(self, data: dict[str, Any]) -> Blocker:
        asked = data.pop("ask", None)
        blocker = escalation.open_blocker(self.milestone_id, **data, by=self.actor, now=self.now)
        if asked:
            ask_two_options(blocker.pk, **_terms(asked), by=self.actor, now=self.now)
            blocker.refresh_from_db()
        return blocker


def _terms(asked: dict[str, Any]) -> dict[str, Any]:
    """The question as the action takes it."""
    terms = {name: value for name, value in asked.items() if name not in CODES}
    return {**terms, "options": [asked[code] for code in CODES]}


class AllBlockerFilters(BlockerFilters):
    milestone_id = UUIDFilter()


class Blockers(Readable):
    """All blockers of the workspace."""

    model = Blocker
    scopes = {"list": READ, "retrieve": READ}
    out = BlockerOut
    filterset_class = AllBlockerFilters
    orderings = ("-opened_at", "number")

    def get_queryset(self) -> QuerySet[Blocker]:
        return queries.blockers()


class ResponseInput(Input):
    served = BlockerOut
    response = serializers.CharField(max_length=5000)


class ResolutionInput(Input):
    served = BlockerOut
    resolution = serializers.CharField(max_length=5000)


class BlockerSteps(WorkspaceView):
    """What happens to a blocker. Acknowledging is not resolving: its clocks go on."""

    model = Blocker
    scopes = {
        **dict.fromkeys(("acknowledge", "respond", "resolve"), Scope.DELIVERY),
        "ask": Scope.DECISIONS,
    }
    out = BlockerOut
    inputs = {
        "acknowledge": NothingInput,
        "respond": ResponseInput,
        "resolve": ResolutionInput,
        "ask": TwoWaysInput,
    }
    statuses = {"ask": (201,)}
    versioned = frozenset(scopes)

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return DecisionRequestOut if action == "ask" else BlockerOut

    def get_queryset(self) -> QuerySet[Blocker]:
        return queries.blockers()

    def acknowledge(self, request: Request, pk: UUID) -> Response:
        return self._take(escalation.acknowledge, pk)

    def respond(self, request: Request, pk: UUID) -> Response:
        return self._take(escalation.respond, pk)

    def resolve(self, request: Request, pk: UUID) -> Response:
        return self._take(escalation.resolve, pk)

    def ask(self, request: Request, pk: UUID) -> Response:
        asked = ask_two_options(pk, **_terms(self.data), by=self.actor, now=self.now, expected=self.expected)
        return Response(DecisionRequestOut.of(asked), status=201)

    def _take(self, step: Any, pk: UUID) -> Response:
        return self.served(step(pk, **self.data, by=self.actor, now=self.now, expected=self.expected))
