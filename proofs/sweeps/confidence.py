"""Decisions that came another way than by link: nobody asked yet how confident their contact is."""

from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from milestones.models import Decision
from milestones.words import RequestState
from proofs.actions.confidence import ask_decider
from tenancy.sweep import each, found

AT_ONCE: Final = 500
FRESH: Final = timedelta(days=3)  # asked later than that, nobody knows what they decided

UNASKED: Final = """
SELECT e.workspace_id, e.subject_id
FROM tenancy_workspace w JOIN journal_event e ON e.workspace_id = w.id AND e.kind = 'decision.made'
WHERE e.at > %(since)s AND e.body::jsonb #>> '{data,channel}' <> 'link'
  AND NOT EXISTS (
      SELECT FROM proofs_confidence c WHERE c.workspace_id = e.workspace_id AND c.subject_id = e.subject_id)
ORDER BY e.at, e.id LIMIT %(at_once)s
"""


def ask_deciders(*, now: datetime) -> int:
    """Asks each of them once. Returns how many decisions it looked at."""
    unasked = found(UNASKED, {"since": now - FRESH, "at_once": AT_ONCE})
    return each(unasked, partial(_ask, now=now), failure="confidence.not_asked")


def _ask(pk: UUID, *, now: datetime) -> None:
    """Unless it was taken back meanwhile, or its project rests."""
    standing = Decision.objects.filter(
        request__state=RequestState.DECIDED, request__project__archived_at=None
    )
    if decision := standing.filter(pk=pk).first():
        ask_decider(decision, now=now)
