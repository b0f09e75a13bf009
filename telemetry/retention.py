"""Keeps the tables of inbound telemetry in shape: months ahead are ready, old months and keys are gone."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections

REMEMBERED = timedelta(days=30)
# Longer than any delivery, which goes with its month: one that is replayed must find the reading it made.
READINGS_LONGER = timedelta(days=62)
AT_ONCE = 20_000

FORGET = """
DELETE FROM telemetry_deliverykey WHERE ctid IN (
    SELECT ctid FROM telemetry_deliverykey WHERE received_at < %s LIMIT %s
)
"""

# What was measured stands as a metric's values; what nobody measured by is of no use any more.
FORGET_READINGS = """
DELETE FROM telemetry_reading WHERE ctid IN (
    SELECT ctid FROM telemetry_reading WHERE received_at < %s AND NOT is_new LIMIT %s
)
"""


def tidy(*, now: datetime) -> int:
    """Makes missing partitions, drops months of deliveries that nobody keeps, forgets old readings and keys.

    Returns how many keys went.
    """
    with connections["jobs"].cursor() as cursor:
        cursor.execute("SELECT ensure_partitions(%s)", [now.date()])
        cursor.execute("SELECT drop_old_deliveries(%s)", [now - settings.DELIVERIES_KEPT])
        _forget(cursor, FORGET_READINGS, now - settings.DELIVERIES_KEPT - READINGS_LONGER)
        return _forget(cursor, FORGET, now - REMEMBERED)


def _forget(cursor: Any, statement: str, before: datetime) -> int:
    """Deletes what is older, some at a time. Returns how much went."""
    gone = 0
    while True:
        cursor.execute(statement, [before, AT_ONCE])
        deleted: int = cursor.rowcount
        gone += deleted
        if deleted < AT_ONCE:
            return gone
