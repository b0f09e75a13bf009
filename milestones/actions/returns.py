"""The way back into execution: a reset with its cause, revisions, an output that changed since its check."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from journal.actions import record
from journal.actors import Actor
from milestones.actions import labels, reviews
from milestones.actions.engagements import at_work
from milestones.actions.reports import touch
from milestones.models import Milestone, QaRun
from milestones.stages import check_can_move
from milestones.words import Outcome, ResetCause, Stage
from tenancy.refusal import Refused
from tenancy.saving import change

# How a round ends whose milestone is reset: the client's answer would be to something else.
ROUND_ENDS = {
    ResetCause.OUTPUT_CHANGED: Outcome.NEEDS_REVISIONS,
    ResetCause.REWORK: Outcome.NEEDS_REVISIONS,
    ResetCause.DEPENDENCY_MISSING: Outcome.BLOCKED,
}


def output_changed(milestone: Milestone, what: str, *, by: Actor, now: datetime) -> None:
    """Follows a change of what the client is to accept: a check that passed before it no longer counts.

    `milestone` is locked; `what` says what changed, such as “Dashboard, version 2”.
    """
    had_passed = milestone.qa_passed_at is not None
    change(milestone, {"output_changed_at": now})
    touch(milestone.pk, now=now)
    why = f"The output changed: {what}"
    if milestone.stage == Stage.REVIEW or (milestone.stage == Stage.QA and had_passed):
        _reset(milestone, ResetCause.OUTPUT_CHANGED, why, by=by, now=now)
    else:
        _void_checks(milestone, why, now=now)


def reset(
    pk: UUID, cause: ResetCause, reason: str, *, by: Actor, now: datetime, expected: int | None = None
) -> Milestone:
    """Sends a milestone back to execution; its QA pass and a pending question to the client are void.

    Raises:
        Refused: when it is not in QA or review, or nobody says why.
    """
    milestone = at_work(pk, expected=expected)
    _check_may_return(milestone)
    _check_says_why(reason)
    _reset(milestone, cause, reason, by=by, now=now)
    return milestone


def return_to_execution(milestone: Milestone, *, why: str, by: Actor, now: datetime) -> None:
    """Takes a locked milestone back to its work, as after “needs revisions”.

    Raises:
        Refused: when it is not in QA or review, or nobody says why.
    """
    _check_may_return(milestone)
    _check_says_why(why)
    _back(milestone, Outcome.NEEDS_REVISIONS, "milestone.returned", {"reason": why}, by=by, now=now)


def _check_may_return(milestone: Milestone) -> None:
    """Setup leads into execution, too, but through its gate."""
    check_can_move(Stage(milestone.stage), Stage.EXECUTION)
    if milestone.stage == Stage.SETUP:
        raise Refused("Work has not begun: there is nothing to return to.", code="no_such_step")


def _check_says_why(reason: str) -> None:
    if not reason.strip():
        sentence = "Say why it goes back: the reason stands in the journal."
        raise Refused(sentence, code="invalid", fields={"reason": [sentence]})


def _reset(milestone: Milestone, cause: ResetCause, reason: str, *, by: Actor, now: datetime) -> None:
    Milestone.objects.filter(pk=milestone.pk).update(resets=F("resets") + 1)
    milestone.resets += 1
    told = {"cause": cause, "reason": reason}
    _back(milestone, ROUND_ENDS[cause], "milestone.reset", told, by=by, now=now)


def _back(
    milestone: Milestone,
    round_ends: Outcome,
    kind: str,
    told: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    before = Stage(milestone.stage)
    reviews.end_open(milestone, round_ends, note=told["reason"], by=by, now=now)
    voided = _void_checks(milestone, told["reason"], now=now)
    change(milestone, {"stage": Stage.EXECUTION, "completed_at": None, "decide_by": None})
    touch(milestone.pk, now=now)
    data = {"from": before, "voided_runs": voided, **told}
    record(milestone, kind, by=by, at=now, data=data, thread_id=milestone.pk)
    labels.evaluate(milestone.pk, now=now)


def _void_checks(milestone: Milestone, why: str, *, now: datetime) -> int:
    """Returns how many runs counted until now."""
    counting = QaRun.objects.filter(milestone=milestone, voided_at=None)
    voided = counting.update(voided_at=now, void_reason=why[:300])
    change(milestone, {"qa_passed_at": None})
    return voided
