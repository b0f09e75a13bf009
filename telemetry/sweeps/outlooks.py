"""On-time probabilities of all milestones that changed, and of those at work with each new day.

What is due is flagged. A batch is claimed by lowering its flags and setting its due time a little ahead,
then read, simulated outside any transaction, and written where the claim still stands: whoever changes a
milestone meanwhile raises its flag again, a worker that dies leaves its batch due. Nobody waits for it.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from milestones.words import Stage
from telemetry.forecast.evidence import Outlook
from telemetry.forecast.simulate import probability, seed_of, settled
from telemetry.sweeps.foreseen import Found, Home, evidence_of, find, homes
from tenancy.sweep import batches, one, sweep

log = structlog.get_logger(__name__)

ASKED_AT_ONCE = 10_000
BATCH = 300
PATIENCE = timedelta(seconds=150)  # of one run; the next bell takes what is left
# Counted from the run's beginning, so longer than it and its last batch; what somebody held is written after.
LEASE = PATIENCE + timedelta(minutes=1)

# A new day asks as a change does. `outlook_due_at` stays: the figures of the day wait for what is due.
ASK = """
WITH due AS (
    SELECT p.id FROM milestones_pulse p WHERE p.outlook_due_at <= %(now)s AND NOT p.needs_outlook
    ORDER BY p.outlook_due_at LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
), asked AS (
    UPDATE milestones_pulse p SET needs_outlook = true FROM due WHERE p.id = due.id RETURNING 1
)
SELECT count(*) FROM asked
"""

CLAIM = """
WITH due AS (
    SELECT p.id FROM milestones_pulse p
    WHERE p.needs_outlook
      AND (p.workspace_id, p.milestone_id) > (%(after_workspace)s, %(after)s)
    ORDER BY p.workspace_id, p.milestone_id LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE milestones_pulse p SET needs_outlook = false, outlook_due_at = %(lent_until)s
FROM due WHERE p.id = due.id
RETURNING p.workspace_id, p.milestone_id
"""

# Both rows are locked or neither: an action holds the milestone first and its pulse later.
WRITE = """
WITH said AS (
    SELECT * FROM jsonb_to_recordset(%(said)s::jsonb) AS s (
        workspace_id uuid, milestone_id uuid, percent smallint, is_kept boolean, day date, planned_date date,
        basis text, inputs jsonb, due_at timestamptz)
), held AS MATERIALIZED (
    SELECT said.*, p.id AS pulse_id
    FROM said
    JOIN milestones_pulse p ON p.workspace_id = said.workspace_id AND p.milestone_id = said.milestone_id
    JOIN milestones_milestone m ON m.workspace_id = said.workspace_id AND m.id = said.milestone_id
    WHERE p.outlook_due_at = %(lent_until)s
    ORDER BY p.workspace_id, p.milestone_id FOR NO KEY UPDATE OF p, m SKIP LOCKED
), shown AS (
    UPDATE milestones_milestone m SET on_time_probability = h.percent FROM held h
    WHERE m.workspace_id = h.workspace_id AND m.id = h.milestone_id
      AND NOT h.is_kept AND m.on_time_probability IS DISTINCT FROM h.percent
), kept AS (
    INSERT INTO telemetry_probabilitypoint AS k
        (id, workspace_id, milestone_id, day, planned_date, percent, basis, inputs)
    SELECT uuidv7(), workspace_id, milestone_id, day, planned_date, percent, basis, inputs
    FROM held WHERE basis IS NOT NULL
    ON CONFLICT (workspace_id, milestone_id, day) DO UPDATE
    SET planned_date = EXCLUDED.planned_date, percent = EXCLUDED.percent, basis = EXCLUDED.basis,
        inputs = EXCLUDED.inputs
    WHERE (k.planned_date, k.percent, k.basis, k.inputs)
        IS DISTINCT FROM (EXCLUDED.planned_date, EXCLUDED.percent, EXCLUDED.basis, EXCLUDED.inputs)
), armed AS (
    UPDATE milestones_pulse p SET outlook_due_at = h.due_at FROM held h WHERE p.id = h.pulse_id
)
SELECT count(*) FROM held
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be written of a milestone. One that `is_kept` keeps the figure that it has."""

    found: Found
    percent: int | None = None
    outlook: Outlook | None = None
    is_kept: bool = False


@dataclass(slots=True)
class Homes:
    """What workspaces share, kept from one batch to the next: batches go through them one by one."""

    now: datetime
    known: dict[UUID, Home] = field(default_factory=dict)

    def of(self, workspaces: set[UUID]) -> dict[UUID, Home]:
        new = workspaces - self.known.keys()
        kept = {pk: home for pk, home in self.known.items() if pk in workspaces}
        self.known = kept | (homes(new, now=self.now) if new else {})
        return self.known


def foresee(*, now: datetime) -> int:
    """Brings the on-time probabilities that are due up to date. Returns how many milestones it looked at."""
    while _ask(now) == ASKED_AT_ONCE:
        pass
    return sum(_batches(now))


def _ask(now: datetime) -> int:
    with sweep():
        return int(one(ASK, {"now": now, "batch": ASKED_AT_ONCE}))


def _batches(now: datetime) -> Iterator[int]:
    lent_until, shared = now + LEASE, Homes(now)
    deadline = time.monotonic() + PATIENCE.total_seconds()
    for claimed in batches(CLAIM, {"now": now, "lent_until": lent_until, "batch": BATCH}):
        yield _write(_said(claimed, shared, now=now), lent_until)
        if time.monotonic() > deadline:
            return


def _said(claimed: Sequence[tuple[UUID, UUID]], shared: Homes, *, now: datetime) -> list[Said]:
    with sweep():
        found = find(claimed, now=now)
        by_workspace = shared.of({each.workspace_id for each in found if each.is_at_work})
    return list(_each(found, by_workspace))


def _each(found: Iterable[Found], by_workspace: dict[UUID, Home]) -> Iterator[Said]:
    """One that fails is logged, keeps its figure and is due again tomorrow; the others go on."""
    for milestone in found:
        try:
            yield _judge(milestone, by_workspace)
        except Exception:
            names = {"workspace_id": str(milestone.workspace_id), "subject_id": str(milestone.milestone_id)}
            log.exception("outlook.failed", **names)
            yield Said(milestone, is_kept=True)


def _judge(found: Found, by_workspace: dict[UUID, Home]) -> Said:
    if found.stage == Stage.SETUP or found.planned_date is None:
        return Said(found)
    if found.is_paused:
        return Said(found, is_kept=True)
    if not found.is_at_work:
        return Said(found, settled(found.completed_on, found.planned_date))
    evidence = evidence_of(found, by_workspace[found.workspace_id])
    outlook = probability(evidence, seed=seed_of(found.milestone_id, found.today))
    return Said(found, outlook.percent, None if evidence.is_past else outlook)


def _write(said: Sequence[Said], lent_until: datetime) -> int:
    with sweep():
        written = json.dumps([_row(each) for each in said], default=str)
        return int(one(WRITE, {"said": written, "lent_until": lent_until}))


def _row(said: Said) -> dict[str, Any]:
    found, outlook = said.found, said.outlook
    return {
        "workspace_id": found.workspace_id,
        "milestone_id": found.milestone_id,
        "percent": said.percent,
        "is_kept": said.is_kept,
        "day": found.today,
        "planned_date": found.planned_date,
        "basis": outlook and outlook.basis,
        "inputs": outlook and asdict(outlook.inputs),
        "due_at": found.tomorrow_at if found.is_at_work else None,
    }
