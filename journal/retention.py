"""What the outbox forgets: messages that ended long ago, with their attempts. The journal keeps the story."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from tenancy.ids import first_of
from tenancy.sweep import one, sweep

AT_ONCE: Final = 5_000
ACCOUNT_MAILS_KEPT: Final = timedelta(days=30)  # no page shows them, and their links have ended

# Ids sort by time, so that the key's own index leads to the oldest. What still waits is never old enough.
FORGET_MESSAGES: Final = """
WITH old AS MATERIALIZED (
    SELECT workspace_id, id FROM journal_delivery
    WHERE id < %(first)s AND finished_at < %(before)s ORDER BY id LIMIT %(at_once)s FOR UPDATE SKIP LOCKED
), tries AS (
    DELETE FROM journal_deliveryattempt t USING old
    WHERE t.workspace_id = old.workspace_id AND t.delivery_id = old.id
), gone AS (
    DELETE FROM journal_delivery d USING old
    WHERE d.workspace_id = old.workspace_id AND d.id = old.id RETURNING 1
)
SELECT count(*) FROM gone
"""
FORGET_ACCOUNT_MAILS: Final = """
WITH old AS MATERIALIZED (
    SELECT id FROM journal_accountmail
    WHERE id < %(first)s AND finished_at < %(before)s ORDER BY id LIMIT %(at_once)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM journal_accountmail m USING old WHERE m.id = old.id RETURNING 1
)
SELECT count(*) FROM gone
"""


def forget(*, now: datetime) -> int:
    """Removes what ended before the time that it is kept for. Returns how many messages went."""
    messages = _forget(FORGET_MESSAGES, now - settings.MESSAGES_KEPT)
    return messages + _forget(FORGET_ACCOUNT_MAILS, now - ACCOUNT_MAILS_KEPT)


def _forget(statement: str, before: datetime) -> int:
    """Some at a time, each in a transaction of its own."""
    values = {"first": first_of(before), "before": before, "at_once": AT_ONCE}
    gone = 0
    while True:
        with sweep():
            gone += (now_gone := int(one(statement, values)))
        if now_gone < AT_ONCE:
            return gone
