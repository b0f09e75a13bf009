"""Handoffs that accepted milestones need, and those whose plan was rescheduled since they were written.

All of it follows from the state of the rows, so that a lost bell loses nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from proofs.actions import handoffs
from proofs.queries.handoffs import PLAN
from tenancy.sweep import each, found

AT_ONCE: Final = 500
SETTLES: Final = timedelta(minutes=2)  # who moves one date often moves another

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

# News is what the journal entered after the entry that a version knows, read once for each workspace. It
# rests for a while, so that several moves in a row become one version.
RESCHEDULED: Final = """
WITH following AS (
    SELECT h.workspace_id, h.milestone_id, m.project_id, min(h.planned_through) AS known
    FROM proofs_handoffpacket h
    JOIN milestones_milestone m ON m.workspace_id = h.workspace_id AND m.id = h.milestone_id
    JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
    WHERE h.planned_through IS NOT NULL AND p.archived_at IS NULL
    GROUP BY h.workspace_id, h.milestone_id, m.project_id
), news AS (
    SELECT e.workspace_id, o.project_id, max(e.seq) AS seq, max(e.at) AS at
    FROM (SELECT workspace_id, min(known) AS known FROM following GROUP BY workspace_id) f
    JOIN journal_event e ON e.workspace_id = f.workspace_id AND e.kind = ANY(%(plan)s) AND e.seq > f.known
    JOIN milestones_milestone o ON o.workspace_id = e.workspace_id AND o.id = e.thread_id
    WHERE e.at <= %(settled)s
    GROUP BY e.workspace_id, o.project_id
)
SELECT f.workspace_id, f.milestone_id
FROM following f JOIN news n ON n.workspace_id = f.workspace_id AND n.project_id = f.project_id
WHERE n.seq > f.known
ORDER BY n.at, f.milestone_id LIMIT %(at_once)s
"""

# A capacity blocker goes to the plan: the handoff of its milestone says so, and begins by it where none is.
SHORT_OF_HANDS: Final = """
SELECT b.workspace_id, b.milestone_id
FROM escalation_blocker b
JOIN milestones_milestone m ON m.workspace_id = b.workspace_id AND m.id = b.milestone_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
JOIN journal_event e
  ON e.workspace_id = b.workspace_id AND e.subject_id = b.id AND e.kind = 'blocker.opened'
WHERE b.type = 'capacity' AND b.resolved_at IS NULL AND p.archived_at IS NULL
  AND m.stage IN ('execution', 'qa', 'review', 'closeout')
  AND (NOT EXISTS (
      SELECT FROM proofs_handoffpacket h
      WHERE h.workspace_id = b.workspace_id AND h.milestone_id = b.milestone_id)
    OR EXISTS (
      SELECT FROM proofs_handoffpacket h
      WHERE h.workspace_id = b.workspace_id AND h.milestone_id = b.milestone_id
        AND h.planned_through < e.seq))
GROUP BY b.workspace_id, b.milestone_id ORDER BY min(e.seq), b.milestone_id LIMIT %(at_once)s
"""


def follow_handoffs(*, now: datetime) -> int:
    """Begins the drafts that are missing and follows the plan. Returns how many it looked at."""
    begin, follow = partial(handoffs.begin, now=now), partial(handoffs.follow_plan, now=now)
    return (
        _each(UNWRITTEN, begin)
        + _each(RESCHEDULED, follow, plan=list(PLAN), settled=now - SETTLES)
        + _each(SHORT_OF_HANDS, follow)
    )


def _each(statement: str, act: Callable[..., object], **values: Any) -> int:
    due = found(statement, {"at_once": AT_ONCE, **values})
    return each(due, act, failure="handoff.not_followed", may_refuse=True)
