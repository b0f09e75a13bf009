"""The daily evaluation of the figures: once a day of each workspace, for milestones at work.

It says the same as `milestones/figures.py`; a test holds the two together. A milestone whose on-time
probability of the day is still to be made (`outlook_due_at` comes before the next day) waits for it.
"""

from datetime import datetime

from milestones.figures import CALM, CLOSED_OF_KIND, COMPLETIONS, DAYS, LIKELY, RISKY, UNLIKELY
from tenancy.sweep import one, sweep

BATCH = 10_000

EVALUATE = """
WITH due AS (
    SELECT m.id, m.workspace_id, m.figures_warn, m.figures_days, p.id AS pulse_id,
           (%(now)s AT TIME ZONE w.time_zone)::date AS today,
           m.on_time_probability AS likely, m.delivery_risk_score AS risk,
           p.work_done >= %(completions)s OR %(closed)s <= (
               SELECT count(*) FROM milestones_milestone k
               WHERE k.workspace_id = m.workspace_id AND k.kind = m.kind AND k.stage = 'closed'
           ) AS is_enough
    FROM milestones_milestone m
    JOIN tenancy_workspace w ON w.id = m.workspace_id
    JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id
    WHERE m.stage IN ('execution', 'qa') AND m.paused_at IS NULL AND NOT p.rests
        AND (m.figures_on IS NULL OR m.figures_on < (%(now)s AT TIME ZONE w.time_zone)::date)
        AND (p.outlook_due_at IS NULL OR p.outlook_due_at >=
             ((%(now)s AT TIME ZONE w.time_zone)::date + 1)::timestamp AT TIME ZONE w.time_zone)
    ORDER BY m.workspace_id, m.id LIMIT %(batch)s FOR NO KEY UPDATE OF m SKIP LOCKED
), counted AS (
    SELECT due.*, CASE
        WHEN figures_warn AND COALESCE(likely >= %(likely)s, true) AND COALESCE(risk <= %(calm)s, true)
            AND (likely IS NOT NULL OR risk IS NOT NULL) THEN figures_days + 1
        WHEN NOT figures_warn AND (likely < %(unlikely)s OR risk > %(risky)s) THEN figures_days + 1
        ELSE 0 END AS days
    FROM due
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
SELECT count(*) FROM said
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
    looked_at = 0
    while True:
        with sweep():
            found = int(one(EVALUATE, values))
        if not found:
            return looked_at
        looked_at += found
