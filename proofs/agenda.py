"""What Today reads of proof, in the same statement as everything else that waits for somebody."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from escalation import agenda as below
from escalation.agenda import OF_MILESTONE, lists
from proofs.queries import packets

PACKET = {
    **OF_MILESTONE,
    **{name: name for name in ("id", "number", "clock_ends_at", "clock_zone")},
}


def agenda(*, now: datetime, today: date, weekly: datetime, twice: datetime) -> QuerySet[Any]:
    """The row of `escalation.agenda`, with what proof adds to it."""
    row = below.agenda(now=now, today=today, weekly=weekly, twice=twice)
    return row.annotate(packets=lists(packets.clocks(), **PACKET))
