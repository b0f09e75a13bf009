"""Next steps of opportunities whose day has come, in their workspace's zone."""

from datetime import datetime
from functools import partial

from proofs.actions.opportunities import remind
from tenancy.sweep import each, found

AT_ONCE = 1000

DUE = """
SELECT o.workspace_id, o.id
FROM proofs_opportunity o
JOIN milestones_project p ON p.workspace_id = o.workspace_id AND p.id = o.project_id
JOIN tenancy_workspace w ON w.id = o.workspace_id
WHERE o.ended_at IS NULL AND o.next_step_on IS NOT NULL AND p.archived_at IS NULL
  AND o.next_step_on <= (%(now)s AT TIME ZONE w.time_zone)::date
  AND o.reminded_on IS DISTINCT FROM o.next_step_on
ORDER BY o.next_step_on, o.id LIMIT %(at_once)s
"""


def remind_due(*, now: datetime) -> int:
    """Reminds the owner of each. Returns how many it looked at."""
    due = found(DUE, {"now": now, "at_once": AT_ONCE})
    return each(due, partial(remind, now=now), failure="opportunity.not_reminded")
