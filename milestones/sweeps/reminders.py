"""Questions that still wait when it is time to remind of them. Silence is never taken for an answer.

Those of a paused milestone wait for the end of the pause.
"""

from datetime import datetime
from uuid import UUID

import structlog

from journal.actors import SYSTEM
from milestones.actions.requests import remind
from tenancy.door import inside
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

AT_ONCE = 1000

DUE = """
SELECT r.workspace_id, r.id
FROM milestones_decisionrequest r
JOIN milestones_milestone m ON m.workspace_id = r.workspace_id AND m.id = r.milestone_id
WHERE r.remind_at <= %(now)s AND m.paused_at IS NULL
ORDER BY r.remind_at, r.id LIMIT %(at_once)s
"""


def remind_due(*, now: datetime) -> int:
    """Reminds of each question whose moment has come. Returns how many it looked at."""
    with sweep():
        due = rows(DUE, {"now": now, "at_once": AT_ONCE})
    for workspace_id, pk in due:
        _remind(workspace_id, pk, now=now)
    return len(due)


def _remind(workspace_id: UUID, pk: UUID, *, now: datetime) -> None:
    try:
        with inside(workspace_id):
            remind(pk, by=SYSTEM, now=now)
    except Exception:
        # It stays due for the next run; the others go on.
        log.exception("request.not_reminded", request=str(pk))
