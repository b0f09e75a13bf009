"""Reads of notices. Call them inside the workspace's door."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Func, JSONField, OuterRef, Q, QuerySet

from milestones.models import Milestone, Notice
from milestones.words import NoticeState

NOT_INFORMED = Q(state=NoticeState.BOUNCED, told_otherwise_at=None)


def notices(*, state: str = "", after: tuple[datetime, UUID] | None = None) -> QuerySet[Notice]:
    """All notices, newest first; `bounced` are only those whose client still does not know."""
    rows = Notice.objects.select_related("project", "milestone", "recipient").order_by("-created_at", "-id")
    if state:
        rows = rows.filter(NOT_INFORMED if state == NoticeState.BOUNCED else Q(state=state))
    if after:
        created_at, pk = after
        rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    return rows


def notices_of_project(project_id: UUID) -> QuerySet[Notice]:
    return notices().filter(project=project_id)


def notices_of_milestone(milestone: Milestone) -> QuerySet[Notice]:
    told = Q(milestone=milestone) | Q(data__milestones__contains=str(milestone.pk))
    return notices_of_project(milestone.project_id).filter(told)


def uninformed() -> QuerySet[Notice]:
    """What clients still do not know, the oldest first."""
    rows = Notice.objects.filter(NOT_INFORMED, project__archived_at=None)
    return rows.order_by("created_at", "id")


def client_uninformed() -> Exists:
    """Whether the client of the outer milestone waits to be told something."""
    return Exists(untold())


def untold() -> QuerySet[Notice]:
    """What the client of the outer milestone does not know; one notice may tell of several milestones."""
    one_of = Func(OuterRef("pk"), function="to_jsonb", output_field=JSONField())
    told = Q(milestone=OuterRef("pk")) | Q(data__milestones__contains=one_of)
    return Notice.objects.filter(NOT_INFORMED, told, project=OuterRef("project_id"))
