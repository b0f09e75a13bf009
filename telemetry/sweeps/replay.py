"""On-time probabilities of days before they were kept, made again from what was known at the end of each day.

Everything is read as it was then: stage and pause, the planned date, items by the trail of their states,
reports, blockers, and of the workspace's history what was closed or resolved by then. The same rule and the
same seed make the figure that would have stood there. A day that has its figure keeps it.
"""

# ruff: noqa: S608 - the text is ours, every value is a parameter

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from telemetry.forecast.simulate import probability, seed_of
from telemetry.sweeps.evidence import by_ids, named
from telemetry.sweeps.foreseen import STARTED_ON, Found, Home, evidence_of, homes, span
from tenancy.sweep import batches, one, rows, sweep

REPLAYED: Final = timedelta(days=180)  # the calendar is laid out for so long, and some more to look back
BATCH: Final = 20
MOMENT: Final = timedelta(microseconds=1)

MILESTONES = """
SELECT m.workspace_id, m.id FROM milestones_milestone m
WHERE m.execution_started_at IS NOT NULL AND m.planned_date IS NOT NULL
  AND COALESCE(m.completed_at, m.closed_at, %(now)s) > %(since)s
  AND (m.workspace_id, m.id) > (%(after_workspace)s, %(after)s)
ORDER BY m.workspace_id, m.id LIMIT %(batch)s
"""

# What a day ended with: the stage by the journal, which knows nothing of imported history; the plan as it was
# before later decisions moved it.
DAYS = f"""
SELECT m.workspace_id, m.id, stage.at_end, false, m.kind, d.day AS today, d.at + interval '1 microsecond',
       plan.planned_date, NULL::date, {STARTED_ON} - d.day,
       {span(f"COALESCE(m.planned_start, {STARTED_ON})", "plan.planned_date")},
       items.total, items.open, last.percent, last.figure,
       m.measure_name, m.measure_baseline, m.measure_target,
       done.days, done.amounts, said.days, said.percents, said.figures, b.numbers, b.ages
FROM milestones_milestone m
JOIN tenancy_workspace w ON w.id = m.workspace_id
JOIN milestones_project p ON p.workspace_id = m.workspace_id AND p.id = m.project_id
CROSS JOIN LATERAL (
    SELECT day::date AS day,
           (day::date + 1)::timestamp AT TIME ZONE w.time_zone - interval '1 microsecond' AS at
    FROM generate_series(
        GREATEST({STARTED_ON}, (%(since)s AT TIME ZONE w.time_zone)::date)::timestamp,
        (LEAST(m.completed_at, m.closed_at, %(now)s) AT TIME ZONE w.time_zone)::date - interval '1 day',
        interval '1 day') AS day
) d
CROSS JOIN LATERAL (
    SELECT COALESCE((
        SELECT v.from_date FROM milestones_datemove v
        WHERE v.workspace_id = m.workspace_id AND v.milestone_id = m.id
          AND v.kind = 'baseline' AND v.at > d.at
        ORDER BY v.at, v.id LIMIT 1
    ), m.planned_date) AS planned_date
) plan
CROSS JOIN LATERAL (
    SELECT CASE WHEN e.kind = 'milestone.moved' THEN e.body::jsonb -> 'data' ->> 'to'
                WHEN e.kind = 'milestone.closed' THEN 'closed' ELSE 'execution' END AS at_end
    FROM journal_event e
    WHERE e.workspace_id = m.workspace_id AND e.thread_id = m.id AND e.at <= d.at
      AND e.kind IN ('milestone.moved', 'milestone.returned', 'milestone.reset', 'milestone.closed')
    ORDER BY e.seq DESC LIMIT 1
) stage
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE was.state IN ('todo', 'in_progress', 'done'))::integer AS total,
           count(*) FILTER (WHERE was.state IN ('todo', 'in_progress'))::integer AS open
    FROM milestones_workitem i
    CROSS JOIN LATERAL (
        SELECT step ->> 1 AS state FROM jsonb_array_elements(i.trail) WITH ORDINALITY AS t (step, n)
        WHERE (step ->> 0)::timestamptz <= d.at ORDER BY n DESC LIMIT 1
    ) was
    WHERE i.workspace_id = m.workspace_id AND i.milestone_id = m.id
      AND (i.removed_at IS NULL OR i.removed_at > d.at)
) items
LEFT JOIN LATERAL (
    SELECT array_agg(y.day - d.day) AS days, array_agg(y.done) AS amounts FROM milestones_daytally y
    WHERE y.workspace_id = m.workspace_id AND y.milestone_id = m.id AND y.done > 0 AND y.day < d.day
) done ON true
LEFT JOIN LATERAL (
    SELECT array_agg((u.at AT TIME ZONE w.time_zone)::date - d.day ORDER BY u.at, u.id) AS days,
           array_agg(u.percent ORDER BY u.at, u.id) AS percents,
           array_agg(u.measured ORDER BY u.at, u.id) AS figures
    FROM milestones_progressupdate u
    WHERE u.workspace_id = m.workspace_id AND u.milestone_id = m.id
      AND u.at >= m.execution_started_at AND u.at <= d.at
) said ON true
CROSS JOIN LATERAL (
    SELECT (SELECT u.percent FROM milestones_progressupdate u
            WHERE u.workspace_id = m.workspace_id AND u.milestone_id = m.id AND u.at <= d.at
              AND u.percent IS NOT NULL ORDER BY u.at DESC, u.id DESC LIMIT 1) AS percent,
           (SELECT u.measured FROM milestones_progressupdate u
            WHERE u.workspace_id = m.workspace_id AND u.milestone_id = m.id AND u.at <= d.at
              AND u.measured IS NOT NULL ORDER BY u.at DESC, u.id DESC LIMIT 1) AS figure
) last
LEFT JOIN LATERAL (
    SELECT array_agg(x.number) AS numbers,
           array_agg(EXTRACT(EPOCH FROM d.at - x.opened_at)::float8 / 86400) AS ages
    FROM escalation_blocker x
    WHERE x.workspace_id = m.workspace_id AND x.milestone_id = m.id AND x.stops_path
      AND x.opened_at <= d.at AND (x.resolved_at IS NULL OR x.resolved_at > d.at)
) b ON true
WHERE {by_ids("m.workspace_id", "m.id")}
  AND stage.at_end IN ('execution', 'qa') AND plan.planned_date >= d.day
  AND (p.archived_at IS NULL OR p.archived_at > d.at)
  AND NOT EXISTS (
      SELECT FROM milestones_recourse r
      WHERE r.workspace_id = m.workspace_id AND r.milestone_id = m.id AND r.way = 'pause'
        AND r.chosen_at <= d.at AND (r.ended_at IS NULL OR r.ended_at > d.at))
  AND NOT EXISTS (
      SELECT FROM telemetry_probabilitypoint k
      WHERE k.workspace_id = m.workspace_id AND k.milestone_id = m.id AND k.day = d.day)
ORDER BY m.workspace_id, today
"""

KEEP = """
WITH kept AS (
    INSERT INTO telemetry_probabilitypoint
        (id, workspace_id, milestone_id, day, planned_date, percent, basis, inputs)
    SELECT uuidv7(), s.* FROM jsonb_to_recordset(%(said)s::jsonb) AS s (
        workspace_id uuid, milestone_id uuid, day date, planned_date date, percent smallint, basis text,
        inputs jsonb)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM kept
"""


def replay(*, now: datetime) -> int:
    """Fills days without a probability, of milestones at work in the last half year. Returns how many."""
    values = {"now": now, "since": now - REPLAYED, "batch": BATCH}
    return sum(_keep(_days(milestones, values)) for milestones in batches(MILESTONES, values))


def _days(milestones: Sequence[tuple[UUID, UUID]], values: dict[str, Any]) -> list[Found]:
    with sweep():
        return [Found(*row) for row in rows(DAYS, {**values, **named(milestones, now=values["now"])})]


def _keep(found: Iterable[Found]) -> int:
    said = list(_said(found))
    with sweep():
        return int(one(KEEP, {"said": json.dumps(said, default=str)}))


def _said(found: Iterable[Found]) -> Iterator[dict[str, Any]]:
    """Workspace by workspace and day by day, so that what is shared is read once for each."""
    for (workspace_id, _), days in groupby(found, key=lambda each: (each.workspace_id, each.today)):
        known = list(days)
        with sweep():
            home = homes({workspace_id}, now=known[0].tomorrow_at - MOMENT)[workspace_id]
        yield from (_point(each, home) for each in known)


def _point(found: Found, home: Home) -> dict[str, Any]:
    outlook = probability(evidence_of(found, home), seed=seed_of(found.milestone_id, found.today))
    return {
        "workspace_id": found.workspace_id,
        "milestone_id": found.milestone_id,
        "day": found.today,
        "planned_date": found.planned_date,
        "percent": outlook.percent,
        "basis": outlook.basis,
        "inputs": asdict(outlook.inputs),
    }
