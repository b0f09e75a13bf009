"""Handoffs that accepted milestones need, and those whose plan was rescheduled since they were written.

All of it follows from the state of the rows, so that a lost bell loses nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from proofs.actions import handoffs
from tenancy.door import inside
from tenancy.refusal import Refused
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

AT_ONCE: Final = 500

UNWRITTEN: Final = """
SELECT m.workspace_id, m.id
FROM milestones_milestone m
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
WHERE m.stage = 'closeout' AND p.archived_at IS NULL AND m.handoff_packet_link = ''
  AND NOT EXISTS (
      SELECT FROM proofs_handoffpacket h
      WHERE h.workspace_id = m.workspace_id AND h.milestone_id = m.id AND h.state = 'draft')
ORDER BY m.accepted_at, m.id LIMIT %(at_once)s
"""

# Only the newest version of each knows through when it follows the plan.
RESCHEDULED: Final = """
SELECT h.workspace_id, h.milestone_id
FROM proofs_handoffpacket h
JOIN milestones_milestone m ON m.workspace_id = h.workspace_id AND m.id = h.milestone_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
WHERE h.planned_through IS NOT NULL AND p.archived_at IS NULL AND EXISTS (
    SELECT FROM milestones_milestone o
    WHERE o.workspace_id = m.workspace_id AND o.project_id = m.project_id
      AND (o.created_at > h.planned_through OR EXISTS (
          SELECT FROM milestones_datemove d
          WHERE d.workspace_id = o.workspace_id AND d.milestone_id = o.id AND d.at > h.planned_through)))
ORDER BY h.planned_through, h.id LIMIT %(at_once)s
"""

# A capacity blocker goes to the plan: the handoff of its milestone says so, and begins by it where none is.
SHORT_OF_HANDS: Final = """
SELECT b.workspace_id, b.milestone_id
FROM escalation_blocker b
JOIN milestones_milestone m ON m.workspace_id = b.workspace_id AND m.id = b.milestone_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
WHERE b.type = 'capacity' AND b.resolved_at IS NULL AND p.archived_at IS NULL
  AND m.stage IN ('execution', 'qa', 'review', 'closeout')
  AND NOT EXISTS (
      SELECT FROM proofs_handoffpacket h
      WHERE h.workspace_id = b.workspace_id AND h.milestone_id = b.milestone_id
        AND (h.planned_through >= b.opened_at OR h.created_at >= b.opened_at))
GROUP BY b.workspace_id, b.milestone_id ORDER BY min(b.opened_at), b.milestone_id LIMIT %(at_once)s
"""


def follow_handoffs(*, now: datetime) -> int:
    """Begins the drafts that are missing and follows the plan. Returns how many it looked at."""
    return (
        _each(UNWRITTEN, lambda pk: handoffs.begin(pk, now=now))
        + _each(RESCHEDULED, lambda pk: handoffs.follow_plan(pk, now=now))
        + _each(SHORT_OF_HANDS, lambda pk: handoffs.follow_plan(pk, now=now))
    )


def _each(statement: str, act: Callable[[UUID], object]) -> int:
    with sweep():
        due = rows(statement, {"at_once": AT_ONCE})
    for workspace_id, pk in due:
        _act(workspace_id, pk, act)
    return len(due)


def _act(workspace_id: UUID, pk: UUID, act: Callable[[UUID], object]) -> None:
    try:
        with inside(workspace_id):
            act(pk)
    except Refused as refusal:
        # Somebody was faster, or took something back meanwhile: the next run looks again.
        log.info("handoff.not_followed", milestone=str(pk), code=refusal.code)
    except Exception:
        log.exception("handoff.not_followed", milestone=str(pk))
