"""Reads of questions to the client, answers, rounds and comments. Call them inside the workspace's door."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from journal.canonical import plain
from journal.models import Event
from milestones.asking import digest, is_absent
from milestones.models import (
    ArtifactVersion,
    Comment,
    Contact,
    Decision,
    DecisionRequest,
    Review,
    Reviewer,
)
from milestones.words import Outcome, RequestKind, RequestState, Stage

OPEN = (RequestState.DRAFT, RequestState.PENDING)


def requests() -> QuerySet[DecisionRequest]:
    return DecisionRequest.objects.order_by("-created_at", "-id")


def questions() -> QuerySet[DecisionRequest]:
    """Questions with everybody whom a page about one names."""
    return DecisionRequest.objects.select_related(
        "approver",
        "delegate",
        "project",
        "milestone__project__account",
        "milestone__review_owner__user",
        "milestone__owner_primary__user",
    )


def waiting() -> QuerySet[DecisionRequest]:
    """Questions that wait for an answer, the one due first on top."""
    return (
        DecisionRequest.objects.filter(state=RequestState.PENDING)
        .select_related("approver", "delegate", "milestone__project__account")
        .order_by("decide_by", "id")
    )


def drafts() -> QuerySet[DecisionRequest]:
    """Questions that were not sent yet, newest first."""
    return (
        DecisionRequest.objects.filter(state=RequestState.DRAFT)
        .select_related("approver", "delegate", "milestone__project__account")
        .order_by("-created_at", "-id")
    )


def answered() -> QuerySet[DecisionRequest]:
    """Questions with their answers, the latest answer on top."""
    return (
        DecisionRequest.objects.filter(state__in=(RequestState.DECIDED, RequestState.COUNTERMANDED))
        .select_related("approver", "delegate", "milestone__project__account")
        .prefetch_related("decisions")
        .order_by("-ended_at", "-id")
    )


def open_about(subject_id: UUID) -> DecisionRequest | None:
    """The question about a subject that is being written or waits for its answer."""
    return DecisionRequest.objects.filter(subject_id=subject_id, state__in=OPEN).first()


def decision_of(request: DecisionRequest) -> Decision | None:
    """The answer to a question, countermanded or not."""
    return Decision.objects.filter(request=request, countermands=None).first()


def entry_of(decision: Decision) -> Event | None:
    """Where a decision stands in the journal."""
    return Event.objects.filter(subject_id=decision.pk).order_by("seq").first()


def decisions_of(milestone_id: UUID) -> QuerySet[Decision]:
    """Every answer and countermand about a milestone, newest first."""
    return (
        Decision.objects.filter(request__milestone=milestone_id)
        .select_related("request", "contact")
        .order_by("-at", "-id")
    )


def pending_of_project(project_id: UUID) -> QuerySet[DecisionRequest]:
    """What a client is being asked about a project, the question due first on top."""
    return waiting().filter(project=project_id)


def on_record(project_id: UUID) -> QuerySet[Decision]:
    """The answers about a project that stand, newest first."""
    return (
        Decision.objects.filter(
            request__project=project_id, request__state=RequestState.DECIDED, countermands=None
        )
        .select_related("request__milestone", "contact")
        .order_by("-at", "-id")
    )


def reviews() -> QuerySet[Review]:
    return Review.objects.order_by("-created_at", "-id")


def reviews_of(milestone_id: UUID) -> QuerySet[Review]:
    """The rounds of a milestone, the newest first."""
    return (
        Review.objects.filter(milestone=milestone_id)
        .select_related("request__approver", "request__delegate")
        .prefetch_related("reviewers__contact")
        .order_by("-number")
    )


def reviewers() -> QuerySet[Reviewer]:
    """Whoever was asked for comments, with the round they were asked in."""
    return Reviewer.objects.select_related("contact", "review")


def open_round(milestone_id: UUID) -> Review | None:
    return Review.objects.filter(milestone=milestone_id, ended_at=None).select_related("request").first()


def is_to_be_closed() -> Q:
    """Whether a milestone's last round ended by a dependency or by scope: somebody has to close it."""
    rounds = Review.objects.filter(milestone=OuterRef("pk"))
    later = Review.objects.filter(milestone=OuterRef("milestone"), number__gt=OuterRef("number"))
    ended = rounds.filter(~Exists(later), outcome__in=(Outcome.BLOCKED, Outcome.SCOPE))
    return Q(Exists(ended), stage=Stage.REVIEW)


def comments_of(milestone_id: UUID) -> QuerySet[Comment]:
    return Comment.objects.filter(milestone=milestone_id).select_related("contact").order_by("-at", "-id")


def said_by(contact: Contact, request: DecisionRequest) -> QuerySet[Comment]:
    """What somebody wrote about a question, in the order they wrote it."""
    return Comment.objects.filter(request=request, contact=contact).order_by("at", "id")


def comments() -> QuerySet[Comment]:
    return Comment.objects.order_by("-at", "-id")


def is_away(contact: Contact, *, now: datetime) -> bool:
    return is_absent(contact.absent_from, contact.absent_until, zone=contact.time_zone, now=now)


def decides(request: DecisionRequest, *, now: datetime) -> Contact:
    """Who is asked now: the approver, or while they are away the delegate who was named."""
    approver: Contact = request.approver
    stand_in: Contact | None = request.delegate
    return stand_in if stand_in and is_away(approver, now=now) else approver


def shown(request: DecisionRequest) -> dict[str, Any]:
    """All that the question's page shows, as it stands now: what an answer is bound to."""
    milestone = request.milestone
    return plain(  # type: ignore[no-any-return]
        {
            "project": request.project.name,
            "milestone": {
                name: getattr(milestone, name)
                for name in ("code", "name", "output", "description", "planned_date", "forecast_date")
            },
            **{name: getattr(request, name) for name in ASKED},
            **(_reviewed(request) if request.kind == RequestKind.REVIEW else {}),
        }
    )


def is_outdated(request: DecisionRequest) -> bool:
    """Whether what was shown is not what is there any more."""
    return digest(shown(request)) != request.shown_digest


ASKED = ("kind", "ask", "question", "context", "caveats", "options", "recommended", "decide_by")
CRITERION = ("statement", "verification", "measure", "target", "is_met", "evidence")


def _reviewed(request: DecisionRequest) -> dict[str, Any]:
    """What a review shows besides: the work itself. Other questions do not fall when the work goes on."""
    review = Review.objects.get(pk=request.subject_id)
    return {
        "round": {"number": review.number, "counts": review.counts},
        "criteria": list(request.milestone.criteria.order_by("position").values(*CRITERION)),
        "artifacts": [_artifact(version) for version in outputs(request.milestone_id)],
    }


def outputs(milestone_id: UUID) -> Iterable[ArtifactVersion]:
    """The latest version of each thing that the client is to accept."""
    return (
        ArtifactVersion.objects.filter(
            artifact__milestone=milestone_id, artifact__removed_at=None, artifact__is_output=True
        )
        .select_related("artifact")
        .order_by("artifact__created_at", "artifact_id", "-number")
        .distinct("artifact__created_at", "artifact_id")
    )


def _artifact(version: ArtifactVersion) -> dict[str, Any]:
    return {
        "id": version.artifact_id,
        "version_id": version.pk,
        "title": version.artifact.title,
        "kind": version.artifact.kind,
        **{name: getattr(version, name) for name in ("number", "url", "file_name", "size", "sha256", "note")},
    }


def still_waits(request_id: UUID, _now: datetime) -> bool:
    """Whether a question is still to be answered: nobody is reminded of one that rests with its milestone."""
    waiting = DecisionRequest.objects.filter(pk=request_id, state=RequestState.PENDING)
    return waiting.filter(milestone__paused_at=None).exists()
