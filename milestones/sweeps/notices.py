"""Notices whose message has ended since: only those that are on their way."""

from datetime import datetime

import structlog

from milestones.actions.notices import follow
from tenancy.door import inside
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

AT_ONCE = 1000

ENDED = """
SELECT n.workspace_id, n.id
FROM milestones_notice n
JOIN journal_delivery d ON d.workspace_id = n.workspace_id AND d.id = n.delivery_id
WHERE n.state = 'sent' AND d.state <> 'queued'
ORDER BY n.workspace_id, n.id LIMIT %(at_once)s
"""


def follow_messages(*, now: datetime) -> int:
    """Brings what became of messages back to their notices. Returns how many."""
    with sweep():
        ended = rows(ENDED, {"at_once": AT_ONCE})
    for workspace_id, pk in ended:
        try:
            with inside(workspace_id):
                follow(pk, now=now)
        except Exception:
            # It stays due for the next run; the others go on.
            log.exception("notice.not_followed", notice=str(pk))
    return len(ended)
