"""Next steps of opportunities whose day has come, in their workspace's zone."""

from datetime import datetime

import structlog

from proofs.actions.opportunities import remind
from tenancy.door import inside
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

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
    with sweep():
        due = rows(DUE, {"now": now, "at_once": AT_ONCE})
    for workspace_id, pk in due:
        try:
            with inside(workspace_id):
                remind(pk, now=now)
        except Exception:
            # It stays due for the next run; the others go on.
            log.exception("opportunity.not_reminded", opportunity=str(pk))
    return len(due)
