"""How often something guarded may be tried. Counted in PostgreSQL: a flushed Redis must not open the door."""

import math
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from tenancy.door import sha256
from workspaces.models import Attempt

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEPT = timedelta(days=2)

COUNT = """
INSERT INTO workspaces_attempt AS known (key, window_start, count) VALUES (%s, %s, 1)
ON CONFLICT (key, window_start) DO UPDATE SET count = known.count + 1
RETURNING count
"""


def hit(key: str, *, limit: int, window: timedelta, now: datetime) -> int:
    """Counts one try. Returns the seconds to wait when it was one too many in this window, else 0.

    The count is committed at once, so call it outside every door: a refused request takes back what it wrote.
    """
    start = now - (now - EPOCH) % window
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(COUNT, [sha256(key), start])
        (count,) = cursor.fetchone()
    return math.ceil((start + window - now).total_seconds()) if count > limit else 0


def forget(*, now: datetime) -> int:
    """Removes counts that no window needs any more. Returns how many."""
    return Attempt.objects.filter(window_start__lt=now - KEPT).delete()[0]
