"""Reads for pages: what is seen at once is read at once, so that statements do not grow with rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    F,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Concat, StrIndex, Upper
from django.db.models.lookups import GreaterThan

from milestones.models import (
    ChangeRequest,
    Contact,
    Criterion,
    Dependency,
    Milestone,
    ProgressUpdate,
    Project,
    QaRun,
    WorkItem,
)
from milestones.queries.notices import client_uninformed
from milestones.words import Stage

WORKED_ON = (Stage.EXECUTION, Stage.QA)
PEOPLE = ("owner_primary__user", "review_owner__user", "owner_client", "approver")


def open_milestones() -> QuerySet[Milestone]:
    return Milestone.objects.exclude(stage=Stage.CLOSED).filter(project__archived_at=None)


def name_of_thread() -> QuerySet[Any]:
    """The name of the milestone whose story `OuterRef("thread_id")` is."""
    named = Milestone.objects.filter(pk=OuterRef("thread_id"))
    return named.annotate(label=Concat("code", Value(" "), "name", output_field=TextField())).values("label")


def projects(**bounds: Any) -> QuerySet[Any]:
    """Projects at work, newest first, with what their milestones say together.

    `text` is part of their name or their client's; `created_at` and `pk` are of the last row shown before.
    """
    return _listed(Project.objects.filter(archived_at=None), **bounds)


def archived_projects(**bounds: Any) -> QuerySet[Any]:
    """The same of archived projects."""
    return _listed(Project.objects.filter(archived_at__isnull=False), **bounds)


def _listed(projects: QuerySet[Project], **bounds: Any) -> QuerySet[Any]:
    live = ~Q(milestones__stage=Stage.CLOSED)
    rows: QuerySet[Any] = projects.values(
        *("id", "name", "created_at", "kickoff_completed_at", "archived_at"),
        account_name=F("account__name"),
        milestone_count=Count("milestones"),
        accepted_count=Count("milestones", filter=Q(milestones__accepted_at__isnull=False)),
        next_date=Min("milestones__forecast_date", filter=live),
        worst_risk=Max("milestones__delivery_risk_score", filter=live),
        least_likely=Min("milestones__on_time_probability", filter=Q(milestones__stage__in=WORKED_ON)),
        blocked_count=Count("milestones", filter=live & Q(milestones__blocked_since__isnull=False)),
    ).order_by("-created_at", "-id")
    if "text" in bounds:
        part = Upper(Value(bounds["text"]))
        named = Q(GreaterThan(StrIndex(Upper("name"), part), 0))
        rows = rows.filter(named | Q(GreaterThan(StrIndex(Upper("account__name"), part), 0)))
    if "pk" in bounds:
        created_at, pk = bounds["created_at"], bounds["pk"]
        rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    return rows


def plan(project_id: UUID) -> QuerySet[Milestone]:
    """A project's milestones by phase and code, with people and what each waits for."""
    needs = Prefetch("predecessors", Dependency.objects.select_related("needs").order_by("needs__code"))
    return (
        Milestone.objects.filter(project=project_id)
        .annotate(client_uninformed=client_uninformed())
        .select_related("phase", "owner_primary__user", "owner_client")
        .prefetch_related(needs)
        .order_by(F("phase__position").asc(nulls_last=True), "planned_date", "code", "id")
    )


def beside(milestone: Milestone) -> QuerySet[Milestone]:
    """The other milestones of a project, in the order of its plan."""
    others = Milestone.objects.filter(project=milestone.project_id).exclude(pk=milestone.pk)
    return others.order_by(F("phase__position").asc(nulls_last=True), "planned_date", "code", "id")


def contacts_of(account_id: UUID) -> QuerySet[Contact]:
    return Contact.objects.filter(account=account_id).order_by("name", "id")


def milestone(pk: UUID) -> Milestone:
    """One milestone with its people and its project.

    Raises:
        Milestone.DoesNotExist: when it is not in this workspace.
    """
    return Milestone.objects.select_related("project__account", "phase", *PEOPLE).get(pk=pk)


def criteria(milestone_id: UUID) -> QuerySet[Criterion]:
    return Criterion.objects.filter(milestone=milestone_id).order_by("position")


def needs(milestone_id: UUID) -> QuerySet[Dependency]:
    return Dependency.objects.filter(milestone=milestone_id).select_related("needs").order_by("needs__code")


def progress(milestone_id: UUID) -> QuerySet[ProgressUpdate]:
    return ProgressUpdate.objects.filter(milestone=milestone_id).order_by("-at", "-id")


def qa_runs(milestone_id: UUID) -> QuerySet[QaRun]:
    return QaRun.objects.filter(milestone=milestone_id).order_by("-at", "-id")


def work_items(milestone_id: UUID) -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(milestone=milestone_id, removed_at=None).order_by("-version_at", "-id")


def change_queue(*, state: str = "", after: tuple[datetime, UUID] | None = None) -> QuerySet[ChangeRequest]:
    """Asks outside the agreed scope, newest first."""
    rows = ChangeRequest.objects.select_related("milestone__project__account").order_by("-asked_at", "-id")
    if state:
        rows = rows.filter(state=state)
    if after:
        asked_at, pk = after
        rows = rows.filter(Q(asked_at__lt=asked_at) | Q(asked_at=asked_at, pk__lt=pk))
    return rows


def places(*, limit: int = 200) -> tuple[list[Project], list[Milestone]]:
    """Where one may jump to: the newest projects, and open milestones by date."""
    found = Project.objects.filter(archived_at=None).select_related("account").order_by("-created_at", "-id")
    stones = open_milestones().select_related("project").order_by("forecast_date", "id")
    return list(found[:limit]), list(stones[:limit])


def next_code(project_id: UUID) -> str:
    """A free code for one more milestone: the next number in the first group, such as 1.4."""
    known = set(Milestone.objects.filter(project=project_id).values_list("code", flat=True))
    number = len(known) + 1
    while f"1.{number}" in known:
        number += 1
    return f"1.{number}"
