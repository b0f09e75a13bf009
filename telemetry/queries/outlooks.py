"""Reads of the on-time probability's days. Call them inside the workspace's door."""

from uuid import UUID

from django.db.models import QuerySet

from telemetry.forecast import explain
from telemetry.forecast.evidence import Inputs, Progress
from telemetry.models import ProbabilityPoint


def course(milestone_id: UUID) -> QuerySet[ProbabilityPoint]:
    """A milestone's probability day by day, newest first."""
    return ProbabilityPoint.objects.filter(milestone=milestone_id).order_by("-day", "-id")


def inputs_of(point: ProbabilityPoint) -> Inputs:
    return Inputs(**{**point.inputs, "progress": Progress(point.inputs["progress"])})


def reasons(point: ProbabilityPoint, *, kind: str) -> list[explain.Reason]:
    """Why it was what it was, from the inputs that were kept with it."""
    return explain.reasons(inputs_of(point), kind=kind)
