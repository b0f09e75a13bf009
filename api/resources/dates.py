"""Dates: forecasts that move with a reason, where they have been, missed dates, new baselines."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import ChoiceFilter, UUIDFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.milestones import MilestoneOut
from api.resources.reports import NothingInput, OfMilestone
from api.shapes import Filters, Flag, Input, Out
from api.views import READ, Readable, WorkspaceView
from milestones.actions import dates, misses
from milestones.models import DateMove, DecisionRequest, Milestone, Miss, Project
from milestones.queries import dates as queries
from milestones.queries import lists
from milestones.queries.dates import Foreseen, Step
from milestones.words import Attribution, DateKind, MoveReason, Recovery
from workspaces.models import Scope

PREVIEW = {"preview": "`true` answers what would move and saves nothing."}


class DateMoveOut(Out):
    class Meta:
        model = DateMove
        fields = [
            "id",
            "milestone_id",
            "kind",
            "from_date",
            "to_date",
            "days",
            "reason_code",
            "reason",
            "attributed_to",
            "root_id",
            "decision_id",
            "at",
            "by_kind",
            "by_id",
            "by_name",
        ]


class StepOut(serializers.Serializer[Any]):
    milestone_id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    planned_date = serializers.DateField(allow_null=True)
    from_date = serializers.DateField(allow_null=True)
    to_date = serializers.DateField()
    because_of_id = serializers.UUIDField(allow_null=True)


class ForecastOut(serializers.Serializer[Any]):
    """What moves with a forecast, itself first. `could_pull_in` moves only when somebody moves it."""

    saved = serializers.BooleanField()
    is_working_day = serializers.BooleanField()
    moves = StepOut(many=True)
    could_pull_in = StepOut(many=True)


class ForecastInput(Input):
    served = ForecastOut
    date = serializers.DateField()
    reason_code = serializers.ChoiceField(MoveReason.choices, required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    attributed_to = serializers.ChoiceField(Attribution.choices, required=False)
    mitigation = serializers.CharField(max_length=500, required=False, allow_blank=True)


class Forecast(WorkspaceView):
    """The forecast of a milestone: a move takes its reason, all that waits for it, and a notice."""

    model = Milestone
    scopes = {"create": Scope.DELIVERY}
    out = MilestoneOut
    inputs = {"create": ForecastInput}
    statuses = {"create": (200,)}
    parameters = {"create": PREVIEW}
    versioned = frozenset({"create"})

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return ForecastOut

    def get_queryset(self) -> QuerySet[Milestone]:
        return lists.milestones()

    def create(self, request: Request, milestone_id: UUID) -> Response:
        data = self.data
        seen = dates.foresee(milestone_id, data["date"], now=self.now)
        if self.asks_for("preview"):
            return Response(_foreseen(seen, saved=False))
        if "reason_code" not in data:
            raise serializers.ValidationError({"reason_code": ["No date moves without a reason."]})
        made = dates.move_forecast(
            milestone_id,
            data["date"],
            code=MoveReason(data["reason_code"]),
            reason=data.get("reason", ""),
            attributed_to=Attribution(data["attributed_to"]) if "attributed_to" in data else None,
            mitigation=data.get("mitigation", ""),
            by=self.actor,
            now=self.now,
            expected=self.expected,
        )
        self.version = Milestone.objects.get(pk=milestone_id).version
        because = {step.milestone.pk: step.because_of for step in seen.steps}
        moves = [_made(move, because.get(move.milestone_id)) for move in made]
        return Response({**_foreseen(seen, saved=True), "moves": moves})


def _foreseen(seen: Foreseen, *, saved: bool) -> dict[str, Any]:
    return {
        "saved": saved,
        "is_working_day": seen.is_working_day,
        "moves": [_step(step) for step in seen.steps],
        "could_pull_in": [_step(step) for step in seen.offers],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "milestone_id": step.milestone.pk,
        "code": step.milestone.code,
        "name": step.milestone.name,
        "planned_date": step.milestone.planned_date,
        "from_date": step.before,
        "to_date": step.to,
        "because_of_id": step.because_of.pk if step.because_of else None,
    }


def _made(move: DateMove, because_of: Milestone | None) -> dict[str, Any]:
    return {
        "milestone_id": move.milestone_id,
        "code": move.milestone.code,
        "name": move.milestone.name,
        "planned_date": move.milestone.planned_date,
        "from_date": move.from_date,
        "to_date": move.to_date,
        "because_of_id": because_of.pk if because_of else None,
    }


class ConfirmedForecast(WorkspaceView):
    """Says that a forecast still stands: weekly, twice weekly where it is aggressive."""

    model = Milestone
    scopes = {"create": Scope.DELIVERY}
    out = MilestoneOut
    inputs = {"create": NothingInput}
    statuses = {"create": (200,)}
    versioned = frozenset({"create"})

    def get_queryset(self) -> QuerySet[Milestone]:
        return lists.milestones()

    def create(self, request: Request, milestone_id: UUID) -> Response:
        self.check_body()
        confirmed = dates.confirm_forecast(milestone_id, by=self.actor, now=self.now, expected=self.expected)
        return self.served(confirmed)


class DateMoveFilters(Filters):
    kind = ChoiceFilter(choices=DateKind.choices)
    attributed_to = ChoiceFilter(choices=Attribution.choices)


class DateMoves(OfMilestone):
    """Where a milestone's dates have been, each with its reason and whose days they were."""

    model = DateMove
    scopes = {"list": READ}
    out = DateMoveOut
    filterset_class = DateMoveFilters
    orderings = ("-at",)

    def get_queryset(self) -> QuerySet[DateMove]:
        return DateMove.objects.filter(milestone=self.milestone_id)


class MissOut(Out):
    class Meta:
        model = Miss
        fields = [
            "id",
            "milestone_id",
            "planned_date",
            "opened_at",
            "root_cause",
            "recovery",
            "plan",
            "consent",
            "acknowledged_at",
            "closed_at",
            "version",
        ]


class MissFilters(Filters):
    milestone_id = UUIDFilter()
    is_open = Flag(field_name="closed_at", lookup_expr="isnull")
    waits = Flag(field_name="acknowledged_at", lookup_expr="isnull")


class Misses(Readable):
    """Planned dates that passed without completion: said, explained, recovered from."""

    model = Miss
    scopes = {"list": READ, "retrieve": READ}
    out = MissOut
    filterset_class = MissFilters
    orderings = ("-opened_at", "planned_date")

    def get_queryset(self) -> QuerySet[Miss]:
        return queries.misses()


class AcknowledgeInput(Input):
    served = MissOut
    root_cause = serializers.CharField(max_length=2000)
    recovery = serializers.ChoiceField(Recovery.choices)
    plan = serializers.CharField(max_length=2000)
    consent = serializers.CharField(max_length=500, required=False, allow_blank=True)
    new_date = serializers.DateField(required=False, allow_null=True)
    code = serializers.ChoiceField(MoveReason.choices, required=False)


class RevisedPlanInput(Input):
    served = MissOut
    plan = serializers.CharField(max_length=2000)


class MissSteps(WorkspaceView):
    """What is said to the client about a missed date: its cause the same day, and the plan that stands."""

    model = Miss
    scopes = {"acknowledge": Scope.DELIVERY, "revise_plan": Scope.DELIVERY}
    out = MissOut
    inputs = {"acknowledge": AcknowledgeInput, "revise_plan": RevisedPlanInput}
    statuses = {"acknowledge": (200,), "revise_plan": (200,)}
    versioned = frozenset({"acknowledge", "revise_plan"})

    def get_queryset(self) -> QuerySet[Miss]:
        return queries.misses()

    def acknowledge(self, request: Request, pk: UUID) -> Response:
        data = self.data
        code = MoveReason(data.pop("code")) if "code" in data else None
        data["recovery"] = Recovery(data["recovery"])
        said = misses.acknowledge(pk, **data, code=code, by=self.actor, now=self.now, expected=self.expected)
        return self.served(said)

    def revise_plan(self, request: Request, pk: UUID) -> Response:
        plan = self.data["plan"]
        return self.served(
            misses.revise_plan(pk, plan=plan, by=self.actor, now=self.now, expected=self.expected)
        )


class PlannedInput(Input):
    milestone_id = serializers.UUIDField()
    planned_date = serializers.DateField()


class RebaselineOut(Out):
    class Meta:
        model = DecisionRequest
        fields = [
            "id",
            "project_id",
            "number",
            "kind",
            "question",
            "context",
            "decide_by",
            "state",
            "version",
        ]


class RebaselineInput(Input):
    served = RebaselineOut
    planned = PlannedInput(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=500)
    decide_by = serializers.DateTimeField()


class Rebaselines(WorkspaceView):
    """A new baseline. The client is asked; planned dates move only by their agreement."""

    model = DecisionRequest
    scopes = {"rebaseline": Scope.PROJECTS}
    out = RebaselineOut
    inputs = {"rebaseline": RebaselineInput}
    statuses = {"rebaseline": (201,)}

    def get_queryset(self) -> QuerySet[DecisionRequest]:
        return DecisionRequest.objects.all()

    def rebaseline(self, request: Request, pk: UUID) -> Response:
        if not Project.objects.filter(pk=pk).exists():
            raise Http404
        data = self.data
        asked = dates.ask_for_rebaseline(
            {each["milestone_id"]: each["planned_date"] for each in data["planned"]},
            project_id=pk,
            reason=data["reason"],
            decide_by=data["decide_by"],
            by=self.actor,
            now=self.now,
        )
        return self.served(asked, status=201)
