"""Reads of proof packets: drafts, versions, and what is to finish. Call them inside the workspace's door."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from milestones.models import Decision
from milestones.words import Outcome, RequestKind, RequestState, Stage
from proofs.models import ProofPacket, Rendering
from proofs.words import PacketState
from workspaces.models import Link, Purpose

# A draft that somebody can still finish: its milestone is asked about, accepted, or was closed as approved.
FINISHABLE = Q(milestone__stage__in=[Stage.REVIEW, Stage.CLOSEOUT]) | Q(milestone__outcome=Outcome.APPROVED)


def packets() -> QuerySet[ProofPacket]:
    return ProofPacket.objects.all()


def versions_of(milestone_id: UUID) -> QuerySet[ProofPacket]:
    """Every version, the draft of the next one too, newest first."""
    return ProofPacket.objects.filter(milestone=milestone_id).order_by("-number")


def published(milestone_id: UUID) -> QuerySet[ProofPacket]:
    """The published versions, newest first."""
    return versions_of(milestone_id).filter(state=PacketState.PUBLISHED)


def draft_of(milestone_id: UUID) -> ProofPacket | None:
    return versions_of(milestone_id).filter(state=PacketState.DRAFT).first()


def acceptance_of(milestone_id: UUID) -> Decision | None:
    """The decision that accepted the milestone and stands."""
    return (
        Decision.objects.filter(
            request__milestone=milestone_id,
            request__kind=RequestKind.REVIEW,
            request__state=RequestState.DECIDED,
            option=Outcome.APPROVED,
            countermands=None,
        )
        .order_by("-at", "-id")
        .first()
    )


def to_finish() -> QuerySet[ProofPacket]:
    """Drafts that wait to be published, the clock that ends first on top."""
    return (
        ProofPacket.objects.filter(FINISHABLE, state=PacketState.DRAFT, milestone__project__archived_at=None)
        .select_related("milestone__project__account")
        .order_by(F("clock_ends_at").asc(nulls_last=True), "created_at", "id")
    )


def clocks() -> QuerySet[ProofPacket]:
    """Drafts whose same-day clock runs, or has run out."""
    return to_finish().filter(clock_ends_at__isnull=False)


def being_made() -> QuerySet[Rendering]:
    """Files of published packets that are not there yet, those that could not be made first."""
    return (
        Rendering.objects.filter(done_at=None)
        .select_related(
            "proof__milestone__project__account",
            "handoff__milestone__project__account",
        )
        .order_by(F("parked_at").asc(nulls_last=True), "created_at", "id")
    )


def latest_published(*, after: tuple[datetime, UUID] | None = None) -> QuerySet[Any]:
    """The latest version of each published packet, newest first, with what became of it.

    `versions` counts them, `kept_day` is whether the one with a clock kept its day, `seen_at` when its
    address was last opened.
    """
    later = ProofPacket.objects.filter(
        milestone=OuterRef("milestone"), state=PacketState.PUBLISHED, number__gt=OuterRef("number")
    )
    rows = (
        ProofPacket.objects.filter(~Exists(later), state=PacketState.PUBLISHED)
        .select_related("milestone__project__account")
        .annotate(versions=_versions(), kept_day=_kept_day(), seen_at=_seen_at())
        .order_by("-published_at", "-id")
    )
    if after is None:
        return rows
    at, pk = after
    return rows.filter(Q(published_at__lt=at) | Q(published_at=at, id__lt=pk))


def _versions() -> Any:
    found = ProofPacket.objects.filter(milestone=OuterRef("milestone"), state=PacketState.PUBLISHED)
    count = found.order_by().values("milestone").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(count, output_field=IntegerField()), 0)


def _kept_day() -> Subquery:
    timed = ProofPacket.objects.filter(milestone=OuterRef("milestone"), same_day__isnull=False)
    return Subquery(timed.order_by("-number").values("same_day")[:1], output_field=BooleanField(null=True))


def _seen_at() -> Subquery:
    links = Link.objects.filter(purpose=Purpose.PROOF, subject_id=OuterRef("milestone_id"))
    return Subquery(
        links.order_by("-created_at", "-id").values("last_seen_at")[:1],
        output_field=DateTimeField(null=True),
    )
