"""Drafts that milestones need, clocks that follow acceptances, packets that publish themselves, reminders.

All of it follows from the state of the rows, so that a lost bell loses nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from proofs.actions import packets
from proofs.clock import REMINDED_BEFORE
from tenancy.door import inside
from tenancy.refusal import Refused
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

AT_ONCE: Final = 500

# Asked about or accepted: without a draft or a packet that stands, or with a clock that does not follow yet.
UNASSEMBLED: Final = """
SELECT m.workspace_id, m.id
FROM milestones_milestone m
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
LEFT JOIN proofs_proofpacket d
    ON d.workspace_id = m.workspace_id AND d.milestone_id = m.id AND d.state = 'draft'
WHERE m.stage IN ('review', 'closeout') AND p.archived_at IS NULL AND m.proof_packet_url = ''
  AND (d.id IS NULL OR d.clock_started_at IS DISTINCT FROM m.accepted_at)
ORDER BY m.accepted_at NULLS LAST, m.id LIMIT %(at_once)s
"""

# Only what looks complete is tried: the texts are there, the milestone is accepted.
ALLOWED: Final = """
SELECT d.workspace_id, d.id
FROM proofs_proofpacket d
JOIN milestones_milestone m ON m.workspace_id = d.workspace_id AND m.id = d.milestone_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
WHERE d.state = 'draft' AND d.publishes_itself AND m.accepted_at IS NOT NULL AND p.archived_at IS NULL
  AND d.recap <> '' AND d.risks <> '' AND d.recommendation <> ''
ORDER BY m.accepted_at, d.id LIMIT %(at_once)s
"""

ENDING: Final = """
SELECT d.workspace_id, d.id
FROM proofs_proofpacket d
JOIN milestones_milestone m ON m.workspace_id = d.workspace_id AND m.id = d.milestone_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
WHERE d.state = 'draft' AND d.clock_ends_at <= %(soon)s AND d.clock_reminded_at IS NULL
  AND p.archived_at IS NULL
ORDER BY d.clock_ends_at, d.id LIMIT %(at_once)s
"""


def assemble_due(*, now: datetime) -> int:
    """Assembles, publishes what may publish itself, reminds of the rest. Returns how many it looked at."""
    return (
        _each(UNASSEMBLED, lambda pk: packets.assemble(pk, now=now), "proof.not_assembled", now=now)
        + _each(ALLOWED, lambda pk: packets.publish_as_allowed(pk, now=now), "proof.not_published", now=now)
        + _each(ENDING, lambda pk: packets.remind(pk, now=now), "proof.not_reminded", now=now)
    )


def _each(statement: str, act: Callable[[UUID], object], failure: str, *, now: datetime) -> int:
    with sweep():
        due = rows(statement, {"soon": now + REMINDED_BEFORE, "at_once": AT_ONCE})
    for workspace_id, pk in due:
        _act(workspace_id, pk, act, failure)
    return len(due)


def _act(workspace_id: UUID, pk: UUID, act: Callable[[UUID], object], failure: str) -> None:
    try:
        with inside(workspace_id):
            act(pk)
    except Refused as refusal:
        # Somebody was faster, or took something back meanwhile: the next run looks again.
        log.info(failure, subject=str(pk), code=refusal.code)
    except Exception:
        log.exception(failure, subject=str(pk))
