"""What waits in the queues of all workspaces: counted by the worker as role jobs, kept in Redis for web."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import redis
from django.core.cache import caches

from config.settings import ENV
from tenancy.sweep import rows, sweep

KEY: Final = "waiting"
KEPT_FOR: Final = 60  # seconds; a figure that nobody renews is not shown

# Each line is served by a partial index, so it costs what waits and not what exists. `since`: of what is due.
COUNT: Final = """
SELECT 'message', 'queued', count(*), min(due_at) FROM journal_delivery
    WHERE state = 'queued' AND channel = 'email'
UNION ALL SELECT 'message', 'parked', count(*), NULL FROM journal_delivery WHERE state = 'parked'
UNION ALL SELECT 'webhook', 'queued', count(*), min(greatest(d.due_at, e.rests_until))
    FROM journal_delivery d
    JOIN journal_webhookendpoint e ON e.workspace_id = d.workspace_id AND e.id = d.recipient_id
    WHERE d.state = 'queued' AND d.channel = 'webhook' AND e.paused_at IS NULL
UNION ALL SELECT 'sign-in mail', 'queued', count(*), min(due_at) FROM journal_accountmail
          WHERE state = 'queued'
UNION ALL SELECT 'sign-in mail', 'parked', count(*), NULL FROM journal_accountmail WHERE state = 'parked'
UNION ALL SELECT 'hook delivery', 'received', count(*), min(received_at) FROM telemetry_rawdelivery
          WHERE state = 'received'
UNION ALL SELECT 'hook delivery', 'parked', count(*), NULL FROM telemetry_rawdelivery WHERE state = 'parked'
UNION ALL SELECT 'packet', 'queued', count(*), min(due_at) FROM proofs_rendering WHERE due_at IS NOT NULL
UNION ALL SELECT 'signal', 'parked', count(*), NULL FROM telemetry_signal WHERE parked_at IS NOT NULL
UNION ALL SELECT 'named action', 'parked', count(*), NULL FROM telemetry_riskaction
          WHERE parked_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Line:
    """How many rows of a queue are in a state, and since when the oldest has been due."""

    queue: str
    state: str
    rows: int
    since: datetime | None


def count() -> list[Line]:
    """Counts now."""
    with sweep():
        return [Line(*row) for row in rows(COUNT)]


def keep(lines: Sequence[Line]) -> None:
    caches["fast"].set(KEY, list(lines), timeout=KEPT_FOR)


def last_counted() -> list[Line]:
    """What the worker counted last, or nothing when it has not counted for a minute."""
    lines: list[Line] = caches["fast"].get(KEY, [])
    return lines


def bells(queues: Sequence[str]) -> Iterator[tuple[str, int]]:
    """How many messages of the broker each queue holds."""
    with redis.Redis.from_url(ENV.redis_url, socket_timeout=2, retry=None) as client:
        for queue in queues:
            yield queue, int(client.llen(f"{ENV.redis_prefix}:{queue}"))
