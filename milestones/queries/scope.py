"""Reads of change requests and of what the client is asked about them. Call them inside the door."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from milestones.models import ChangeRequest, DecisionRequest
from milestones.words import RequestState


def with_question(rows: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    """Requests with the question to the client that waits, and since when."""
    waits = DecisionRequest.objects.filter(subject_id=OuterRef("pk"), state=RequestState.PENDING)
    return rows.annotate(
        question_id=Subquery(waits.values("pk")[:1]), waits_since=Subquery(waits.values("sent_at")[:1])
    )


def requests_of(milestone_id: UUID) -> QuerySet[ChangeRequest]:
    """A milestone's requests with the client's decision, newest first."""
    rows = ChangeRequest.objects.filter(milestone=milestone_id).select_related("decision")
    return rows.order_by("-asked_at", "-id")


def waiting_about(subjects: Iterable[UUID]) -> dict[UUID, DecisionRequest]:
    """The question that waits about each subject."""
    rows = DecisionRequest.objects.filter(subject_id__in=list(subjects), state=RequestState.PENDING)
    return {row.subject_id: row for row in rows.select_related("approver", "delegate")}


def queued_from(sources: Iterable[UUID]) -> set[UUID]:
    """Which of these rows have become a change request."""
    rows = ChangeRequest.objects.filter(source_id__in=list(sources))
    return {source for source in rows.values_list("source_id", flat=True) if source}
