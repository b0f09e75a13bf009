"""Keeping the clarity score of a milestone: computed anew whenever its definition changes."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from milestones.clarity import CriterionDraft, Draft, checks, score
from milestones.models import Milestone, Project
from milestones.pace import Pace, pace


def assess(milestone: Milestone) -> None:
    """Stores the score. It follows from the record, so the record's version stays."""
    found = score(checks(draft_of(milestone)))
    if found != milestone.clarity_score:
        milestone.clarity_score = found
        Milestone.objects.filter(pk=milestone.pk).update(clarity_score=found)


def draft_of(milestone: Milestone) -> Draft:
    """The definition as the checks read it."""
    rows = milestone.criteria.order_by("position")
    zone = ZoneInfo(milestone.workspace.time_zone)
    return Draft(
        output=milestone.output,
        description=milestone.description,
        criteria=drafts(rows.values_list("statement", "verification", "measure", "target")),
        has_owner=milestone.owner_primary_id is not None,
        has_client_owner=milestone.owner_client_id is not None,
        has_approver=milestone.approver_id is not None,
        has_channel=bool(milestone.approval_channel),
        start=milestone.planned_start or milestone.created_at.astimezone(zone).date(),
        planned_date=milestone.planned_date,
        dependency_risks=milestone.dependency_risks,
        invoice_trigger=milestone.invoice_trigger,
        next_stage_trigger=milestone.next_stage_trigger,
        pace=pace_of(milestone.project),
    )


def drafts(rows: Iterable[tuple[str, str, str, str]]) -> tuple[CriterionDraft, ...]:
    return tuple(CriterionDraft(*row) for row in rows)


def pace_of(project: Project) -> Pace:
    """How fast a project's plan goes, from its kickoff on."""
    planned = project.milestones.exclude(planned_date=None).values_list("planned_date", flat=True)
    return pace(list(planned), start=project.kickoff_completed_at.date())
