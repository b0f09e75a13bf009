"""Labels of all milestones that changed or are due, and of nobody else.

One statement settles where nothing changes and where there was no label yet; it says the same as
`milestones/schedule.py`, a test holds the two together. A label that changes is told of: that is done for one
project at a time, inside its workspace's door.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from milestones.actions.labels import evaluate, evaluate_together
from tenancy.sweep import batches, each, tried

BATCH = 10_000

# `colour` is empty where none is planned yet, and null where the last one is kept (review, pause, end).
SETTLE = """
WITH due AS (
    SELECT p.id AS pulse_id, m.id, m.workspace_id, m.project_id, m.stage, m.planned_date, m.forecast_date,
           m.completed_at, m.accepted_at, m.outcome, m.paused_at, m.paused_until, m.blocker_status,
           m.stopped_since, m.open_rules, m.figures_warn, m.colour, m.turning_red, w.time_zone,
           (%(now)s AT TIME ZONE w.time_zone)::date AS today
    FROM milestones_pulse p
    JOIN milestones_milestone m ON m.workspace_id = p.workspace_id AND m.id = p.milestone_id
    JOIN tenancy_workspace w ON w.id = p.workspace_id
    WHERE (p.needs_label OR p.label_due_at <= %(now)s) AND NOT p.rests
      AND (p.workspace_id, p.milestone_id) > (%(after_workspace)s, %(after)s)
    ORDER BY p.workspace_id, p.milestone_id LIMIT %(batch)s FOR NO KEY UPDATE OF p, m SKIP LOCKED
), judged AS (
    SELECT due.*, days.late, turns.at AS due_at, CASE
        WHEN stage = 'setup' AND planned_date IS NULL THEN ''
        WHEN accepted_at IS NOT NULL OR outcome <> '' OR paused_at IS NOT NULL OR stage = 'review' THEN NULL
        WHEN blocker_status = 'critical' OR stopped_since IS NOT NULL THEN 'blocked'
        WHEN days.late > 7 THEN 'delayed'
        WHEN days.late > 0 OR figures_warn
            OR open_rules && '{blocker_aging,no_progress,quality_failing}'::varchar[] THEN 'at_risk'
        ELSE 'on_track' END AS computed
    FROM due
    CROSS JOIN LATERAL (SELECT COALESCE((completed_at AT TIME ZONE time_zone)::date,
        GREATEST(COALESCE(forecast_date, planned_date), today)) - planned_date AS late) days
    CROSS JOIN LATERAL (
        SELECT min(day)::timestamp AT TIME ZONE time_zone AS at
        FROM unnest(CASE
            WHEN paused_until IS NOT NULL THEN ARRAY[paused_until + 1]
            WHEN completed_at IS NULL AND accepted_at IS NULL AND outcome = ''
                THEN ARRAY[planned_date + 1, planned_date + 8] END) AS day
        WHERE day > today
    ) turns
), decided AS (
    SELECT judged.*, colour = '' AND computed <> '' AS is_first,
           turning_red OR colour <> '' AND computed <> '' AND computed <> colour AS must_follow
    FROM judged
), begun AS (
    UPDATE milestones_milestone m SET colour = d.computed, colour_since = %(now)s
    FROM decided d WHERE m.workspace_id = d.workspace_id AND m.id = d.id AND d.is_first
), settled AS (
    UPDATE milestones_pulse p SET needs_label = false, label_due_at = d.due_at
    FROM decided d WHERE p.id = d.pulse_id AND d.must_follow IS NOT TRUE
)
SELECT workspace_id, id, project_id, must_follow IS TRUE FROM decided
"""


def follow_labels(*, now: datetime) -> int:
    """Brings the labels that are due up to date. Returns how many milestones it looked at.

    Red that waits for its warning is looked at again by the next run.
    """
    looked_at = 0
    for batch in batches(SETTLE, {"now": now, "batch": BATCH}):
        must_follow: dict[tuple[UUID, UUID], list[UUID]] = {}
        for workspace_id, pk, project_id, must in batch:
            if must:
                must_follow.setdefault((workspace_id, project_id), []).append(pk)
        for (workspace_id, _), milestones in must_follow.items():
            _follow(workspace_id, milestones, now=now)
        looked_at += len(batch)
    return looked_at


def _follow(workspace_id: UUID, milestones: Sequence[UUID], *, now: datetime) -> None:
    """Those of a project together, so that one notice tells of all that turn red; else one by one."""

    def together(_: UUID) -> bool:
        evaluate_together(dict.fromkeys(milestones, False), now=now)
        return True

    if not tried(workspace_id, milestones[0], together, failure="labels.not_followed_together"):
        alone = ((workspace_id, pk) for pk in milestones)
        each(alone, partial(evaluate, now=now), failure="label.not_followed")
