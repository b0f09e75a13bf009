"""Drafts that milestones need, clocks that follow acceptances, packets that publish themselves, reminders.

All of it follows from the state of the rows, so that a lost bell loses nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from proofs.actions import packets
from proofs.clock import REMINDED_BEFORE
from tenancy.sweep import each, found

AT_ONCE: Final = 500
TRIED_AGAIN: Final = timedelta(seconds=30)  # as often as artifacts are looked at

# Workspaces take turns, each with what has waited longest first.
IN_TURN: Final = """
SELECT workspace_id, id FROM (
    SELECT due.*, row_number() OVER (PARTITION BY workspace_id ORDER BY since, id) AS turn FROM ({due}) AS due
) AS waiting ORDER BY turn, since, id LIMIT %(at_once)s
"""

# Asked about or accepted: without a draft or a packet that stands, or with a clock that does not follow yet.
UNASSEMBLED: Final = """
SELECT m.workspace_id, m.id, m.accepted_at AS since
FROM milestones_milestone m
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
LEFT JOIN proofs_proofpacket d
    ON d.workspace_id = m.workspace_id AND d.milestone_id = m.id AND d.state = 'draft'
WHERE m.stage IN ('review', 'closeout') AND p.archived_at IS NULL AND m.proof_packet_url = ''
  AND (d.id IS NULL OR d.clock_started_at IS DISTINCT FROM m.accepted_at)
"""

# Only what looks complete is tried, and again after a pause: the texts are there, the milestone is accepted.
ALLOWED: Final = """
SELECT d.workspace_id, d.id, m.accepted_at AS since
FROM proofs_proofpacket d
JOIN milestones_milestone m ON m.workspace_id = d.workspace_id AND m.id = d.milestone_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
WHERE d.state = 'draft' AND d.publishes_itself AND m.accepted_at IS NOT NULL AND p.archived_at IS NULL
  AND d.recap <> '' AND d.risks <> '' AND d.recommendation <> ''
  AND (d.tried_at IS NULL OR d.tried_at <= %(tried)s)
"""

ENDING: Final = """
SELECT d.workspace_id, d.id, d.clock_ends_at AS since
FROM proofs_proofpacket d
JOIN milestones_milestone m ON m.workspace_id = d.workspace_id AND m.id = d.milestone_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
WHERE d.state = 'draft' AND d.clock_ends_at <= %(soon)s AND d.clock_reminded_at IS NULL
  AND p.archived_at IS NULL
"""


def assemble_due(*, now: datetime) -> int:
    """Assembles, publishes what may publish itself, reminds of the rest. Returns how many it looked at."""
    return (
        _each(UNASSEMBLED, packets.assemble, "proof.not_assembled", now=now)
        + _each(ALLOWED, packets.publish_as_allowed, "proof.not_published", now=now)
        + _each(ENDING, packets.remind, "proof.not_reminded", now=now)
    )


def _each(statement: str, act: Callable[..., object], failure: str, *, now: datetime) -> int:
    moments = {"soon": now + REMINDED_BEFORE, "tried": now - TRIED_AGAIN}
    due = found(IN_TURN.format(due=statement), {**moments, "at_once": AT_ONCE})
    return each(due, partial(act, now=now), failure=failure, may_refuse=True)
