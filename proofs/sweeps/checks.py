"""Looks at artifacts that are due: claimed with a lease and a fence, made side by side, finished one by one.

What is to be watched follows from the state: the current versions of what belongs to milestones between
execution and their close. New ones are found by their ids, which sort by time, and once an hour all are.
"""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from proofs.actions import checks
from proofs.checking import Known, Look
from proofs.looking import Place, look_at
from tenancy.ids import first_of
from tenancy.sweep import FIRST, found, tried

LANES: Final = 8
LEASE: Final = timedelta(minutes=3)  # longer than two fetches and the writing of a whole batch take
PATIENCE: Final = 20.0  # seconds of one run; the next bell takes what is left
RECENT: Final = timedelta(hours=2)
AT_ONCE: Final = 5000

BEGIN = """
INSERT INTO proofs_artifactwatch
    (id, workspace_id, artifact_version_id, due_at, sha256, is_living, found, failures, version)
SELECT uuidv7(), v.workspace_id, v.id, %(now)s, '', false, '', 0, 1
FROM milestones_artifactversion v
JOIN milestones_artifact a ON a.workspace_id = v.workspace_id AND a.id = v.artifact_id
JOIN milestones_milestone m ON m.workspace_id = a.workspace_id AND m.id = a.milestone_id
WHERE v.id > %(after)s AND a.removed_at IS NULL AND m.stage IN ('execution', 'qa', 'review', 'closeout')
  AND NOT EXISTS (SELECT FROM milestones_artifactversion n WHERE n.workspace_id = v.workspace_id
                  AND n.artifact_id = v.artifact_id AND n.number > v.number)
  AND NOT EXISTS (SELECT FROM proofs_artifactwatch w WHERE w.workspace_id = v.workspace_id
                  AND w.artifact_version_id = v.id)
LIMIT %(at_once)s
ON CONFLICT (workspace_id, artifact_version_id) DO NOTHING
RETURNING 1
"""

# The lease is checked by the database's clock. Workspaces take turns within what has been due longest.
CLAIM = """
WITH waiting AS (
    SELECT id, due_at, row_number() OVER (PARTITION BY workspace_id ORDER BY due_at, id) AS turn
    FROM (SELECT id, workspace_id, due_at FROM proofs_artifactwatch
          WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
          ORDER BY due_at LIMIT 500) AS longest
), due AS MATERIALIZED (
    SELECT w.id FROM proofs_artifactwatch w JOIN waiting USING (id)
    WHERE w.due_at <= %(now)s AND (w.lease_until IS NULL OR w.lease_until < now())
    ORDER BY waiting.turn, waiting.due_at LIMIT %(lanes)s FOR UPDATE OF w SKIP LOCKED
)
UPDATE proofs_artifactwatch w SET lease_until = now() + %(lease)s, fence = fence + 1
FROM due WHERE w.id = due.id
RETURNING w.workspace_id, w.id, w.fence
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to finish one look, until the lease ends or the fence is raised."""

    workspace_id: UUID
    watch_id: UUID
    fence: int


def watch_new(*, now: datetime) -> int:
    """Begins to watch what was added a short while ago. Returns how many."""
    return _begin(first_of(now - RECENT), now=now)


def watch_all(*, now: datetime) -> int:
    """Begins to watch whatever should be watched and is not. Returns how many."""
    began = 0
    while found := _begin(FIRST, now=now):
        began += found
    return began


def _begin(after: UUID, *, now: datetime) -> int:
    return len(found(BEGIN, {"after": after, "now": now, "at_once": AT_ONCE}))


def look_due(*, now: datetime) -> int:
    """Looks at what is due. Returns how many looks were finished."""
    deadline, finished = time.monotonic() + PATIENCE, 0
    with ThreadPoolExecutor(LANES) as lanes:
        while time.monotonic() < deadline and (claimed := _claim(now=now)):
            finished += _look(claimed, lanes, now=now)
    return finished


def _claim(*, now: datetime) -> list[Claim]:
    return [Claim(*row) for row in found(CLAIM, {"now": now, "lanes": LANES, "lease": LEASE})]


def _look(claimed: Iterable[Claim], lanes: ThreadPoolExecutor, *, now: datetime) -> int:
    """Between the two doors of each claim, the network: no transaction waits for it."""
    begun = [(claim, place) for claim in claimed if (place := _begun(claim))]
    looks = lanes.map(lambda each: look_at(*each[1]), begun)
    return sum(_finished(claim, seen, now=now) for (claim, _), seen in zip(begun, looks, strict=True))


def _begun(claim: Claim) -> tuple[Place, Known] | None:
    """What to look at. One that cannot be begun, or kept, is tried again when its lease has ended."""
    begin = partial(checks.begin, fence=claim.fence)
    return tried(claim.workspace_id, claim.watch_id, begin, failure="artifact.look_not_begun")


def _finished(claim: Claim, looks: list[Look], *, now: datetime) -> bool:
    finish = partial(checks.finish, fence=claim.fence, looks=looks, now=now)
    return bool(tried(claim.workspace_id, claim.watch_id, finish, failure="artifact.look_not_kept"))
