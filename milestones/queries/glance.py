"""What a milestone's first page tells of its other parts, read with the milestone itself."""

from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from milestones.models import (
    Artifact,
    ChangeRequest,
    Criterion,
    DateMove,
    Decision,
    Milestone,
    Notice,
    Review,
)
from milestones.words import ChangeState, DateKind
from workspaces.queries import calendar_told


def with_glance(rows: QuerySet[Milestone]) -> QuerySet[Milestone]:
    return rows.annotate(
        calendar=calendar_told(),
        criterion_count=_count(Criterion.objects.all()),
        artifact_count=_count(Artifact.objects.filter(removed_at=None)),
        asked_count=_count(ChangeRequest.objects.filter(state=ChangeState.UNDECIDED)),
        move_count=_count(DateMove.objects.filter(kind=DateKind.FORECAST)),
        last_round=_last(
            Review.objects.order_by("-number"), number="number", outcome="outcome", asked="request__state"
        ),
        last_decision=_last(
            Decision.objects.filter(countermands=None).order_by("-at", "-id"),
            "request__milestone",
            name="name",
            number="request__number",
            option="option",
            at="at",
        ),
        last_notice=_last(
            Notice.objects.order_by("-created_at", "-id"), title="title", state="state", at="created_at"
        ),
    )


def _count(rows: QuerySet[Any]) -> Coalesce:
    mine = rows.filter(milestone=OuterRef("pk")).order_by().values("milestone")
    return Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0)


def _last(rows: QuerySet[Any], milestone: str = "milestone", **fields: str) -> Subquery:
    told = JSONObject(**{name: F(path) for name, path in fields.items()})
    return Subquery(rows.filter(**{milestone: OuterRef("pk")}).values(told=told)[:1])
