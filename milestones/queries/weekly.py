"""Reads of weekly reviews: those that were held, and whose turn it is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from milestones.models import Milestone, Notice, Project, WeeklyReview
from milestones.weekly import is_due
from milestones.words import NoticeKind, NoticeState, Stage
from tenancy.models import Workspace

TOLD = (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.BOUNCED)


@dataclass(frozen=True, slots=True)
class Turn:
    """A live project, when its client was last told how it stands, and whether the next time has come."""

    project: Project
    told_at: datetime | None
    is_due: bool


def reviews_of(project_id: UUID) -> QuerySet[WeeklyReview]:
    return WeeklyReview.objects.filter(project=project_id).select_related("notice").order_by("-week", "-id")


def review_of(project_id: UUID, week: date) -> WeeklyReview | None:
    return reviews_of(project_id).filter(week=week).first()


def told_lately() -> QuerySet[Any]:
    """Projects with open milestones, with `told_at` and `has_aggressive`, as `is_due` asks for them."""
    last = _updates().order_by("-sent_at").values("sent_at")[:1]
    rows: QuerySet[Any] = Project.objects.filter(Exists(_still()), archived_at=None)
    is_aggressive = Exists(_still().filter(is_aggressive=True))
    told: QuerySet[Any] = rows.annotate(told_at=Subquery(last), has_aggressive=is_aggressive)
    return told


def _still() -> QuerySet[Milestone]:
    return Milestone.objects.filter(project=OuterRef("pk")).exclude(stage=Stage.CLOSED)


def _updates() -> QuerySet[Notice]:
    return Notice.objects.filter(project=OuterRef("pk"), kind=NoticeKind.STATUS_UPDATE, state__in=TOLD)


def perhaps_due(*, monday: datetime, twice: datetime) -> QuerySet[Any]:
    """Those that `is_due` may say yes to: asked of what was sent, since each last update costs a look-up.

    `monday` began this week where the workspace is, `twice` is how long ago is too long for aggressive dates.
    """
    told_this_week = Exists(_updates().filter(sent_at__gte=monday))
    told_just_now = Exists(_updates().filter(sent_at__gte=twice))
    is_silent = ~Q(told_this_week) | Q(has_aggressive=True) & ~Q(told_just_now)
    return told_lately().filter(is_silent, kickoff_completed_at__lt=monday).order_by("name", "id")


def turns(workspace: Workspace, *, now: datetime) -> list[Turn]:
    """Every project with open milestones, those that are due first. One statement."""
    zone = ZoneInfo(workspace.time_zone)
    projects = told_lately().select_related("account").order_by("name", "id")
    found = [
        Turn(
            project,
            project.told_at,
            is_due(
                kicked_off=project.kickoff_completed_at.astimezone(zone),
                told_at=project.told_at.astimezone(zone) if project.told_at else None,
                is_aggressive=project.has_aggressive,
                now=now.astimezone(zone),
            ),
        )
        for project in projects
    ]
    return sorted(found, key=lambda turn: not turn.is_due)


def due(workspace: Workspace, *, now: datetime) -> list[Turn]:
    """Projects whose client is owed a status update this week."""
    return [turn for turn in turns(workspace, now=now) if turn.is_due]
