"""Reads for lists of the API. Rows are served from their own columns; only the record joins anything."""

from uuid import UUID

from django.db.models import QuerySet

from milestones.models import (
    Account,
    ChangeRequest,
    Contact,
    Criterion,
    Dependency,
    Milestone,
    Phase,
    ProgressUpdate,
    Project,
    QaRun,
    WorkItem,
)


def accounts() -> QuerySet[Account]:
    return Account.objects.all()


def contacts() -> QuerySet[Contact]:
    return Contact.objects.all()


def projects() -> QuerySet[Project]:
    return Project.objects.all()


def phases() -> QuerySet[Phase]:
    return Phase.objects.all()


def milestones() -> QuerySet[Milestone]:
    return Milestone.objects.all()


def criteria() -> QuerySet[Criterion]:
    return Criterion.objects.all()


def dependencies() -> QuerySet[Dependency]:
    return Dependency.objects.all()


def change_requests() -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.all()


def progress_of(milestone_id: UUID) -> QuerySet[ProgressUpdate]:
    return ProgressUpdate.objects.filter(milestone_id=milestone_id)


def qa_runs_of(milestone_id: UUID) -> QuerySet[QaRun]:
    return QaRun.objects.filter(milestone_id=milestone_id)


def work_items() -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(removed_at=None)


def work_items_of(milestone_id: UUID) -> QuerySet[WorkItem]:
    return work_items().filter(milestone_id=milestone_id)


def change_requests_of(milestone_id: UUID) -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.filter(milestone_id=milestone_id)


def with_what_a_record_says() -> QuerySet[Milestone]:
    """Milestones with all that `record.serve` reads: two statements for any number of rows."""
    people = ("owner_primary__user", "review_owner__user", "owner_client", "approver")
    return Milestone.objects.select_related("workspace", "project", *people).prefetch_related("criteria")
