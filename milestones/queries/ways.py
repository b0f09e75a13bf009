"""Reads of the ways out of a bad block. Call them inside the workspace's door."""

from datetime import date
from uuid import UUID

from django.db.models import Max, OuterRef, QuerySet, Subquery

from milestones.models import Recourse
from milestones.words import Way


def recourses() -> QuerySet[Recourse]:
    return Recourse.objects.order_by("-chosen_at", "-id")


def recourses_of(milestone_id: UUID) -> QuerySet[Recourse]:
    """The ways that a milestone took, the newest first."""
    return recourses().filter(milestone=milestone_id)


def to_decide(today: date) -> QuerySet[Recourse]:
    """Ways whose end has passed, such as a pause that is over: none ends by itself, somebody decides."""
    return Recourse.objects.filter(ended_at=None, until__lt=today).order_by("until", "id")


def resumed_at(milestone: str = "pk") -> Subquery:
    """When a milestone was last taken up after a pause; `milestone` names its key in the outer query."""
    pauses = Recourse.objects.filter(milestone=OuterRef(milestone), way=Way.PAUSE)
    return Subquery(pauses.order_by().values("milestone").annotate(at=Max("ended_at")).values("at"))
