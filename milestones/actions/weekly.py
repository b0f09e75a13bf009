"""Keeping the answers of a weekly review, and making the client's status update of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.actions import record
from journal.actors import Actor
from milestones.actions import notices
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Milestone, Notice, Project, WeeklyReview
from milestones.weekly import checked, monday_of
from milestones.words import NoticeKind, NoticeState
from tenancy.numbers import take_turn
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked


def save_review(
    project: Project, answers: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> WeeklyReview:
    """Keeps this week's answers; saved again, they replace the earlier ones of the week.

    Raises:
        Refused: when an answer cannot be kept, or is about another project's milestone.
        Stale: when somebody saved since version `expected`.
    """
    check_is_not_archived(project)
    kept = checked(answers)
    _check_milestones(project, kept["risks"])
    take_turn(f"weekly review {project.pk}")
    week = monday_of(now.astimezone(ZoneInfo(project.workspace.time_zone)).date())
    known = WeeklyReview.objects.filter(project=project, week=week).first()
    if known is None:
        review = add(WeeklyReview(project=project, week=week, answers=kept, saved_at=now, by_name=by.name))
        moved = True
    else:
        review = locked(WeeklyReview, known.pk, expected=expected)
        moved = bool(change(review, {"answers": kept}))
        change(review, {"saved_at": now, "by_name": by.name}) if moved else None
    if moved:
        data = {"week": week, "verdict": kept["verdict"], "risks": len(kept["risks"])}
        record(review, "weekly_review.saved", by=by, at=now, data=data, thread_id=project.pk)
    return review


def _check_milestones(project: Project, risks: list[Mapping[str, Any]]) -> None:
    asked = {str(row.get("milestone_id", "")) for row in risks}
    known = {str(pk) for pk in Milestone.objects.filter(project=project).values_list("pk", flat=True)}
    if asked - known:
        sentence = "This milestone is not of this project."
        raise Refused(sentence, code="invalid", fields={"risks": [sentence]})


def draft_update(review_id: UUID, *, title: str, body: str, by: Actor, now: datetime) -> Notice:
    """The client's status update of a week, to be read over and sent; an unsent draft is kept as it is."""
    review = locked(WeeklyReview, review_id)
    check_is_not_archived(review.project)
    last: Notice | None = review.notice
    if last and last.state == NoticeState.DRAFT:
        return last
    earlier = Notice.objects.filter(kind=NoticeKind.STATUS_UPDATE, subject_id=review.pk).count()
    notice = notices.draft(
        NoticeKind.STATUS_UPDATE,
        project=review.project,
        subject=review,
        occurrence=str(earlier + 1),
        title=title,
        body=body,
        data={"week": review.week.isoformat()},
        by=by,
        now=now,
    )
    change(review, {"notice": notice})
    return notice
