"""Reads of checklists, and what the record itself says of the items of an evidence review."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Max, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from milestones.models import Checklist, Contact, Milestone, Project
from milestones.words import Authority, ChecklistKind, Outcome, Stage
from milestones.worksheets import Finding

CADENCE = timedelta(days=7)
ANSWERS_FOR = (Authority.DECISION_MAKER, Authority.CREDENTIAL_OWNER, Authority.INPUT_PROVIDER)
NAMED = 5
SHOWN = 50


def checklists() -> QuerySet[Checklist]:
    return Checklist.objects.order_by("-created_at", "-id")


def checklists_of(project_id: UUID) -> QuerySet[Checklist]:
    """A project's checklists, the latest of each kind first."""
    return checklists().filter(project=project_id)


def with_checklists(projects: QuerySet[Project]) -> QuerySet[Project]:
    """Projects with `sheets`: what their checklists say, the latest first, without a statement of its own."""
    told = JSONObject(
        kind="kind", answers="answers", filled_at="filled_at", by_name="by_name", sent_back="sent_back"
    )
    rows = checklists().filter(project=OuterRef("pk")).values(told=told)
    return projects.annotate(sheets=ArraySubquery(rows[:SHOWN]))


def latest(project_id: UUID, kind: ChecklistKind) -> Checklist | None:
    return checklists_of(project_id).filter(kind=kind).first()


def findings(project: Project, kind: ChecklistKind, *, now: datetime) -> Mapping[str, Finding]:
    """What the record says of a checklist's items; empty where only people can know."""
    if kind != ChecklistKind.EVIDENCE_REVIEW:
        return {}
    plan = list(_looked_at(project.pk))
    return {
        "acceptance_criteria": _criteria(plan),
        "escalation_routing": _routing(project.account_id),
        "qa_cadence": _cadence(plan, now=now),
        "handoff_completeness": _handoff(plan),
    }


def _looked_at(project_id: UUID) -> QuerySet[Any]:
    checkable = Q(criteria__isnull=False) & ~Q(criteria__verification="")
    return (
        Milestone.objects.filter(project=project_id)
        .annotate(
            checkable=Count("criteria", filter=checkable, distinct=True),
            checked_at=Max("qa_runs__at", filter=Q(qa_runs__voided_at=None)),
        )
        .order_by("code", "id")
        .only("code", "stage", "outcome", "execution_started_at", "proof_packet_url", "handoff_packet_link")
    )


def _criteria(plan: Iterable[Any]) -> Finding:
    asked = [stone for stone in plan if stone.outcome in ("", Outcome.APPROVED)]
    return _share(asked, lambda stone: stone.checkable, "have a criterion that says how it is checked")


def _cadence(plan: Iterable[Any], *, now: datetime) -> Finding:
    since = now - CADENCE
    at_work = [
        stone
        for stone in plan
        if stone.stage in (Stage.EXECUTION, Stage.QA) and stone.execution_started_at <= since
    ]
    return _share(
        at_work,
        lambda stone: stone.checked_at and stone.checked_at >= since,
        "at work for a week had a QA run in the last 7 days",
    )


def _handoff(plan: Iterable[Any]) -> Finding:
    closed = [stone for stone in plan if stone.outcome == Outcome.APPROVED]
    return _share(
        closed,
        lambda stone: stone.proof_packet_url and stone.handoff_packet_link,
        "closed as approved have both packets",
    )


def _share(rows: list[Any], holds: Any, what: str) -> Finding:
    missing = [row.code for row in rows if not holds(row)]
    if not rows:
        return Finding(ok=True, fact="Nothing to look at yet.")
    named = f"; not {', '.join(missing[:NAMED])}{' and others' if len(missing) > NAMED else ''}"
    fact = f"{len(rows) - len(missing)} of {len(rows)} milestones {what}{named if missing else ''}."
    return Finding(ok=not missing, fact=fact)


def _routing(account_id: UUID) -> Finding:
    people = Contact.objects.filter(account=account_id).values_list("authorities", flat=True)
    held = {authority for authorities in people for authority in authorities}
    missing = [str(name.label).lower() for name in ANSWERS_FOR if name not in held]
    if missing:
        return Finding(ok=False, fact=f"No contact is {' or '.join(missing)}.")
    return Finding(ok=True, fact="A contact decides, one gives access, one provides input.")
