"""Reads of the trust clock. What the client could see is `milestones.trust.VISIBLE`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject, Least
from django.utils.dateparse import parse_datetime

from milestones.models import DecisionRequest, Milestone, Notice, Project
from milestones.trust import BY_DAY, DAYS, TrustClock, clock
from milestones.words import NoticeKind, NoticeState

TOLD = (NoticeState.SENT, NoticeState.DELIVERED)
SHOWN = 20
PROGRESS = (NoticeKind.STATUS_UPDATE, NoticeKind.COMPLETION)


def with_progress(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Projects with `progress_at`, when the client could first see any, and `first_accepted_at`."""
    seen = [_first(rows, name) for rows, name in _progress()]
    return projects.annotate(progress_at=Least(*seen), first_accepted_at=_first(_plan(), "accepted_at"))


def _progress() -> list[tuple[QuerySet[Any], str]]:
    """What a client can see of the outer project, each with when they first could."""
    asked = DecisionRequest.objects.filter(project=OuterRef("pk"))
    told = Notice.objects.filter(project=OuterRef("pk"), kind__in=PROGRESS, state__in=TOLD)
    return [(_plan(), "execution_started_at"), (asked, "sent_at"), (told, "sent_at")]


def _plan() -> QuerySet[Milestone]:
    return Milestone.objects.filter(project=OuterRef("pk"), imported_at=None)  # history was seen elsewhere


def _first(rows: QuerySet[Any], name: str) -> Subquery:
    return Subquery(rows.order_by().values("project").annotate(first=Min(name)).values("first"))


def clock_of(project: Any, *, zone: ZoneInfo, now: datetime) -> TrustClock:
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
    """Young projects whose client saw nothing yet, the oldest kickoff first; `between` says how young.

    A little more than those that are due: which day it is, `silent_clock` knows.
    """
    young = Q(kickoff_completed_at__lt=latest, kickoff_completed_at__gte=earliest, archived_at=None)
    told = JSONObject(id="id", name="name", account_name="account__name", kickoff_at="kickoff_completed_at")
    seen = [Exists(rows.exclude(**{name: None})) for rows, name in _progress()]
    silent: QuerySet[Any] = Project.objects.filter(young).exclude(reduce(or_, seen))
    return silent.order_by("kickoff_completed_at", "id").values(told=told)[:SHOWN]


def between(now: datetime) -> dict[str, datetime]:
    """The kickoffs that are on day 7 to 14 in any zone."""
    return {"latest": now - timedelta(days=BY_DAY - 2), "earliest": now - timedelta(days=DAYS)}


def silent_clock(row: Mapping[str, Any], *, zone: ZoneInfo, today: date) -> TrustClock:
    """The clock of a project that `silent_since_kickoff` found."""
    kickoff = parse_datetime(row["kickoff_at"])
    if kickoff is None:
        raise ValueError("A project has its kickoff.")
    return clock(kickoff.astimezone(zone).date(), today, progress_on=None, accepted_on=None)
