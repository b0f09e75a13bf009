"""Packets whose e-mail has arrived, or whose client was told another way."""

from datetime import datetime
from functools import partial

from proofs.actions.deliveries import note_delivered
from tenancy.sweep import each, found

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
    arrived = found(ARRIVED, {"at_once": AT_ONCE})
    return each(arrived, partial(note_delivered, now=now), failure="proof_packet.delivery_not_followed")
