"""Keeping the clarity score of a milestone: computed anew whenever its definition changes."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject

from milestones.clarity import CriterionDraft, Draft, checks, score
from milestones.models import Criterion, Milestone
from milestones.pace import pace

CRITERIA = ("statement", "verification", "measure", "target")


def assess(milestone: Milestone) -> None:
    """Stores the score. It follows from the record, so the record's version stays."""
    found = score(checks(draft_of(milestone)))
    if found != milestone.clarity_score:
        milestone.clarity_score = found
        Milestone.objects.filter(pk=milestone.pk).update(clarity_score=found)


def of_new(milestone: Milestone, others: Iterable[date | None]) -> int:
    """The score of a milestone that is about to be added beside `others`, without criteria yet."""
    planned = [day for day in (*others, milestone.planned_date) if day]
    return score(checks(_draft(milestone, [], planned, milestone.project.kickoff_completed_at)))


def draft_of(milestone: Milestone) -> Draft:
    """The definition as the checks read it, in one statement."""
    criteria = Criterion.objects.filter(milestone=OuterRef("pk")).order_by("position")
    dated = Milestone.objects.filter(project=OuterRef("project")).exclude(planned_date=None)
    row = Milestone.objects.filter(pk=milestone.pk).values_list(
        ArraySubquery(criteria.values(of=JSONObject(**{name: name for name in CRITERIA}))),
        ArraySubquery(dated.order_by().values("planned_date")),
        F("project__kickoff_completed_at"),
    )
    return _draft(milestone, *row.get())


def _draft(
    milestone: Milestone, criteria: Iterable[Mapping[str, Any]], planned: list[date], kickoff: datetime
) -> Draft:
    return Draft(
        output=milestone.output,
        description=milestone.description,
        criteria=tuple(CriterionDraft(**each) for each in criteria),
        has_owner=milestone.owner_primary_id is not None,
        has_client_owner=milestone.owner_client_id is not None,
        has_approver=milestone.approver_id is not None,
        has_channel=bool(milestone.approval_channel),
        start=milestone.planned_start or milestone.created_at.date(),
        planned_date=milestone.planned_date,
        dependency_risks=milestone.dependency_risks,
        invoice_trigger=milestone.invoice_trigger,
        next_stage_trigger=milestone.next_stage_trigger,
        pace=pace(planned, start=kickoff.date()),
    )
