"""Milestones with their criteria and dependencies, and their record."""

from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Model, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import CharFilter, ChoiceFilter, DateFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.clients import OPEN_TO
from api.resources.reports import NothingInput
from api.shapes import Filters, Flag, Key, ModelInput, Out
from api.views import READ, Changeable, Creatable, Listed, Readable, WorkspaceView
from milestones import record
from milestones.actions import milestone as actions
from milestones.models import Criterion, Dependency, Milestone
from milestones.queries import lists
from milestones.queries.labels import COLUMNS, label_of
from milestones.queries.packets import addresses
from milestones.words import BlockerStatus, Kind, Stage
from workspaces.models import Membership, Scope

WRITTEN = [
    "phase_id",
    "code",
    "kind",
    "name",
    "output",
    "description",
    "notes",
    "planned_start",
    "planned_date",
    "weight",
    "quality_threshold",
    "owner_primary_id",
    "review_owner_id",
    "owner_client_id",
    "approver_id",
    "approval_channel",
    "dependency_risks",
    "invoice_trigger",
    "next_stage_trigger",
    "next_move_owner",
    "accepting_round",
    "measure_name",
    "measure_baseline",
    "measure_target",
    "external_ref",
    "is_aggressive",
]
LEARNT = [
    "is_first",
    "stage",
    "outcome",
    "forecast_date",
    "forecast_confirmed_at",
    "execution_started_at",
    "completed_at",
    "accepted_at",
    "closed_at",
    "imported_at",
    "paused_at",
    "pause_reason",
    "open_rules",
    "blocker_status",
    "blocked_since",
    "execution_velocity_score",
    "dependency_health_score",
    "quality_confidence_score",
    "scope_stability_score",
    "delivery_risk_score",
    "on_time_probability",
    "clarity_score",
    "last_progress_at",
    "reported_percent",
    "measured",
    "resets",
    "is_frozen",
    "created_at",
    "version",
]

LABEL = ["label", "label_reason", "client_label", "turning_red", "is_stale"]
# What a label is made of and nobody asked to be served.
INTERNAL = [name for name in COLUMNS if name not in (*WRITTEN, *LEARNT)]


def live_members() -> QuerySet[Membership]:
    return Membership.objects.filter(ended_at=None)


class MilestoneOut(Out):
    """`label` is the true word; `client_label` the written one, which turns red only after a warning."""

    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    label_reason = serializers.CharField()
    client_label = serializers.CharField(allow_null=True)
    turning_red = serializers.BooleanField()
    is_stale = serializers.BooleanField()

    class Meta:
        model = Milestone
        fields = ["id", "project_id", *WRITTEN, *LEARNT, *LABEL]

    @classmethod
    def columns(cls) -> list[str]:
        return [name for name in super().columns() if name not in LABEL]

    @classmethod
    def of(cls, row: Model) -> dict[str, Any]:
        zone = row.workspace.time_zone  # type: ignore[attr-defined]
        return {**super().of(row), **_label(row, zone, now=timezone.now())}


def _label(row: Any, zone: str, *, now: datetime) -> dict[str, Any]:
    told = label_of(row, zone=ZoneInfo(zone), now=now)
    said = (told.word, told.reason, told.client_word, told.turning_red, told.is_stale)
    return dict(zip(LABEL, said, strict=True))


def _served(row: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    label = _label(SimpleNamespace(**row), row["zone"], now=now)
    return {name: value for name, value in row.items() if name not in (*INTERNAL, "zone")} | label


class MilestoneInput(ModelInput):
    project_id = Key(lists.projects)
    phase_id = Key(lists.phases, required=False, allow_null=True)
    owner_primary_id = Key(live_members, required=False, allow_null=True)
    review_owner_id = Key(live_members, required=False, allow_null=True)
    owner_client_id = Key(lists.contacts, required=False, allow_null=True)
    approver_id = Key(lists.contacts, required=False, allow_null=True)
    weight = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=Decimal("0.01"), required=False
    )
    served = MilestoneOut
    fixed = frozenset({"project_id"})

    class Meta:
        model = Milestone
        fields = ["project_id", *WRITTEN]


class MilestoneFilters(Filters):
    project_id = UUIDFilter()
    phase_id = UUIDFilter()
    owner_primary_id = UUIDFilter()
    stage = ChoiceFilter(choices=Stage.choices)
    kind = ChoiceFilter(choices=Kind.choices)
    blocker_status = ChoiceFilter(choices=BlockerStatus.choices)
    is_first = Flag()
    code = CharFilter()
    forecast_until = DateFilter(field_name="forecast_date", lookup_expr="lte")


class Milestones(Readable, Creatable, Changeable):
    """Milestones: one visible outcome each, that the client accepts or not."""

    model = Milestone
    scopes = OPEN_TO
    out = MilestoneOut
    inputs = {"create": MilestoneInput, "partial_update": MilestoneInput}
    filterset_class = MilestoneFilters
    orderings = ("forecast_date", "created_at", "code")

    def get_queryset(self) -> QuerySet[Milestone]:
        return lists.milestones()

    def rows(self, queryset: QuerySet[Any]) -> list[dict[str, Any]]:
        found = queryset.values(*self.out.columns(), *INTERNAL, zone=F("workspace__time_zone"))
        return [_served(row, now=self.now) for row in found]

    def add(self, data: dict[str, Any]) -> Milestone:
        return actions.add_milestone(data.pop("project"), data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Milestone:
        return actions.change_milestone(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class RecordsBase(WorkspaceView):
    """The contract: 20 fields and four scores beside them."""

    model = Milestone
    scopes = {"list": READ, "retrieve": READ}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return {name: part for name, part in record.SERVED.items() if name != "$schema"}

    def get_queryset(self) -> QuerySet[Milestone]:
        return lists.with_what_a_record_says()

    def _records(self, rows: list[Milestone]) -> list[dict[str, Any]]:
        packets = addresses(rows)
        return [
            record.serve(row, packets=packets, zone=ZoneInfo(row.workspace.time_zone), now=self.now)
            for row in rows
        ]


class Record(RecordsBase):
    """The record of one milestone."""

    def retrieve(self, request: Request, milestone_id: UUID) -> Response:
        milestone = self.get_queryset().filter(pk=milestone_id).first()
        if milestone is None:
            raise Http404
        self.version = milestone.version
        (told,) = self._records([milestone])
        return Response(told)


class Records(RecordsBase, Listed):
    """The records of all milestones."""

    filterset_class = MilestoneFilters
    orderings = ("created_at", "forecast_date")

    def rows(self, queryset: QuerySet[Any]) -> list[Milestone]:
        return list(queryset)

    def list(self, request: Request, **kwargs: Any) -> Response:
        return self.page(self._records(self.found()))


class CriterionOut(Out):
    class Meta:
        model = Criterion
        fields = [
            "id",
            "milestone_id",
            "position",
            "statement",
            "verification",
            "measure",
            "target",
            "is_met",
            "evidence",
            "version",
        ]


class CriterionInput(ModelInput):
    milestone_id = Key(lists.milestones)
    served = CriterionOut
    fixed = frozenset({"milestone_id"})

    class Meta:
        model = Criterion
        fields = ["milestone_id", "statement", "verification", "measure", "target", "is_met", "evidence"]


class CriterionFilters(Filters):
    milestone_id = UUIDFilter()
    is_met = Flag()


class Criteria(Readable, Creatable, Changeable):
    """Acceptance criteria: what must hold, and how it is checked."""

    model = Criterion
    scopes = OPEN_TO
    out = CriterionOut
    inputs = {"create": CriterionInput, "partial_update": CriterionInput}
    filterset_class = CriterionFilters
    orderings = ("position",)

    def get_queryset(self) -> QuerySet[Criterion]:
        return lists.criteria()

    def add(self, data: dict[str, Any]) -> Criterion:
        return actions.add_criterion(data.pop("milestone").pk, data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Criterion:
        return actions.change_criterion(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class CriterionSteps(WorkspaceView):
    """What happens to a criterion."""

    model = Criterion
    scopes = {"remove": Scope.PROJECTS}
    out = CriterionOut
    inputs = {"remove": NothingInput}
    versioned = frozenset({"remove"})

    def remove(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        row = get_object_or_404(lists.criteria(), pk=pk)
        actions.remove_criterion(pk, by=self.actor, now=self.now, expected=self.expected)
        return Response(CriterionOut.of(row))


class DependencyOut(Out):
    class Meta:
        model = Dependency
        fields = ["id", "milestone_id", "needs_id", "lag_days", "version"]


class DependencyInput(ModelInput):
    milestone_id = Key(lists.milestones)
    needs_id = Key(lists.milestones)
    served = DependencyOut
    fixed = frozenset({"milestone_id", "needs_id"})

    class Meta:
        model = Dependency
        fields = ["milestone_id", "needs_id", "lag_days"]


class DependencyFilters(Filters):
    milestone_id = UUIDFilter()
    needs_id = UUIDFilter()


class Dependencies(Readable, Creatable, Changeable):
    """Which milestone waits for which, and how many working days after it."""

    model = Dependency
    scopes = OPEN_TO
    out = DependencyOut
    inputs = {"create": DependencyInput, "partial_update": DependencyInput}
    filterset_class = DependencyFilters
    orderings = ("lag_days",)

    def get_queryset(self) -> QuerySet[Dependency]:
        return lists.dependencies()

    def add(self, data: dict[str, Any]) -> Dependency:
        milestone, needs = data.pop("milestone"), data.pop("needs")
        return actions.add_dependency(milestone, needs, **data, by=self.actor, now=self.now)

    def change(self, pk: UUID, changes: dict[str, Any]) -> Dependency:
        return actions.change_dependency(pk, changes, by=self.actor, now=self.now, expected=self.expected)


class DependencySteps(WorkspaceView):
    """What happens to a dependency."""

    model = Dependency
    scopes = {"remove": Scope.PROJECTS}
    out = DependencyOut
    inputs = {"remove": NothingInput}
    versioned = frozenset({"remove"})

    def remove(self, request: Request, pk: UUID) -> Response:
        self.check_body()
        row = get_object_or_404(lists.dependencies(), pk=pk)
        actions.remove_dependency(pk, by=self.actor, now=self.now, expected=self.expected)
        return Response(DependencyOut.of(row))
