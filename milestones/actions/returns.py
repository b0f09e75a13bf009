"""The way back into execution: a reset with its cause, revisions, an output that changed after it was checked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from journal.actions import record
from journal.actors import Actor
from milestones.actions.reports import touch
from milestones.models import Milestone, QaRun
from milestones.stages import check_can_move
from milestones.words import ResetCause, Stage
from tenancy.saving import change, locked


def output_changed(milestone: Milestone, what: str, *, by: Actor, now: datetime) -> None:
    """Follows a change of what the client is to accept: a check that passed before it no longer counts.

    `milestone` is locked; `what` says what changed, such as “Dashboard, version 2”.
    """
    had_passed = milestone.qa_passed_at is not None
    change(milestone, {"output_changed_at": now})
    touch(milestone.pk, now=now)
    if milestone.stage == Stage.REVIEW or (milestone.stage == Stage.QA and had_passed):
        _reset(milestone, ResetCause.OUTPUT_CHANGED, f"The output changed: {what}", by=by, now=now)
    elif had_passed:
        _void_checks(milestone, f"The output changed: {what}", now=now)


def reset(
    pk: UUID, cause: ResetCause, reason: str, *, by: Actor, now: datetime, expected: int | None = None
) -> Milestone:
    """Sends a milestone back to execution; its QA pass and a pending question to the client are void."""
    milestone = locked(Milestone, pk, expected=expected)
    check_can_move(Stage(milestone.stage), Stage.EXECUTION)
    _reset(milestone, cause, reason, by=by, now=now)
    return milestone


def return_to_execution(milestone: Milestone, *, why: str, by: Actor, now: datetime) -> None:
    """Takes a locked milestone back to its work, as after “needs revisions”."""
    _back(milestone, "milestone.returned", {"why": why}, why, by=by, now=now)


def _reset(milestone: Milestone, cause: ResetCause, reason: str, *, by: Actor, now: datetime) -> None:
    Milestone.objects.filter(pk=milestone.pk).update(resets=F("resets") + 1)
    milestone.resets += 1
    _back(milestone, "milestone.reset", {"cause": cause, "reason": reason}, reason, by=by, now=now)


def _back(
    milestone: Milestone, kind: str, told: dict[str, Any], why: str, *, by: Actor, now: datetime
) -> None:
    before = Stage(milestone.stage)
    check_can_move(before, Stage.EXECUTION)
    _void_checks(milestone, why, now=now)
    change(milestone, {"stage": Stage.EXECUTION, "completed_at": None, "decide_by": None})
    touch(milestone.pk, now=now)
    record(milestone, kind, by=by, at=now, data={"from": before, **told}, thread_id=milestone.pk)


def _void_checks(milestone: Milestone, why: str, *, now: datetime) -> None:
    runs = QaRun.objects.filter(milestone=milestone, voided_at=None)
    runs.update(voided_at=now, void_reason=why[:300])
    change(milestone, {"qa_passed_at": None})
