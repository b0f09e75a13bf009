"""What the tools say and what it means: connections, inbound deliveries, signals, scores."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model, QuerySet
from django_filters import ChoiceFilter, UUIDFilter
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import NothingInput, OfMilestone
from api.shapes import Filters, Flag, Input, Key, ModelInput, Out
from api.views import READ, Changeable, Readable, WorkspaceView
from milestones.models import Milestone
from milestones.queries import lists
from telemetry import scoring
from telemetry.actions import connections as actions
from telemetry.actions import deliveries
from telemetry.models import Connection, RawDelivery, RiskScore, Signal
from telemetry.models.inbound import DeliveryState, ProviderName
from telemetry.models.scores import RuleCode
from telemetry.queries import scores as queries
from telemetry.risk import Reason
from tenancy.refusal import Refused
from workspaces.models import Scope

SCORES = (
    "execution_velocity_score",
    "dependency_health_score",
    "quality_confidence_score",
    "scope_stability_score",
    "delivery_risk_score",
)


@extend_schema_field({"type": "object", "properties": {"states": {"type": "object"}}})
class OptionsField(serializers.JSONField):
    """`states` maps the tool's own words for a state to ours."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Give an object.")
        return data


class ConnectionOut(Out):
    options = OptionsField(read_only=True)
    hook_url = serializers.URLField(read_only=True)

    class Meta:
        model = Connection
        fields = [
            "id",
            "provider",
            "name",
            "milestone_id",
            "options",
            "hook_url",
            "old_secret_until",
            "created_at",
            "disabled_at",
            "version",
        ]

    @classmethod
    def columns(cls) -> list[str]:
        return [name for name in super().columns() if name != "hook_url"]

    @classmethod
    def of(cls, row: Model) -> dict[str, Any]:
        return with_address(super().of(row))


def with_address(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the address that the tool sends its deliveries to."""
    return {**row, "hook_url": f"{settings.PUBLIC_URL}/hooks/{row['provider']}/{row['id']}"}


class ConnectionWithSecretOut(ConnectionOut):
    """The only answers that show a secret: the one that made it, and the one that changed it."""

    secret = serializers.CharField(read_only=True)

    class Meta(ConnectionOut.Meta):
        fields = [*ConnectionOut.Meta.fields, "secret"]


class ConnectionInput(ModelInput):
    milestone_id = Key(lists.milestones)
    secret = serializers.CharField(required=False, trim_whitespace=False, max_length=200)
    options = OptionsField(required=False)
    served = ConnectionOut
    fixed = frozenset({"provider", "secret"})

    class Meta:
        model = Connection
        fields = ["provider", "name", "milestone_id", "secret", "options"]


class ConnectionFilters(Filters):
    provider = ChoiceFilter(choices=ProviderName.choices)
    milestone_id = UUIDFilter()
    is_on = Flag(method="by_on")

    def by_on(self, rows: QuerySet[Connection], _name: str, value: bool) -> QuerySet[Connection]:
        return rows.filter(disabled_at__isnull=value)


class Connections(Readable, Changeable):
    """Tools that report their work to an address of ours."""

    model = Connection
    scopes = {
        "list": READ,
        "retrieve": READ,
        **dict.fromkeys(("create", "partial_update", "rotate_secret", "disconnect"), Scope.CONNECTIONS),
    }
    out = ConnectionOut
    inputs = {
        "create": ConnectionInput,
        "partial_update": ConnectionInput,
        "rotate_secret": NothingInput,
        "disconnect": NothingInput,
    }
    filterset_class = ConnectionFilters
    orderings = ("created_at", "name")
    versioned = frozenset({"partial_update", "rotate_secret", "disconnect"})

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return ConnectionWithSecretOut if action in ("create", "rotate_secret") else ConnectionOut

    def get_queryset(self) -> QuerySet[Connection]:
        return Connection.objects.all()

    def rows(self, queryset: QuerySet[Any]) -> list[Any]:
        return [with_address(row) for row in super().rows(queryset)]

    def create(self, request: Request) -> Response:
        return self._shown_once(*actions.connect(**self.data, by=self.actor, now=self.now), status=201)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Connection:
        return actions.change_connection(pk, changes, by=self.actor, now=self.now, expected=self.expected)

    def rotate_secret(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        rotated = actions.rotate_secret(pk, by=self.actor, now=self.now, expected=self.expected)
        return self._shown_once(*rotated)

    def disconnect(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return self.served(actions.disconnect(pk, by=self.actor, now=self.now, expected=self.expected))

    def _shown_once(self, connection: Connection, secret: str, *, status: int = 200) -> Response:
        response = self.served(connection, status=status)
        response.data["secret"] = secret
        return response


class InboundDeliveryOut(Out):
    class Meta:
        model = RawDelivery
        fields = [
            "id",
            "connection_id",
            "delivery_id",
            "received_at",
            "state",
            "attempts",
            "finished_at",
            "error",
        ]


class InboundDeliveryFilters(Filters):
    connection_id = UUIDFilter()
    state = ChoiceFilter(choices=DeliveryState.choices)


class InboundDeliveries(Readable):
    """Deliveries as they came in, and what became of each. Their bodies are not served."""

    model = RawDelivery
    scopes = {"list": READ, "retrieve": READ, "replay": Scope.CONNECTIONS}
    out = InboundDeliveryOut
    inputs = {"replay": NothingInput}
    filterset_class = InboundDeliveryFilters
    orderings = ("-id",)

    def get_queryset(self) -> QuerySet[RawDelivery]:
        return RawDelivery.objects.all()

    def replay(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return self.served(deliveries.replay(pk, by=self.actor, now=self.now))


class SignalOut(Out):
    class Meta:
        model = Signal
        fields = [
            "id",
            "milestone_id",
            "rule",
            "threshold",
            "since",
            "count",
            "sentence",
            "opened_at",
            "closed_at",
        ]


class SignalFilters(Filters):
    milestone_id = UUIDFilter()
    rule = ChoiceFilter(choices=RuleCode.choices)
    is_open = Flag(method="by_open")

    def by_open(self, rows: QuerySet[Signal], _name: str, value: bool) -> QuerySet[Signal]:
        return rows.filter(closed_at__isnull=value)


class Signals(Readable):
    """Firings of the daily rules: at most one open for each milestone and rule."""

    model = Signal
    scopes = {"list": READ, "retrieve": READ}
    out = SignalOut
    filterset_class = SignalFilters
    orderings = ("-opened_at",)

    def get_queryset(self) -> QuerySet[Signal]:
        return Signal.objects.all()


class ReasonOut(serializers.Serializer[Any]):
    group = serializers.CharField()
    code = serializers.CharField()
    points = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    text = serializers.CharField()


class WhatIfOut(serializers.Serializer[Any]):
    """Group scores are health (100 is best); `delivery_risk_score` is risk."""

    execution_velocity_score = serializers.IntegerField(allow_null=True)
    dependency_health_score = serializers.IntegerField(allow_null=True)
    quality_confidence_score = serializers.IntegerField(allow_null=True)
    scope_stability_score = serializers.IntegerField(allow_null=True)
    delivery_risk_score = serializers.IntegerField(allow_null=True)
    explanation = ReasonOut(many=True)


class ScoreOut(WhatIfOut):
    """Scores as they held from one moment on, with every input and the points that each one cost."""

    milestone_id = serializers.UUIDField()
    scored_at = serializers.DateTimeField()
    evidence = serializers.DictField()


class Scores(OfMilestone):
    """A milestone's scores, the newest first; each holds until the next one."""

    model = RiskScore
    scopes = {"list": READ}
    orderings = ("-scored_at",)
    tie = "milestone_id"

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return ScoreOut

    def get_queryset(self) -> QuerySet[RiskScore]:
        return queries.history(self.milestone_id)

    def rows(self, queryset: QuerySet[Any]) -> list[Any]:
        return [_score(score) for score in queryset]


def _score(score: RiskScore) -> dict[str, Any]:
    return {
        "milestone_id": score.milestone_id,
        "scored_at": score.scored_at,
        **{name: getattr(score, name) for name in SCORES},
        "evidence": asdict(scoring.stored_evidence(score)),
        "explanation": _explanation(scoring.explain(score)),
    }


def _explanation(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [asdict(reason) for reason in reasons]


class WhatIfInput(Input):
    inputs = serializers.DictField()


class WhatIf(WorkspaceView):
    """The scores if some inputs were different, by the very function that scores. Nothing is saved."""

    model = Milestone
    scopes = {"create": READ}
    inputs = {"create": WhatIfInput}
    statuses = {"create": (200,)}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return WhatIfOut

    def create(self, request: Request, milestone_id: UUID) -> Response:
        milestone = Milestone.objects.get(pk=milestone_id)
        try:
            scores, reasons = scoring.what_if(milestone, self.data["inputs"], now=self.now)
        except Refused as refusal:
            refusal.fields = {f"inputs.{name}": said for name, said in refusal.fields.items()}
            raise
        return Response({**asdict(scores), "explanation": _explanation(reasons)})
