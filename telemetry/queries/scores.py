"""Reads about scores, signals and named actions. Call them inside the workspace's door."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from telemetry.models import RiskAction, RiskScore, Signal
from telemetry.models.scores import PARKED


def latest_score(milestone_id: UUID) -> RiskScore | None:
    """The scores that hold now, with their evidence; None before the first scoring."""
    return history(milestone_id).first()


def history(milestone_id: UUID, *, since: datetime | None = None) -> QuerySet[RiskScore]:
    """A milestone's scores, newest first: each holds until the next one."""
    found = RiskScore.objects.filter(milestone_id=milestone_id).order_by("-scored_at")
    return found.filter(scored_at__gte=since) if since else found


def signals() -> QuerySet[Signal]:
    """All signals with their milestone and project, newest first."""
    return Signal.objects.select_related("milestone__project").order_by("-opened_at", "-id")


def open_signals(milestone_id: UUID) -> QuerySet[Signal]:
    return Signal.objects.filter(milestone_id=milestone_id, closed_at=None).order_by("opened_at", "id")


def open_actions(milestone_id: UUID) -> QuerySet[RiskAction]:
    """Named actions that stand open, with the person who owns each."""
    found = RiskAction.objects.filter(milestone_id=milestone_id, closed_at=None)
    return found.select_related("owner__user").order_by("opened_at", "id")


def parked_signals() -> QuerySet[Signal]:
    """Signals that could not be told, longest parked first."""
    return Signal.objects.filter(PARKED).select_related("milestone__project").order_by("parked_at", "id")


def parked_actions() -> QuerySet[RiskAction]:
    """Named actions that could not be told, longest parked first."""
    return RiskAction.objects.filter(PARKED).select_related("milestone__project").order_by("parked_at", "id")
