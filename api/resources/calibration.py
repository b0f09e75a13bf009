"""The on-time probability: day by day with its explanation, and how good it was."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resources.reports import OfMilestone
from api.views import READ, WorkspaceView
from telemetry.forecast.calibration import Accuracy, Bin
from telemetry.models import Basis, ProbabilityPoint
from telemetry.queries.calibration import told_of
from telemetry.queries.outlooks import course, reasons
from tenancy.models import Workspace


class AccuracyOut(serializers.Serializer[Any]):
    """How often it came as it was said. Without any days the figures are null, not 0.

    A promise is a milestone held to one planned date: it counts once, however many days it took. The Brier
    score is 0 at best and 1 at worst; `reference` is that of always saying the share that was on time, and
    `skill` the part of it that was spared. Under ten milestones `is_enough` is false: not enough history.
    """

    milestones = serializers.IntegerField()
    promises = serializers.IntegerField()
    days = serializers.IntegerField()
    is_enough = serializers.BooleanField()
    brier = serializers.FloatField(allow_null=True)
    reference = serializers.FloatField(allow_null=True)
    skill = serializers.FloatField(allow_null=True)
    said_percent = serializers.FloatField(allow_null=True)
    on_time_percent = serializers.FloatField(allow_null=True)


class BinOut(serializers.Serializer[Any]):
    """Promises for which `low` to `high` percent were said; `least` to `most` is Wilson's 95% interval."""

    low = serializers.IntegerField()
    high = serializers.IntegerField()
    promises = serializers.IntegerField()
    said_percent = serializers.FloatField(allow_null=True)
    on_time_percent = serializers.FloatField(allow_null=True)
    least_percent = serializers.FloatField(allow_null=True)
    most_percent = serializers.FloatField(allow_null=True)


class ByBasisOut(AccuracyOut):
    basis = serializers.ChoiceField(choices=Basis.choices)


class ByAheadOut(AccuracyOut):
    ahead = serializers.CharField()


class CalibrationOut(AccuracyOut):
    """The latest finished milestones together, by what was said, by basis, and by how far ahead."""

    reliability = BinOut(many=True)
    by_basis = ByBasisOut(many=True)
    by_days_ahead = ByAheadOut(many=True)


class Calibration(WorkspaceView):
    """What was said of milestones that are completed or closed, day by day, against what came of it."""

    model = ProbabilityPoint
    scopes = {"retrieve": READ}

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return CalibrationOut

    def retrieve(self, request: Request) -> Response:
        told = told_of(Workspace.objects.get(pk=self.workspace_id))
        return Response(
            {
                **_accuracy(told.together),
                "reliability": [_bin(each) for each in told.bins],
                "by_basis": [{"basis": basis, **_accuracy(of)} for basis, of in told.by_basis.items()],
                "by_days_ahead": [{"ahead": words, **_accuracy(of)} for words, of in told.by_ahead.items()],
            }
        )


def _accuracy(of: Accuracy) -> dict[str, Any]:
    return {
        "milestones": of.milestones,
        "promises": of.promises,
        "days": of.days,
        "is_enough": of.is_enough,
        "brier": of.brier,
        "reference": of.reference,
        "skill": of.skill,
        "said_percent": of.said,
        "on_time_percent": of.on_time,
    }


def _bin(of: Bin) -> dict[str, Any]:
    return {
        "low": of.low,
        "high": of.high,
        "promises": of.promises,
        "said_percent": of.said,
        "on_time_percent": of.on_time,
        "least_percent": of.least,
        "most_percent": of.most,
    }


class ReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class ProbabilityOut(serializers.Serializer[Any]):
    """The chance, as it was seen on one day, that the milestone is completed by `planned_date`."""

    id = serializers.UUIDField()
    milestone_id = serializers.UUIDField()
    day = serializers.DateField()
    planned_date = serializers.DateField()
    percent = serializers.IntegerField()
    basis = serializers.ChoiceField(choices=Basis.choices)
    inputs = serializers.DictField()
    explanation = ReasonOut(many=True)


class Probabilities(OfMilestone):
    """A milestone's on-time probability, newest day first, with what it was made from."""

    model = ProbabilityPoint
    scopes = {"list": READ}
    orderings = ("-day",)

    @classmethod
    def shape_of(cls, action: str) -> Any:
        return ProbabilityOut

    def get_queryset(self) -> QuerySet[ProbabilityPoint]:
        return course(self.milestone_id).select_related("milestone")

    def rows(self, queryset: QuerySet[Any]) -> list[Any]:
        return [_probability(point) for point in queryset]


def _probability(point: ProbabilityPoint) -> dict[str, Any]:
    return {
        "id": point.pk,
        "milestone_id": point.milestone_id,
        "day": point.day,
        "planned_date": point.planned_date,
        "percent": point.percent,
        "basis": point.basis,
        "inputs": point.inputs,
        "explanation": [asdict(each) for each in reasons(point, kind=point.milestone.kind)],
    }
