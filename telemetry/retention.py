"""Keeps the tables of inbound telemetry in shape: months ahead are ready, old months and keys are gone."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections

REMEMBERED = timedelta(days=30)
AT_ONCE = 20_000

FORGET = """
DELETE FROM telemetry_deliverykey WHERE ctid IN (
    SELECT ctid FROM telemetry_deliverykey WHERE received_at < %s LIMIT %s
)
"""


def tidy(*, now: datetime) -> int:
    """Makes missing partitions, drops months of deliveries that nobody keeps any more, forgets old keys.

    Returns how many keys went.
    """
    gone = 0
    with connections["jobs"].cursor() as cursor:
        cursor.execute("SELECT ensure_partitions(%s)", [now.date()])
        cursor.execute("SELECT drop_old_deliveries(%s)", [now - settings.DELIVERIES_KEPT])
        while True:
            cursor.execute(FORGET, [now - REMEMBERED, AT_ONCE])
            deleted: int = cursor.rowcount
            gone += deleted
            if deleted < AT_ONCE:
                return gone
