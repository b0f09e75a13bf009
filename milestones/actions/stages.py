"""A milestone's way through its stages: each step passes a gate, and a refused step is written down."""

from datetime import datetime
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones import gates
from milestones.actions.reports import touch
from milestones.actions.returns import output_changed, reset, return_to_execution
from milestones.models import Milestone
from milestones.stages import check_can_step
from milestones.words import Stage
from tenancy.refusal import Refused, Unmet
from tenancy.saving import change, locked

__all__ = ["journal_refusal", "move", "output_changed", "reset", "return_to_execution", "unmet"]


def unmet(milestone: Milestone, to: Stage) -> list[Unmet]:
    """What the gate to the next stage still misses."""
    if (Stage(milestone.stage), to) != (Stage.SETUP, Stage.EXECUTION):
        return []
    return gates.missing_for_execution(
        gates.Definition(
            output=milestone.output,
            criteria=milestone.criteria.count(),
            has_owner=milestone.owner_primary_id is not None,
            has_client_owner=milestone.owner_client_id is not None,
            has_approver=milestone.approver_id is not None,
            has_channel=bool(milestone.approval_channel),
            planned_date=milestone.planned_date,
            dependency_risks=milestone.dependency_risks,
            invoice_trigger=milestone.invoice_trigger,
            next_stage_trigger=milestone.next_stage_trigger,
        )
    )


def move(pk: UUID, to: Stage, *, by: Actor, now: datetime, expected: int | None = None) -> Milestone:
    """Takes a milestone to the next stage, if its gate lets it through.

    Raises:
        Refused: with every unmet item.
    """
    milestone = locked(Milestone, pk, expected=expected)
    before = Stage(milestone.stage)
    check_can_step(before, to)
    if missing := unmet(milestone, to):
        still = "1 item is" if len(missing) == 1 else f"{len(missing)} items are"
        raise Refused(
            f"The gate to {to.label.lower()} is closed: {still} still unmet.",
            code="gate_unmet",
            unmet=missing,
        )
    change(milestone, _entered(milestone, to, now=now))
    touch(milestone.pk, now=now)
    record(
        milestone, "milestone.moved", by=by, at=now, data={"from": before, "to": to}, thread_id=milestone.pk
    )
    return milestone


def _entered(milestone: Milestone, to: Stage, *, now: datetime) -> dict[str, object]:
    """What a stage brings with it: when work began, when it was completed."""
    if to == Stage.EXECUTION:
        return {"stage": to, "execution_started_at": milestone.execution_started_at or now}
    return {"stage": to, "completed_at": now} if to == Stage.REVIEW else {"stage": to}


def journal_refusal(milestone: Milestone, to: Stage, refusal: Refused, *, by: Actor, now: datetime) -> None:
    """Writes a refused step down, in a transaction of its own after the refused one was rolled back."""
    record(
        milestone,
        "milestone.move_refused",
        by=by,
        at=now,
        data={"to": to, "unmet": [item.code for item in refusal.unmet], "said": str(refusal)},
        thread_id=milestone.pk,
    )
