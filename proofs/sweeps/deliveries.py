"""Packets whose e-mail has arrived, or whose client was told another way."""

from datetime import datetime

import structlog

from proofs.actions.deliveries import note_delivered
from tenancy.door import inside
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

AT_ONCE = 1000

ARRIVED = """
SELECT p.workspace_id, p.id
FROM proofs_proofpacket p
JOIN milestones_notice n
  ON n.workspace_id = p.workspace_id AND n.kind = 'proof_packet' AND n.subject_id = p.id
WHERE p.state = 'published' AND p.delivered_at IS NULL
  AND (n.delivered_at IS NOT NULL OR n.told_otherwise_at IS NOT NULL)
ORDER BY p.published_at, p.id LIMIT %(at_once)s
"""


def follow_deliveries(*, now: datetime) -> int:
    """Notes what was delivered. Returns how many packets it looked at."""
    with sweep():
        arrived = rows(ARRIVED, {"at_once": AT_ONCE})
    for workspace_id, pk in arrived:
        try:
            with inside(workspace_id):
                note_delivered(pk, now=now)
        except Exception:
            # It stays due for the next run; the others go on.
            log.exception("proof_packet.delivery_not_followed", packet=str(pk))
    return len(arrived)
