"""Writes about dates: forecasts that move with a reason, confirmed ones, and new baselines by decision."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from journal.actors import Actor
from milestones.cascade import Shift
from milestones.models import DateMove, Decision, DecisionRequest, Milestone
from milestones.words import Attribution, MoveReason


def preview(milestone_id: UUID, to: date, *, now: datetime) -> list[Shift]:
    """Everything that would move, itself first; nothing is saved."""
    raise NotImplementedError


def move_forecast(
    milestone_id: UUID,
    to: date,
    *,
    code: MoveReason,
    reason: str,
    attributed_to: Attribution | None = None,
    mitigation: str = "",
    decision: Decision | None = None,
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> list[DateMove]:
    """Moves a forecast with its cascade and the client's notice, in one transaction."""
    raise NotImplementedError


def confirm_forecast(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Milestone:
    """Says that the forecast still stands."""
    raise NotImplementedError


def ask_for_rebaseline(
    planned: Mapping[UUID, date], *, reason: str, decide_by: datetime, by: Actor, now: datetime
) -> DecisionRequest:
    """Asks the client to agree to new planned dates; the baseline moves only by the decision."""
    raise NotImplementedError


def rebaseline(request: DecisionRequest, decision: Decision, *, by: Actor, now: datetime) -> list[DateMove]:
    """Moves the planned dates that the client agreed to."""
    raise NotImplementedError
