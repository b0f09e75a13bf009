"""The daily evaluation of the figures: once a day of each workspace, for milestones at work.

It says the same as `milestones/figures.py`; a test holds the two together. A milestone whose on-time
probability of the day is still to be made (`outlook_due_at` comes before the next day) waits for it.
"""

from datetime import datetime

from milestones.figures import CALM, CLOSED_OF_KIND, COMPLETIONS, DAYS, LIKELY, RISKY, UNLIKELY
from tenancy.sweep import batches

BATCH = 10_000

EVALUATE = """
WITH due AS (
    SELECT m.id, m.workspace_id, m.kind, m.figures_warn, m.figures_days, p.id AS pulse_id, p.work_done,
           (%(now)s AT TIME ZONE w.time_zone)::date AS today,
           m.on_time_probability AS likely, m.delivery_risk_score AS risk
    FROM milestones_milestone m
    JOIN tenancy_workspace w ON w.id = m.workspace_id
    JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id
    WHERE m.stage IN ('execution', 'qa') AND m.paused_at IS NULL AND NOT p.rests
        AND (m.figures_on IS NULL OR m.figures_on < (%(now)s AT TIME ZONE w.time_zone)::date)
        AND (p.outlook_due_at IS NULL OR p.outlook_due_at >=
             ((%(now)s AT TIME ZONE w.time_zone)::date + 1)::timestamp AT TIME ZONE w.time_zone)
        AND (m.workspace_id, m.id) > (%(after_workspace)s, %(after)s)
    ORDER BY m.workspace_id, m.id LIMIT %(batch)s FOR NO KEY UPDATE OF m SKIP LOCKED
), kinds AS (
    SELECT d.workspace_id, d.kind, %(closed)s <= (
        SELECT count(*) FROM milestones_milestone k
        WHERE k.workspace_id = d.workspace_id AND k.kind = d.kind AND k.stage = 'closed'
    ) AS is_known
    FROM (SELECT DISTINCT workspace_id, kind FROM due) d
), counted AS (
    SELECT due.*, work_done >= %(completions)s OR is_known AS is_enough, CASE
        WHEN figures_warn AND COALESCE(likely >= %(likely)s, true) AND COALESCE(risk <= %(calm)s, true)
            AND (likely IS NOT NULL OR risk IS NOT NULL) THEN figures_days + 1
        WHEN NOT figures_warn AND (likely < %(unlikely)s OR risk > %(risky)s) THEN figures_days + 1
        ELSE 0 END AS days
    FROM due JOIN kinds USING (workspace_id, kind)
), said AS (
    SELECT counted.*, is_enough AND figures_warn <> (days >= %(days)s) AS warns,
           CASE WHEN is_enough AND days < %(days)s THEN days ELSE 0 END AS keeps
    FROM counted
), written AS (
    UPDATE milestones_milestone m SET figures_warn = s.warns, figures_days = s.keeps, figures_on = s.today
    FROM said s WHERE m.workspace_id = s.workspace_id AND m.id = s.id
), asked AS (
    UPDATE milestones_pulse p SET needs_label = true
    FROM said s WHERE p.id = s.pulse_id AND s.warns <> s.figures_warn
)
SELECT workspace_id, id FROM said
"""


def evaluate_figures(*, now: datetime) -> int:
    """Counts one more day for every milestone whose day has begun. Returns how many."""
    values = {
        "now": now,
        "batch": BATCH,
        "completions": COMPLETIONS,
        "closed": CLOSED_OF_KIND,
        "likely": LIKELY,
        "unlikely": UNLIKELY,
        "calm": CALM,
        "risky": RISKY,
        "days": DAYS,
    }
    return sum(len(batch) for batch in batches(EVALUATE, values))
