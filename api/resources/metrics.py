"""What milestones are measured by, and what was measured."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404
from django_filters import ChoiceFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import NothingInput, OfMilestone
from api.shapes import Filters, Flag, Input, ModelInput, Out
from api.views import READ, Changeable, Creatable, Listed, Readable, WorkspaceView
from proofs.actions import metrics as actions
from proofs.content import MetricTold
from proofs.models import Metric, Snapshot
from proofs.queries import metrics as queries
from proofs.words import Role, SnapshotSource
from workspaces.models import Scope

WRITTEN = ["name", "unit", "direction", "target", "source", "feed_key"]
PAIR = ("baseline", "current", "change", "percent", "is_better", "target_met", "caveat")


class ValueOut(serializers.Serializer[Any]):
    value = serializers.CharField()
    measured_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]
    note = serializers.CharField()


class PairOut(serializers.Serializer[Any]):
    """Before and after. `percent` is of the baseline, null where that is 0."""

    baseline = ValueOut()
    current = ValueOut()
    change = serializers.CharField()
    percent = serializers.CharField(allow_null=True)
    is_better = serializers.BooleanField(allow_null=True)
    target_met = serializers.BooleanField(allow_null=True)
    caveat = serializers.CharField()


class MetricOut(Out):
    """`pair` is computed from the standing values, null while one half is missing."""

    pair = PairOut(allow_null=True)

    class Meta:
        model = Metric
        fields = [
            "id",
            "milestone_id",
            "position",
            *WRITTEN,
            "created_at",
            "removed_at",
            "version",
            "pair",
        ]

    @classmethod
    def columns(cls) -> list[str]:
        return [name for name in super().columns() if name != "pair"]

    @classmethod
    def of(cls, row: Model) -> dict[str, Any]:
        return _served([row])[0]  # type: ignore[list-item]


def _served(rows: list[Metric]) -> list[dict[str, Any]]:
    pairs = queries.told_by(rows)
    columns = MetricOut.columns()
    return [{**{name: getattr(row, name) for name in columns}, "pair": _told(pairs[row.pk])} for row in rows]


def _told(pair: MetricTold | None) -> dict[str, Any] | None:
    return None if pair is None else {name: dict(pair)[name] for name in PAIR}


class _Metrics(WorkspaceView):
    model = Metric
    out = MetricOut

    def rows(self, queryset: QuerySet[Any]) -> list[dict[str, Any]]:
        return _served(list(queryset.select_related("milestone__project")))


class MetricInput(ModelInput):
    served = MetricOut

    class Meta:
        model = Metric
        fields = WRITTEN


class MetricsOfMilestone(_Metrics, OfMilestone, Creatable):
    """What a milestone is measured by. The pair of before and after is computed, never written."""

    scopes = {"list": READ, "create": Scope.PROOFS}
    inputs = {"create": MetricInput}
    orderings = ("position",)

    def get_queryset(self) -> QuerySet[Metric]:
        return queries.metrics_of(self.milestone_id).order_by()

    def add(self, data: dict[str, Any]) -> Metric:
        return actions.add_metric(self.milestone_id, data, by=self.actor, now=self.now)


class Metrics(_Metrics, Readable, Changeable):
    """One metric. A removed one leaves the packets to come; those that are published keep it."""

    scopes = {"retrieve": READ, "partial_update": Scope.PROOFS, "remove": Scope.PROOFS}
    inputs = {"partial_update": MetricInput, "remove": NothingInput}
    versioned = frozenset({"partial_update", "remove"})

    def get_queryset(self) -> QuerySet[Metric]:
        return Metric.objects.all()

    def change(self, pk: UUID, changes: dict[str, Any]) -> Metric:
        return actions.change_metric(pk, changes, by=self.actor, now=self.now, expected=self.expected)

    def remove(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        return self.served(actions.remove_metric(pk, by=self.actor, now=self.now, expected=self.expected))


class SnapshotOut(Out):
    class Meta:
        model = Snapshot
        fields = [
            "id",
            "metric_id",
            "role",
            "value",
            "measured_at",
            "recorded_at",
            "source",
            "note",
            "by_kind",
            "by_id",
            "by_name",
            "retracted_at",
            "retract_reason",
        ]


class SnapshotInput(ModelInput):
    served = SnapshotOut
    measured_at = serializers.DateTimeField(required=False)

    class Meta:
        model = Snapshot
        fields: ClassVar = ["role", "value", "measured_at", "note"]


class SnapshotFilters(Filters):
    role = ChoiceFilter(choices=Role.choices)
    stands = Flag(method="by_standing")

    def by_standing(self, rows: QuerySet[Snapshot], _name: str, value: bool) -> QuerySet[Snapshot]:
        return rows.filter(retracted_at__isnull=value)


class SnapshotsOfMetric(Listed, Creatable):
    """Measured values, for good: a wrong one is retracted, and the right one taken anew.

    Without `measured_at` it was measured just now. One baseline stands at a time.
    """

    model = Snapshot
    scopes = {"list": READ, "create": Scope.PROOFS}
    out = SnapshotOut
    inputs = {"create": SnapshotInput}
    filterset_class = SnapshotFilters
    orderings = ("-measured_at", "-recorded_at")

    @property
    def metric_id(self) -> UUID:
        return self.kwargs["metric_id"]  # type: ignore[no-any-return]

    def get_queryset(self) -> QuerySet[Snapshot]:
        return queries.snapshots_of(self.metric_id)

    def list(self, request: Request, **kwargs: Any) -> Response:
        if not Metric.objects.filter(pk=self.metric_id).exists():
            raise Http404
        return super().list(request, **kwargs)

    def add(self, data: dict[str, Any]) -> Snapshot:
        return actions.take_snapshot(
            self.metric_id, **data, source=SnapshotSource.API, by=self.actor, now=self.now
        )


class RetractInput(Input):
    served = SnapshotOut
    reason = serializers.CharField(max_length=300)


class SnapshotSteps(WorkspaceView):
    """What happens to a measured value."""

    model = Snapshot
    scopes = {"retract": Scope.PROOFS}
    out = SnapshotOut
    inputs = {"retract": RetractInput}

    def retract(self, request: Request, pk: UUID) -> Response:
        """It stays readable with its reason, and counts no more."""
        return self.served(actions.retract_snapshot(pk, **self.data, by=self.actor, now=self.now))
