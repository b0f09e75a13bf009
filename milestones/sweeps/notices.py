"""Notices whose message has ended since: only those that are on their way."""

from datetime import datetime
from functools import partial

from milestones.actions.notices import follow
from tenancy.sweep import each, found

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
    ended = found(ENDED, {"at_once": AT_ONCE})
    return each(ended, partial(follow, now=now), failure="notice.not_followed")
