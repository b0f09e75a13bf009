"""The client's status update of this week: made of what was found and what the weekly review answered."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from escalation.weekly import letter, week_of
from journal.actors import Actor
from milestones.actions import weekly as actions
from milestones.models import Notice, Project
from milestones.queries.weekly import review_of
from milestones.weekly import monday_of
from tenancy.refusal import Refused

TITLE_LIMIT: Final = 200


def draft_update(project: Project, *, by: Actor, now: datetime) -> Notice:
    """Drafts the update of this week's saved answers; one that is not sent yet is kept as it is.

    Raises:
        Refused: while nothing was answered this week.
    """
    today = now.astimezone(ZoneInfo(project.workspace.time_zone)).date()
    review = review_of(project.pk, monday_of(today))
    if review is None:
        raise Refused("Save this week's answers first; the update is made of them.", code="no_review")
    title = f"{project.name}: where we are on {today.day} {today:%B}"[:TITLE_LIMIT]
    body = letter(week_of(project, now=now), review.answers)
    return actions.draft_update(review.pk, title=title, body=body, by=by, now=now)
