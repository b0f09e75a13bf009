"""Moving forecasts: the one that was meant, all that it drags along, and the one notice about them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones import date_letters
from milestones.actions import labels, notices
from milestones.actions.clocks import leave_clocks_to_sweep
from milestones.actions.reports import touch
from milestones.cascade import Plan
from milestones.models import DateMove, Decision, Milestone
from milestones.queries.dates import Step, foreseen
from milestones.words import Attribution, DateKind, MoveReason, NoticeKind
from tenancy.ids import uuid7
from tenancy.numbers import take_turn
from tenancy.refusal import Stale
from tenancy.saving import add, change, locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Why a date moves, whose days these are, and what is done about it."""

    code: MoveReason
    reason: str
    attributed_to: Attribution
    mitigation: str = ""
    decision: Decision | None = None


def in_turn(pk: UUID, *, expected: int | None = None) -> Milestone:
    """The milestone, locked; until the transaction ends nobody else moves dates of its project."""
    project_id = Milestone.objects.values_list("project_id", flat=True).get(pk=pk)
    plan_in_turn(project_id)
    return locked(Milestone, pk, expected=expected)


def plan_in_turn(project_id: UUID) -> None:
    """Locks every milestone of a project that may move, for whoever learns only later which ones will.

    An action that has recorded holds the journal's line: no row may be waited for after that.
    """
    take_turn(f"dates {project_id}")
    rows = Milestone.objects.filter(project=project_id, closed_at=None).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def mark(steps: Sequence[Step]) -> str:
    """What a preview showed, in short: whoever saves after it can tell whether it is still so."""
    said = [[str(step.milestone.pk), str(step.before), str(step.to)] for step in steps]
    return sha256(json.dumps(said).encode()).hexdigest()


def shift(
    milestone: Milestone,
    plan: Plan,
    to: date,
    said: Said,
    *,
    by: Actor,
    now: datetime,
    previewed: str = "",
) -> list[DateMove]:
    """Moves a milestone's forecast and everything that it pushes, and tells the client of all at once.

    Raises:
        Stale: when something else would move than was `previewed`.
    """
    steps = foreseen(plan, milestone.pk, to).steps
    if previewed and previewed != mark(steps):
        raise Stale("The plan")
    return carry_out(milestone, steps, said, by=by, now=now)


def carry_out(
    milestone: Milestone, steps: Sequence[Step], said: Said, *, by: Actor, now: datetime
) -> list[DateMove]:
    """Moves the forecasts of these steps, the milestone's own first, and tells the client of all at once."""
    rows = _locked_rows(steps)
    made: dict[UUID, DateMove] = {}
    for step in steps:
        row = rows[step.milestone.pk]
        made[row.pk] = _moved(row, step, said, _root(step, made), by=by, now=now)
    moves = list(made.values())
    _owe_notice(milestone, steps, moves[0], said, by=by, now=now)
    _journal(steps, moves, by=by, now=now)
    labels.evaluate_together({step.milestone.pk: step.because_of is not None for step in steps}, now=now)
    return moves


def _root(step: Step, made: Mapping[UUID, DateMove]) -> DateMove | None:
    """The move that drags this one along."""
    if step.because_of is None:
        return None
    pushed = made.get(step.because_of.pk) or next(iter(made.values()))
    return pushed.root or pushed


def _locked_rows(steps: Sequence[Step]) -> Mapping[UUID, Milestone]:
    """The rows in the order of their ids: two who lock several must not wait for each other crosswise."""
    wanted = Milestone.objects.select_for_update(of=("self",)).filter(
        pk__in=[step.milestone.pk for step in steps]
    )
    rows = {row.pk: row for row in wanted.order_by("pk")}
    if any(rows[step.milestone.pk].forecast_date != step.before for step in steps):
        raise Stale("The plan")
    return rows


def _moved(
    row: Milestone, step: Step, said: Said, root: DateMove | None, *, by: Actor, now: datetime
) -> DateMove:
    # What is dragged along was looked at by nobody: only the one that was meant is confirmed by it.
    confirmed = {} if root else {"forecast_confirmed_at": now}
    change(row, {"forecast_date": step.to, **confirmed})
    touch(row.pk, now=now)
    leave_clocks_to_sweep(row, now=now)
    return add(
        DateMove(
            milestone=row,
            kind=DateKind.FORECAST,
            from_date=step.before,
            to_date=step.to,
            reason_code=said.code,
            reason=said.reason,
            attributed_to=said.attributed_to,
            root=root,
            decision=said.decision,
            at=now,
            by_kind=by.kind,
            by_id=by.id,
            by_name=by.name,
        )
    )


def _owe_notice(
    milestone: Milestone, steps: Sequence[Step], root: DateMove, said: Said, *, by: Actor, now: datetime
) -> None:
    letter = date_letters.moved(steps, reason=said.reason, mitigation=said.mitigation)
    notices.owe(
        NoticeKind.DATE_MOVE,
        project=milestone.project,
        milestone=milestone,
        subject=root,
        title=letter.title,
        body=letter.body,
        data={"moves": [step.kept() for step in steps], "reason_code": said.code, "reason": said.reason},
        by=by,
        now=now,
    )


def _journal(steps: Sequence[Step], moves: Sequence[DateMove], *, by: Actor, now: datetime) -> None:
    cause = uuid7()
    for step, move in zip(steps, moves, strict=True):
        record(
            move.milestone,
            "milestone.forecast_moved",
            by=by,
            at=now,
            data={
                "from": step.before,
                "to": step.to,
                "days": step.days,
                "reason_code": move.reason_code,
                "reason": move.reason,
                "attributed_to": move.attributed_to,
                "because_of": step.because_of.code if step.because_of else None,
            },
            thread_id=move.milestone_id,
            cause_id=cause,
        )
