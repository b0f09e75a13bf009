"""Reads of what clients were asked about their confidence, and what they said. Call them inside the door."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from milestones.models import Decision, Project
from milestones.words import RequestState
from proofs import confidence as rules
from proofs.models import Confidence
from proofs.words import AskedAbout
from tenancy.refusal import Refused


def why_closed(asked: Confidence, *, now: datetime) -> Refused | None:
    """Why a question about confidence takes no answer; None while it does."""
    if asked.milestone.project.archived_at:
        return Refused("This project is archived; nothing is asked here any more.", code="project_archived")
    if asked.answered_at:
        if now - asked.answered_at < rules.CHANGEABLE_FOR:
            return None
        return Refused("You answered this; after a week an answer stays as it is.", code="answered")
    if not _stands(asked):
        return Refused("What this was about was taken back, so nothing is asked any more.", code="taken_back")
    return None


def _stands(asked: Confidence) -> bool:
    """Whether the decision was not countermanded, or the milestone of the packet is still accepted."""
    if asked.about == AskedAbout.PACKET:
        return asked.milestone.accepted_at is not None
    return Decision.objects.filter(pk=asked.subject_id, request__state=RequestState.DECIDED).exists()


def confidences() -> QuerySet[Confidence]:
    return Confidence.objects.order_by("-asked_at", "-id")


def with_subject() -> QuerySet[Confidence]:
    """With whom was asked, and about which milestone."""
    return Confidence.objects.select_related("milestone__project", "contact")


def asked_of(contact_id: UUID, subject_id: UUID) -> Confidence | None:
    """What this contact was asked about a decision or packet."""
    return with_subject().filter(contact=contact_id, subject_id=subject_id).first()


def asked_about_milestone(milestone_id: UUID) -> list[Confidence]:
    """Everything a milestone's people were asked, answered or not, newest first."""
    rows = Confidence.objects.filter(milestone=milestone_id).select_related("contact")
    return list(rows.order_by("-asked_at", "-id"))


def with_answers(rows: QuerySet[Project]) -> QuerySet[Project]:
    """Projects with everything that was answered about their milestones, in the same statement."""
    given = Confidence.objects.filter(milestone__project=OuterRef("pk"), answered_at__isnull=False)
    told = given.order_by().values(told=JSONObject(at="answered_at", score="score"))
    return rows.annotate(confidences=ArraySubquery(told))


def told_of(project: Project, *, now: datetime) -> rules.Told:
    """The confidence score of a project read `with_answers`, with its n and trend."""
    answers: list[dict[str, Any]] = project.confidences  # type: ignore[attr-defined]
    given = [rules.Given(datetime.fromisoformat(each["at"]), each["score"]) for each in answers]
    return rules.told(given, now=now)
