"""How a milestone ends: accepted by the client's decision, closed with everything in one record, or without."""

from datetime import datetime

from journal.actions import record
from journal.actors import Actor
from milestones.actions.reports import touch
from milestones.models import Decision, Milestone
from milestones.words import Stage
from tenancy.saving import change


def accept(milestone: Milestone, decision: Decision, *, by: Actor, now: datetime) -> None:
    """Takes a locked milestone into closeout by the approver's decision. Only a decision does that."""
    change(milestone, {"stage": Stage.CLOSEOUT, "accepted_at": now, "decide_by": None})
    touch(milestone.pk, now=now)
    record(
        milestone,
        "milestone.accepted",
        by=by,
        at=now,
        data={"decision_id": decision.pk, "option": decision.option},
        thread_id=milestone.pk,
    )
