"""What Today reads of proof, in the same statement as everything else that waits for somebody."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from escalation import agenda as below
from escalation.agenda import OF_MILESTONE, lists
from proofs.queries import checks, handoffs, opportunities, packets

PACKET = {
    **OF_MILESTONE,
    **{name: name for name in ("id", "number", "clock_ends_at", "clock_zone")},
}
ARTIFACT = {
    **{name: f"artifact_version__artifact__{path}" for name, path in OF_MILESTONE.items()},
    **{name: name for name in ("id", "found", "checked_at")},
    "title": "artifact_version__artifact__title",
}
CLOSEOUT = {
    **{name: name for name in ("id", "code", "handoff_packet_link")},
    "milestone": "name",
    "account": "project__account__name",
}
NEXT_STEP = {
    **{name: name for name in ("id", "number", "title", "next_step", "next_step_on")},
    "account": "account__name",
}


def agenda(*, now: datetime, today: date, weekly: datetime, twice: datetime) -> QuerySet[Any]:
    """The row of `escalation.agenda`, with what proof adds to it."""
    row = below.agenda(now=now, today=today, weekly=weekly, twice=twice)
    with_proof: QuerySet[Any] = row.annotate(
        packets=lists(packets.clocks(), **PACKET),
        artifacts=lists(checks.to_mend(), **ARTIFACT),
        closeouts=lists(handoffs.to_finish(), **CLOSEOUT),
        next_steps=lists(opportunities.due(today), **NEXT_STEP),
    )
    return with_proof
