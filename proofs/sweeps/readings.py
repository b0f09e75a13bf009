"""Numbers that connections reported and nobody has taken yet, workspace by workspace."""

from datetime import datetime
from uuid import UUID

from proofs.actions.metrics import take_readings
from tenancy.sweep import found, tried

ROUNDS = 20  # in one run of one workspace; the next run takes what is left

# Jumps along the index from one workspace to the next, however many readings wait in each.
WAITING = """
WITH RECURSIVE waiting AS (
    (SELECT workspace_id FROM telemetry_reading WHERE is_new ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT r.workspace_id FROM telemetry_reading r
            WHERE r.is_new AND r.workspace_id > w.workspace_id ORDER BY r.workspace_id LIMIT 1)
    FROM waiting w WHERE w.workspace_id IS NOT NULL
)
SELECT workspace_id FROM waiting WHERE workspace_id IS NOT NULL
"""


def take_reported(*, now: datetime) -> int:
    """Takes new readings into the metrics that are fed by them. Returns how many it looked at."""
    return sum(_take(workspace_id, now=now) for (workspace_id,) in found(WAITING))


def _take(workspace_id: UUID, *, now: datetime) -> int:
    """Round after round, each in a transaction of its own, until nothing is left or one fails."""

    def take(_: UUID) -> int:
        return take_readings(now=now)

    looked_at = 0
    for _ in range(ROUNDS):
        if not (taken := tried(workspace_id, workspace_id, take, failure="readings.not_taken")):
            break
        looked_at += taken
    return looked_at
