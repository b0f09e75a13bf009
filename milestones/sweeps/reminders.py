"""Questions that still wait when it is time to remind of them. Silence is never taken for an answer.

Those of a paused milestone wait for the end of the pause.
"""

from datetime import datetime
from functools import partial

from journal.actors import SYSTEM
from milestones.actions.requests import remind
from tenancy.sweep import each, found

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
    due = found(DUE, {"now": now, "at_once": AT_ONCE})
    return each(due, partial(remind, by=SYSTEM, now=now), failure="request.not_reminded")
