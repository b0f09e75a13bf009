"""Planned dates that have ended in their workspace's zone without completion, and misses that are settled."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from milestones.actions import misses
from tenancy.sweep import each, found

AT_ONCE = 1000

# The day of UTC is at most one behind: by that the index is entered.
MISSED = """
SELECT m.workspace_id, m.id
FROM milestones_milestone m
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
JOIN tenancy_workspace w ON w.id = m.workspace_id
WHERE m.completed_at IS NULL AND m.stage <> 'closed' AND m.paused_at IS NULL AND p.archived_at IS NULL
  AND m.planned_date < (%(now)s AT TIME ZONE w.time_zone)::date
  AND m.planned_date <= (%(now)s AT TIME ZONE 'UTC')::date
  AND NOT EXISTS (
      SELECT FROM milestones_miss o WHERE o.workspace_id = m.workspace_id AND o.milestone_id = m.id
        AND o.planned_date = m.planned_date AND o.closed_at IS NULL)
ORDER BY m.workspace_id, m.id LIMIT %(at_once)s
"""
SETTLED = """
SELECT m.workspace_id, m.id
FROM milestones_miss o
JOIN milestones_milestone m ON m.workspace_id = o.workspace_id AND m.id = o.milestone_id
WHERE o.closed_at IS NULL
  AND (m.completed_at IS NOT NULL OR m.stage = 'closed' OR m.planned_date IS DISTINCT FROM o.planned_date)
ORDER BY m.workspace_id, m.id LIMIT %(at_once)s
"""


def open_due(*, now: datetime) -> int:
    """Settles what was completed or replanned, opens what is missed. Returns how many it looked at."""
    return _each(SETTLED, misses.settle_misses, now=now) + _each(MISSED, misses.open_miss, now=now)


def _each(statement: str, act: Callable[..., object], *, now: datetime) -> int:
    due = found(statement, {"now": now, "at_once": AT_ONCE})
    return each(due, partial(act, now=now), failure="miss.not_followed")
