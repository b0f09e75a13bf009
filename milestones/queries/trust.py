"""Reads of the trust clock. What the client could see is `milestones.trust.VISIBLE`."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Least

from milestones.models import DecisionRequest, Milestone, Notice, Project
from milestones.trust import BY_DAY, DAYS, TrustClock, clock
from milestones.words import NoticeKind, NoticeState

TOLD = (NoticeState.SENT, NoticeState.DELIVERED)
PROGRESS = (NoticeKind.STATUS_UPDATE, NoticeKind.COMPLETION)


def with_progress(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Projects with `progress_at`, when the client could first see any, and `first_accepted_at`."""
    plan = Milestone.objects.filter(project=OuterRef("pk"))
    asked = DecisionRequest.objects.filter(project=OuterRef("pk"))
    told = Notice.objects.filter(project=OuterRef("pk"), kind__in=PROGRESS, state__in=TOLD)
    return projects.annotate(
        progress_at=Least(
            _first(plan, "execution_started_at"), _first(asked, "sent_at"), _first(told, "sent_at")
        ),
        first_accepted_at=_first(plan, "accepted_at"),
    )


def _first(rows: QuerySet[Any], name: str) -> Subquery:
    return Subquery(rows.order_by().values("project").annotate(first=Min(name)).values("first"))


def clock_of(project: Project | Any, *, zone: ZoneInfo, now: datetime) -> TrustClock:
    """The clock of a project that `with_progress` read."""

    def day(at: datetime | None) -> date | None:
        return at.astimezone(zone).date() if at else None

    return clock(
        project.kickoff_completed_at.astimezone(zone).date(),
        now.astimezone(zone).date(),
        progress_on=day(project.progress_at),
        accepted_on=day(project.first_accepted_at),
    )


def silent_since_kickoff(*, latest: datetime, earliest: datetime) -> QuerySet[Any]:
    """Projects in their first 14 days whose client saw nothing for half of them, the oldest kickoff first.

    `between` says which kickoffs these are.
    """
    young = Q(kickoff_completed_at__lt=latest, kickoff_completed_at__gte=earliest, archived_at=None)
    rows: QuerySet[Any] = (
        with_progress(Project.objects.filter(young))
        .filter(progress_at=None)
        .order_by("kickoff_completed_at", "id")
        .values("id", "name", "kickoff_completed_at", account_name=F("account__name"))
    )
    return rows


def between(today: date, *, zone: ZoneInfo) -> dict[str, datetime]:
    """The kickoffs that are on day 7 to 14 on a day."""

    def begins(days_ago: int) -> datetime:
        return datetime.combine(today - timedelta(days=days_ago), time.min, zone)

    return {"latest": begins(BY_DAY - 2), "earliest": begins(DAYS - 1)}
