"""The evidence of many milestones as one query: every input of the score, and when time alone may change it.

`:now` is the moment that is judged. Which milestones are read, the caller says with a condition for each pair
of columns that name one (`Within`), so that every table is entered by its own index.
"""

# ruff: noqa: S608 - the text is ours, every value is a parameter

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

Within = Callable[[str, str], str]  # the columns of workspace and milestone, to a condition on them

ACTIVE = "m.stage IN ('execution', 'qa', 'review', 'closeout') AND m.paused_at IS NULL"
AWAKE = "NOT p.rests"  # of a project that is not archived


def by_ids(workspace: str, milestone: str) -> str:
    """Single milestones, as `named` gives them. Pairs: two arrays would be tried in all combinations."""
    return f"({workspace}, {milestone}) IN (SELECT * FROM unnest(%(homes)s::uuid[], %(milestones)s::uuid[]))"


def named(pairs: Sequence[tuple[UUID, UUID]], *, now: datetime) -> dict[str, Any]:
    """The parameters of single milestones, each given as (workspace, milestone)."""
    homes = [workspace_id for workspace_id, _ in pairs]
    milestones = [milestone_id for _, milestone_id in pairs]
    return {"now": now, "workspaces": list(set(homes)), "homes": homes, "milestones": milestones}


def by_range(workspace: str, milestone: str) -> str:
    """All milestones of `workspaces` after `after` up to `upto`, both (workspace, milestone)."""
    pair = f"({workspace}, {milestone})"
    return (
        f"{pair} > (%(after_workspace)s, %(after)s) AND {pair} <= (%(upto_workspace)s, %(upto)s) "
        f"AND {workspace} = ANY(%(workspaces)s)"
    )


def working_days_before(day: str) -> str:
    """Working days before a date, from the laid-out calendar `c`; its ends stand for what lies beyond."""
    return f"c.ordinals[GREATEST(1, LEAST({day} - c.first_day + 1, c.days))]"


def working_days(start: str, end: str) -> str:
    """Working days from `start` up to, not including, `end`."""
    return f"({working_days_before(end)} - {working_days_before(start)})"


def working_days_until_today(start: str) -> str:
    return f"(c.until_today - {working_days_before(start)})"


def done_before(day: str) -> str:
    """What had been done before a date, by the pulse `p`."""
    return f"COALESCE(p.done_sums[width_bucket({day} - 1, p.done_days)], 0)"


# One row per workspace. Ordinals lie in an array, so that a milestone's days are looked up without a join.
CALENDARS = """
calendars AS MATERIALIZED (
    SELECT w.id AS workspace_id, w.time_zone, today.day AS today,
           d.first_day, d.days, d.ordinals, hours.passed AS hours_passed,
           d.ordinals[GREATEST(1, LEAST(today.day - d.first_day + 1, d.days))] AS until_today,
           ARRAY(
               SELECT today.day - back FROM generate_series(1, 60) AS back
               WHERE d.ordinals[today.day - back - d.first_day + 2]
                   > d.ordinals[today.day - back - d.first_day + 1]
               ORDER BY back LIMIT 5
           ) AS last_working_days
    FROM tenancy_workspace w
    CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE w.time_zone)::date AS day) today
    CROSS JOIN LATERAL (
        SELECT min(day) AS first_day, count(*)::integer AS days, array_agg(ordinal) AS ordinals
        FROM (SELECT day, ordinal FROM workspaces_workday WHERE workspace_id = w.id ORDER BY day) laid_out
    ) d
    CROSS JOIN LATERAL (SELECT {passed} AS passed) hours
    WHERE w.id = ANY(%(workspaces)s)
)
"""

HOURS_PASSED = """
(SELECT t.hours_before + EXTRACT(EPOCH FROM LEAST({at}, t.ends_at) - t.starts_at)::float8 / 3600
 FROM workspaces_workperiod t WHERE t.workspace_id = {workspace} AND t.starts_at <= {at}
 ORDER BY t.starts_at DESC LIMIT 1)
"""

# Read only where the record says that there are any.
BLOCKERS = """
LEFT JOIN LATERAL (
    SELECT count(*) AS open,
           count(*) FILTER (WHERE b.severity = 'critical' OR turns.at < %(now)s) AS critical,
           min(turns.at) FILTER (WHERE b.severity <> 'critical' AND turns.at >= %(now)s) AS next_critical_at,
           min(b.opened_at) FILTER (WHERE b.responded_at IS NULL) AS unanswered_since
    FROM escalation_blocker b
    CROSS JOIN LATERAL (SELECT LEAST(b.critical_at, CASE WHEN b.responded_at IS NULL THEN
        (m.forecast_date + 1)::timestamp AT TIME ZONE c.time_zone - interval '48 hours' END) AS at) turns
    WHERE b.workspace_id = m.workspace_id AND b.milestone_id = m.id AND b.resolved_at IS NULL
      AND m.blocked_since IS NOT NULL
) b ON true
"""

REQUESTS = """
requests AS (
    SELECT r.milestone_id,
           count(*) FILTER (WHERE r.asked_at > %(now)s - interval '14 days') AS unplanned,
           count(*) FILTER (WHERE r.asked_at > %(now)s - interval '14 days'
               AND r.state = 'undecided') AS undecided,
           min(r.asked_at) FILTER (WHERE r.asked_at > %(now)s - interval '14 days') AS oldest_at,
           sum(r.days) FILTER (
               WHERE r.state = 'accepted' AND r.decided_at > COALESCE(baseline.set_at, '-infinity')
           ) AS accepted_days
    FROM milestones_changerequest r
    LEFT JOIN LATERAL (
        SELECT max(d.at) AS set_at FROM milestones_datemove d
        WHERE r.state = 'accepted' AND d.kind = 'baseline'
          AND d.workspace_id = r.workspace_id AND d.milestone_id = r.milestone_id
          AND NOT EXISTS (
              SELECT FROM milestones_decision c
              WHERE c.workspace_id = d.workspace_id AND c.countermands_id IS NOT NULL
                AND (c.id = d.decision_id OR c.countermands_id = d.decision_id)
          )
    ) baseline ON true
    WHERE {within}
    GROUP BY r.milestone_id
)
"""

# The day of UTC is at most one behind. Of a plain date the planner knows how many forecasts lie before it.
LATE = """
late AS (
    SELECT d.milestone_id, count(*) AS predecessors
    FROM (SELECT * FROM milestones_dependency d WHERE {within} OFFSET 0) d
    JOIN milestones_milestone n ON n.workspace_id = d.workspace_id AND n.id = d.needs_id
    JOIN calendars c ON c.workspace_id = d.workspace_id
    WHERE n.completed_at IS NULL AND n.stage <> 'closed' AND n.forecast_date < c.today
      AND n.workspace_id = ANY(%(workspaces)s) AND n.forecast_date <= (%(now)s AT TIME ZONE 'UTC')::date
    GROUP BY d.milestone_id
)
"""

STARTED_ON = "(m.execution_started_at AT TIME ZONE c.time_zone)::date"
PLAN_STARTS = f"COALESCE(m.planned_start, {STARTED_ON})"
FULL_DAYS = f"GREATEST(0, {working_days_until_today(f'({STARTED_ON} + 1)')})"
WINDOW_BEGINS = "COALESCE(c.last_working_days[LEAST(days.full, cardinality(c.last_working_days))], c.today)"
UNANSWERED = f"c.hours_passed - {HOURS_PASSED.format(at='b.unanswered_since', workspace='m.workspace_id')}"

# By the names of Evidence. OFFSET 0 keeps each value computed once, not wherever a formula mentions it, and
# the milestones that are asked for at the beginning of the plan, not at its end. The pulse is joined by the
# milestone alone: with the workspace beside it the planner expects one row, and for few workspaces it goes
# through all requests once for each milestone.
EVIDENCE = f"""
evidence AS (
    SELECT m.id AS milestone_id, m.workspace_id, m.place, p.id AS pulse_id, p.score_due_at AS was_due_at,
           m.owner_primary_id, m.review_owner_id,
           CASE WHEN m.stage = 'review' THEN m.decide_by END AS stalls_at,
           b.next_critical_at, r.oldest_at AS oldest_request_at, b.unanswered_since,
           m.stage = 'setup' AS in_setup,
           m.stage IN ('review', 'closeout', 'closed') AS review_or_later,
           days.full AS full_days_in_execution,
           p.work_total, p.work_open, p.work_done AS done_total,
           CASE WHEN days.full > 0 AND p.work_done > 0
               THEN {done_before("c.today")} - {done_before(WINDOW_BEGINS)} ELSE 0 END AS done_recent,
           COALESCE({working_days_before("(m.forecast_date + 1)")} - c.until_today, 0) AS working_days_left,
           p.cycle_median_hours AS cycle_hours_here,
           u.cycle_hours AS cycle_hours_usual,
           m.reported_percent,
           GREATEST(0, {working_days_until_today(PLAN_STARTS)})::float8 / NULLIF(days.planned, 0)
               AS elapsed_share,
           COALESCE(b.open, 0) AS blockers_open,
           COALESCE(b.critical, 0) AS blockers_critical,
           CASE WHEN b.unanswered_since IS NULL THEN 0 ELSE COALESCE({UNANSWERED}, c.hours_passed, 0) END
               AS longest_unanswered_hours,
           CASE WHEN m.stage = 'review' AND m.decide_by < %(now)s
               THEN EXTRACT(EPOCH FROM %(now)s - m.decide_by)::float8 / 3600 ELSE 0 END
               AS review_overdue_hours,
           COALESCE(l.predecessors, 0) AS overdue_predecessors,
           p.qa_slots[1]::integer AS qa_1, p.qa_slots[2]::integer AS qa_2, p.qa_slots[3]::integer AS qa_3,
           p.qa_slots[4]::integer AS qa_4, p.qa_slots[5]::integer AS qa_5,
           m.resets,
           COALESCE(r.unplanned, 0) AS unplanned_14d,
           COALESCE(r.undecided, 0) AS undecided,
           COALESCE(r.accepted_days::float8 / NULLIF(days.planned, 0) * 100, 0) AS growth_percent
    FROM (SELECT m.ctid AS place, m.* FROM milestones_milestone m WHERE {{active}} AND {{within}} OFFSET 0) m
    JOIN (SELECT * FROM milestones_pulse p WHERE {{awake}} AND {{pulses}} OFFSET 0) p
        ON p.milestone_id = m.id
    JOIN calendars c ON c.workspace_id = m.workspace_id
    LEFT JOIN (SELECT * FROM telemetry_usualpace WHERE workspace_id = ANY(%(workspaces)s) OFFSET 0) u
        ON u.workspace_id = m.workspace_id AND u.kind = m.kind
    {BLOCKERS}
    LEFT JOIN requests r ON r.milestone_id = m.id
    LEFT JOIN late l ON l.milestone_id = m.id
    CROSS JOIN LATERAL (
        SELECT COALESCE({FULL_DAYS}, 0) AS full,
               {working_days(PLAN_STARTS, "(m.planned_date + 1)")} AS planned
        OFFSET 0
    ) days
    OFFSET 0
)
"""


def evidence(within: Within, *, active: str = ACTIVE, awake: str = AWAKE) -> str:
    """The common table expressions that end in `evidence`, without the leading WITH."""
    return ", ".join(
        [
            CALENDARS.format(passed=HOURS_PASSED.format(at="%(now)s", workspace="w.id")),
            REQUESTS.format(within=within("r.workspace_id", "r.milestone_id")),
            LATE.format(within=within("d.workspace_id", "d.milestone_id")),
            EVIDENCE.format(
                within=within("m.workspace_id", "m.id"),
                pulses=within("p.workspace_id", "p.milestone_id"),
                active=active,
                awake=awake,
            ),
        ]
    )
