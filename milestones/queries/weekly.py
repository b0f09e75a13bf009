"""Reads of weekly reviews: those that were held, and whose turn it is."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet, Subquery

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


def turns(workspace: Workspace, *, now: datetime) -> list[Turn]:
    """Every project with open milestones, those that are due first. One statement."""
    zone = ZoneInfo(workspace.time_zone)
    still = Milestone.objects.filter(project=OuterRef("pk")).exclude(stage=Stage.CLOSED)
    updates = Notice.objects.filter(project=OuterRef("pk"), kind=NoticeKind.STATUS_UPDATE, state__in=TOLD)
    projects = (
        Project.objects.filter(Exists(still), archived_at=None)
        .annotate(
            told_at=Subquery(updates.order_by("-sent_at").values("sent_at")[:1]),
            has_aggressive=Exists(still.filter(is_aggressive=True)),
        )
        .select_related("account")
        .order_by("name", "id")
    )
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
