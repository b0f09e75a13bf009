"""Writes about the first ninety days: when they began."""

from datetime import date, datetime

from journal.actions import record
from journal.actors import Actor
from milestones.schedule import OUT_OF_REACH, is_in_reach
from proofs.models import Rollout
from proofs.queries.rollout import rollout_of
from tenancy.models import Workspace
from tenancy.numbers import take_turn
from tenancy.refusal import Refused, Stale


def set_start(
    workspace: Workspace, started_on: date, *, by: Actor, now: datetime, expected: int | None = None
) -> Rollout:
    """Says on which day the first week begins. Every phase's weeks follow it.

    Raises:
        Refused: when the day is out of reach.
        Stale: when somebody saved since version `expected`.
    """
    take_turn("rollout")
    row = rollout_of(workspace)
    if expected is not None and row.version != expected:
        raise Stale("This rollout")
    if not is_in_reach(started_on):
        raise Refused(OUT_OF_REACH, code="invalid", fields={"started_on": [OUT_OF_REACH]})
    if started_on != row.started_on:
        before, row.started_on = row.started_on, started_on
        row.version += 1
        row.save()
        data = {"fields": {"started_on": [before, started_on]}}
        record(row, "rollout.changed", by=by, at=now, data=data)
    return row
