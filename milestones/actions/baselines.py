"""The baseline: once work has begun, planned dates move only by the client's decision."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones import date_letters
from milestones.actions import labels, misses, reversals
from milestones.actions.reports import touch
from milestones.actions.shifts import Said, shift
from milestones.models import DateMove, Decision, DecisionRequest, Milestone
from milestones.queries import dates as queries
from milestones.words import Attribution, DateKind, MoveReason, Stage
from tenancy.ids import uuid7
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked

ACCEPT, DECLINE = "accept", "decline"


def rebaseline(request: DecisionRequest, decision: Decision, *, by: Actor, now: datetime) -> None:
    """Moves the planned dates that the client agreed to; what was completed meanwhile stays as it was."""
    if decision.option != ACCEPT:
        return
    option = next(option for option in request.options if option["code"] == ACCEPT)
    cause = uuid7()
    for pk, to in _dates(option["planned"]):
        _replan(pk, to, decision, option["reason"], cause, by=by, now=now)


def _dates(planned: Mapping[str, str]) -> Iterable[tuple[UUID, date]]:
    return sorted((UUID(pk), date.fromisoformat(day)) for pk, day in planned.items())


def _replan(
    pk: UUID, to: date, decision: Decision, reason: str, cause: UUID, *, by: Actor, now: datetime
) -> None:
    milestone = locked(Milestone, pk)
    before, forecast = milestone.planned_date, milestone.forecast_date
    if milestone.completed_at or milestone.stage == Stage.CLOSED or to == before:
        return
    _set(milestone, to, decision, reason, cause, by=by, now=now)
    if forecast and before and forecast <= before:
        _follow(milestone, to, decision, reason, by=by, now=now)
    labels.evaluate(milestone.pk, now=now)


def _set(
    milestone: Milestone,
    to: date,
    decision: Decision,
    reason: str,
    cause: UUID,
    *,
    by: Actor,
    now: datetime,
) -> None:
    before = milestone.planned_date
    change(milestone, {"planned_date": to})
    touch(milestone.pk, now=now)
    _keep(milestone, before, to, decision, reason, by=by, now=now)
    misses.settle(milestone, now=now)
    record(
        milestone,
        "milestone.rebaselined",
        by=by,
        at=now,
        data={"from": before, "to": to, "reason": reason, "decision_id": decision.pk},
        thread_id=milestone.pk,
        cause_id=cause,
    )


def _keep(
    milestone: Milestone,
    before: date | None,
    to: date,
    decision: Decision,
    reason: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    add(
        DateMove(
            milestone=milestone,
            kind=DateKind.BASELINE,
            from_date=before,
            to_date=to,
            reason_code=MoveReason.SCOPE_CHANGE,
            reason=reason,
            attributed_to=Attribution.SCOPE,
            decision=decision,
            at=now,
            by_kind=by.kind,
            by_id=by.id,
            by_name=by.name,
        )
    )


def _follow(
    milestone: Milestone, to: date, decision: Decision, reason: str, *, by: Actor, now: datetime
) -> None:
    """A forecast that held the old plan goes to the new one, with all that waits for it."""
    if milestone.forecast_date == to:
        return
    said = Said(
        code=MoveReason.SCOPE_CHANGE, reason=reason, attributed_to=Attribution.SCOPE, decision=decision
    )
    shift(milestone, queries.plan_of(milestone.project_id, now=now), to, said, by=by, now=now)


def undo(request: DecisionRequest, entry: Decision, *, by: Actor, now: datetime) -> None:
    """Takes a mistaken yes back: the planned dates return to where they were, forecasts that followed, too.

    What was closed meanwhile stays as it is; a no changed nothing.

    Raises:
        Refused: when a later agreement was made on top of this one.
    """
    still = [
        (milestone, move)
        for move in reversals.baseline_moves(entry)
        if (milestone := locked(Milestone, move.milestone_id)).stage != Stage.CLOSED
    ]
    _check_nothing_was_built_on_it(still)
    said, cause = reversals.why(entry), uuid7()
    for milestone, move in still:
        if move.from_date:
            _set(milestone, move.from_date, entry, said, cause, by=by, now=now)
    # Between the two a forecast would look late: labels come after both.
    reversals.return_forecasts(entry, by=by, now=now)
    labels.evaluate_together({milestone.pk: False for milestone, _ in still}, now=now)


def _check_nothing_was_built_on_it(moved: Iterable[tuple[Milestone, DateMove]]) -> None:
    for milestone, move in moved:
        if milestone.planned_date != move.to_date:
            raise Refused(
                f"The client has agreed to {date_letters.day(milestone.planned_date)} for {milestone.code} "
                "since. Take that later answer back first.",
                code="not_undone",
            )
