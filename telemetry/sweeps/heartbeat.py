"""The daily rules over all milestones that changed or are due, in one statement per batch.

The record keeps which of them hold its label (`open_rules`); where that changes, a new label is asked for.
It says the same as `telemetry/rules.py`, which gives a signal its sentence; a test holds the two together.
"""

# ruff: noqa: S608 - the text is ours, every value is a parameter

from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime

from milestones.schedule import HELD_BY
from telemetry.rules import Thresholds
from telemetry.sweeps.evidence import by_ids, named
from tenancy.sweep import one, rows, sweep

BATCH = 10_000

CLAIM = """
WITH due AS (
    SELECT id FROM milestones_pulse
    WHERE (needs_check OR check_due_at <= %(now)s) AND NOT rests
    ORDER BY workspace_id, milestone_id LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE milestones_pulse p SET needs_check = false, check_due_at = NULL FROM due WHERE p.id = due.id
RETURNING p.workspace_id, p.milestone_id
"""

THRESHOLDS = ", ".join(
    f"COALESCE((s.thresholds ->> '{field.name}')::float8, {field.default}) AS {field.name}"
    for field in fields(Thresholds)
)

RESUMED_AT = """(SELECT max(w.ended_at) FROM milestones_recourse w
    WHERE w.workspace_id = m.workspace_id AND w.milestone_id = m.id AND w.way = 'pause')"""

# Silence is watched in execution and QA only; blockers age wherever they stand.
FACTS = f"""
facts AS MATERIALIZED (
    SELECT m.workspace_id, m.id AS milestone_id, p.id AS pulse_id, m.stage, m.paused_at IS NOT NULL AS paused,
           CASE WHEN m.stage IN ('execution', 'qa')
               THEN GREATEST(m.execution_started_at, m.last_progress_at, p.last_work_at, {RESUMED_AT})
               END AS silent_since,
           m.blocked_since,
           COALESCE(array_position(p.qa_slots, true) - 1, cardinality(p.qa_slots)) AS failing,
           (SELECT count(*) FROM milestones_changerequest r WHERE r.workspace_id = m.workspace_id
                AND r.milestone_id = m.id AND r.state = 'undecided') AS undecided,
           limits.*
    FROM (SELECT * FROM milestones_milestone m WHERE {by_ids("m.workspace_id", "m.id")} OFFSET 0) m
    JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id
    LEFT JOIN workspaces_workspacesettings s ON s.workspace_id = m.workspace_id
    CROSS JOIN LATERAL (SELECT {THRESHOLDS}) limits
)
"""

# Strict: exactly the threshold does not fire.
BEYOND = "%(now)s - f.{since} > make_interval(secs => f.{limit} * 3600)"
RULES = f"""(VALUES
    ('no_progress', {BEYOND.format(since="silent_since", limit="no_progress_hours")},
        f.no_progress_hours, f.silent_since, NULL),
    ('blocker_aging', {BEYOND.format(since="blocked_since", limit="blocker_aging_hours")},
        f.blocker_aging_hours, f.blocked_since, NULL),
    ('quality_failing', f.failing >= f.failing_runs, f.failing_runs, NULL, f.failing),
    ('scope_addition', f.undecided > 0, 0, NULL, f.undecided)
) AS rule (code, fires, threshold, since, count)"""


def _due_at(since: str, limit: str) -> str:
    due = f"f.{since} + make_interval(secs => f.{limit} * 3600) + interval '1 microsecond'"
    return f"CASE WHEN {due} > %(now)s THEN {due} END"


CHECK = f"""
WITH {FACTS}, judged AS MATERIALIZED (
    SELECT f.workspace_id, f.milestone_id, rule.*, x.id AS open_id,
           COALESCE(rule.fires, false) AND f.stage <> 'closed' AS opens
    FROM facts f CROSS JOIN LATERAL {RULES}
    LEFT JOIN telemetry_signal x ON x.workspace_id = f.workspace_id AND x.milestone_id = f.milestone_id
        AND x.rule = rule.code AND x.closed_at IS NULL
    WHERE NOT f.paused
), opened AS (
    INSERT INTO telemetry_signal
        (id, workspace_id, milestone_id, opened_at, rule, threshold, since, count, sentence)
    SELECT uuidv7(), workspace_id, milestone_id, %(now)s, code, threshold, since, count, ''
    FROM judged WHERE opens AND open_id IS NULL
    ON CONFLICT DO NOTHING
), closed AS (
    UPDATE telemetry_signal x SET closed_at = %(now)s FROM judged j WHERE x.id = j.open_id AND NOT j.opens
), holding AS (
    SELECT workspace_id, milestone_id,
           COALESCE(array_agg(code::varchar ORDER BY code) FILTER (WHERE opens AND code = ANY(%(holding)s)),
                    '{{}}') AS codes
    FROM judged GROUP BY workspace_id, milestone_id
), held AS (
    UPDATE milestones_milestone m SET open_rules = h.codes FROM holding h
    WHERE m.workspace_id = h.workspace_id AND m.id = h.milestone_id AND m.open_rules <> h.codes
    RETURNING m.id
), armed AS (
    UPDATE milestones_pulse p
    SET check_due_at = CASE WHEN NOT f.paused AND f.stage <> 'closed' THEN due.at END,
        needs_label = p.needs_label OR held.id IS NOT NULL
    FROM facts f LEFT JOIN held ON held.id = f.milestone_id
    CROSS JOIN LATERAL (
        SELECT LEAST({_due_at("silent_since", "no_progress_hours")},
                     {_due_at("blocked_since", "blocker_aging_hours")}) AS at
    ) due
    WHERE p.id = f.pulse_id
        AND (held.id IS NOT NULL OR NOT f.paused AND f.stage <> 'closed' AND due.at IS NOT NULL)
)
SELECT count(*) FROM facts
"""


def check_due(*, now: datetime) -> int:
    """Opens and closes signals of all milestones that changed or are due. Returns how many it looked at."""
    return sum(_batches(now))


def _batches(now: datetime) -> Iterator[int]:
    while True:
        with sweep():
            claimed = rows(CLAIM, {"now": now, "batch": BATCH})
            if not claimed:
                return
            yield int(one(CHECK, {**named(claimed, now=now), "holding": list(HELD_BY)}))
