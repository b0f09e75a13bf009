"""The end of an engagement's control, and its return: a project is archived, or taken up again.

Its records stay as they are. Its client is asked nothing more and its jobs rest: nothing is due for an
archived project, and nothing about it changes until it is taken up again.
"""

from datetime import datetime
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones.models import DecisionRequest, Milestone, Project, Pulse
from milestones.words import RequestState
from tenancy.numbers import take_turn
from tenancy.refusal import Refused, Unmet
from tenancy.saving import change, locked

RESTS = {
    **dict.fromkeys(("needs_score", "needs_check", "needs_label", "needs_outlook"), False),
    **dict.fromkeys(("score_due_at", "check_due_at", "age_due_at", "label_due_at", "outlook_due_at")),
    "rests": True,
}


def archive(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Project:
    """Takes a project out of control.

    Raises:
        Refused: when it is archived already, or while the client is still asked something.
    """
    _hold_milestones(pk)
    project = locked(Project, pk, expected=expected)
    if project.archived_at:
        raise Refused("This project is archived already.", code="archived")
    _check_nothing_is_asked(pk)
    change(project, {"archived_at": now})
    Pulse.objects.filter(milestone__project=pk).update(**RESTS)
    record(project, "project.archived", by=by, at=now, thread_id=project.pk)
    return project


def _hold_milestones(project_id: UUID) -> None:
    """Whoever sends a question holds its milestone: nothing is asked while the project is being archived.

    Whoever moves dates holds the project's turn first, and then several milestones.
    """
    take_turn(f"dates {project_id}")
    rows = Milestone.objects.filter(project=project_id).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk"))


def _check_nothing_is_asked(project_id: UUID) -> None:
    asked = DecisionRequest.objects.filter(project=project_id, state=RequestState.PENDING)
    waiting = [
        Unmet("question_waits", f"Question #{request.number} “{request.question}” waits for an answer.")
        for request in asked.order_by("number")
    ]
    if waiting:
        raise Refused(
            "The client is still being asked: wait for the answer, or withdraw the question first.",
            code="questions_wait",
            unmet=waiting,
        )


def check_is_not_archived(project: Project) -> None:
    """Refuses what would change a project that is out of control, or tell its client something."""
    if project.archived_at:
        raise Refused("This project is archived. Take it up again first.", code="project_archived")


def at_work(milestone_id: UUID, *, expected: int | None = None) -> Milestone:
    """The milestone, locked for a change that somebody makes; refused where its project is archived.

    Raises:
        Stale: when somebody saved since version `expected`.
    """
    milestone = locked(Milestone, milestone_id, expected=expected)
    check_is_not_archived(milestone.project)
    return milestone


def unarchive(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Project:
    """Takes an archived project up again; everything about it is looked at anew."""
    project = locked(Project, pk, expected=expected)
    if project.archived_at is None:
        raise Refused("This project is not archived.", code="not_archived")
    change(project, {"archived_at": None})
    rested = Pulse.objects.filter(milestone__project=pk)
    rested.update(rests=False, changed_at=now)
    rested.filter(milestone__blocked_since__isnull=False).update(age_due_at=now)
    record(project, "project.unarchived", by=by, at=now, thread_id=project.pk)
    return project
