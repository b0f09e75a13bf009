"""Reads of opportunities, and of what delivered packets led to. Call them inside the workspace's door."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from milestones.models import Milestone, Project
from proofs.expansion import OPEN, DeliveredProof
from proofs.models import Opportunity, ProofPacket

DUE_FIRST = F("next_step_on").asc(nulls_last=True)


def opportunities() -> QuerySet[Opportunity]:
    return Opportunity.objects.order_by("-created_at", "-id")


def with_names(rows: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """With everything that a row of the list names."""
    return rows.select_related("account", "project", "owner__user", "packet__milestone")


def listed(*, stage: str, after: tuple[datetime, UUID] | None = None) -> QuerySet[Opportunity]:
    """Opportunities at one stage, newest first; of `all`, every one."""
    rows = with_names(opportunities())
    if stage != "all":
        rows = rows.filter(stage=stage)
    if after:
        created_at, pk = after
        rows = rows.filter(Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk))
    return rows


def open_ones() -> QuerySet[Opportunity]:
    """What has not ended, the next step that is due first on top."""
    return with_names(Opportunity.objects.filter(ended_at=None)).order_by(DUE_FIRST, "created_at", "id")


def totals() -> list[Any]:
    """How many opportunities each stage holds and what they are worth, by currency."""
    rows = Opportunity.objects.order_by().values("stage", "currency")
    return list(rows.annotate(n=Count("pk"), value=Sum("value")).order_by("stage", "currency"))


def projects_to_note() -> QuerySet[Project]:
    """Where an opportunity can be noted by hand."""
    return (
        Project.objects.filter(archived_at=None).select_related("account").order_by("account__name", "name")
    )


def of_milestone(milestone: Milestone) -> Opportunity | None:
    """What a milestone's packet started."""
    rows = Opportunity.objects.filter(packet__milestone=milestone)
    return rows.select_related("owner__user").first()


def due(today: date) -> QuerySet[Opportunity]:
    """Opportunities whose next step is due, the oldest first."""
    rows = Opportunity.objects.filter(
        stage__in=OPEN, ended_at=None, next_step_on__lte=today, project__archived_at=None
    )
    return rows.order_by("next_step_on", "id")


def delivered_proofs() -> list[DeliveredProof]:
    """Each milestone whose packet was delivered, the earliest first, with its opportunity's conversation."""
    rows = (
        ProofPacket.objects.filter(delivered_at__isnull=False)
        .order_by()
        .values("milestone")
        .annotate(
            first=Min("delivered_at"),
            conversation=Min("milestone__proof_packets__opportunities__conversation_at"),
        )
        .order_by("first", "milestone")
    )
    return [DeliveredProof(row["first"], row["conversation"]) for row in rows]
