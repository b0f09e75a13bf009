"""A realistic population in a few INSERT … SELECT: workspaces with calendars, milestones and all about them.

Of the milestones four in five are active, one is closed; a twelfth of the active ones is blocked, three in
ten wait for another, one in seven has requests outside its scope.
"""

# ruff: noqa: E501 - long rows of columns read better unbroken

from datetime import date, datetime
from typing import Any

import psycopg

TABLES = (
    "tenancy_workspace",
    "workspaces_workday",
    "workspaces_workperiod",
    "milestones_milestone",
    "milestones_pulse",
    "milestones_daytally",
    "milestones_changerequest",
    "milestones_dependency",
    "escalation_blocker",
    "telemetry_riskscore",
    "telemetry_scoringday",
)

WORKSPACES = """
INSERT INTO tenancy_workspace (id, slug, name, time_zone)
SELECT uuidv7(), 'bench-' || n, 'Bench ' || n, (ARRAY['UTC', 'Europe/Berlin', 'America/New_York'])[1 + n %% 3]
FROM generate_series(1, %(workspaces)s) n
"""
SETTINGS = """
INSERT INTO workspaces_workspacesettings (id, workspace_id, brand_colour, brand_name, thresholds)
SELECT uuidv7(), id, '#3b5bdb', '', '{}' FROM tenancy_workspace
"""
OWNERS = """
WITH owner AS (
    INSERT INTO workspaces_user (id, password, email, name, time_zone, is_active)
    VALUES (uuidv7(), '', 'ada@studio.example', 'Ada Agency', 'UTC', true) RETURNING id
)
INSERT INTO workspaces_membership (id, workspace_id, user_id, role, joined_at)
SELECT w.id, w.id, owner.id, 'owner', %(now)s FROM tenancy_workspace w, owner
"""
DAYS = """
INSERT INTO workspaces_workday (id, workspace_id, day, is_working, ordinal)
SELECT uuidv7(), w.id, d.day, d.is_working, count(*) FILTER (WHERE d.is_working) OVER (
    PARTITION BY w.id ORDER BY d.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
FROM tenancy_workspace w CROSS JOIN (
    SELECT day::date, EXTRACT(ISODOW FROM day) < 6 AS is_working
    FROM generate_series(%(today)s::date - 200, %(today)s::date + 400, interval '1 day') day) d
"""
PERIODS = """
INSERT INTO workspaces_workperiod (id, workspace_id, starts_at, ends_at, hours_before)
SELECT uuidv7(), d.workspace_id, (d.day + time '09:00') AT TIME ZONE w.time_zone,
       (d.day + time '17:00') AT TIME ZONE w.time_zone, d.ordinal * 8
FROM workspaces_workday d JOIN tenancy_workspace w ON w.id = d.workspace_id WHERE d.is_working
"""
# Projects, contacts and decisions, which the sweeps never read, are keys without rows here.
MILESTONES = """
INSERT INTO milestones_milestone (
    id, workspace_id, project_id, code, is_first, kind, name, output, description, notes, stage, outcome,
    planned_start, planned_date, forecast_date, execution_started_at, closed_at, weight, quality_threshold,
    owner_primary_id, owner_client_id, approver_id, approval_channel, dependency_risks, invoice_trigger,
    next_stage_trigger, is_aggressive, decide_by, resets, is_frozen, created_at, version,
    proof_packet_url, handoff_packet_link, reported_percent, review_owner_id, completed_at, accepted_at,
    external_ref, pause_reason, accepting_round, next_move_owner, measure_name, colour, turning_red,
    outcome_reason, open_dependencies, open_rules, figures_warn, figures_days)
SELECT uuidv7(), w.id, md5(w.id::text || n / 20)::uuid, (n %% 20)::text, false,
       (ARRAY['general', 'data', 'model', 'integration'])[1 + n %% 4], 'Dashboard published ' || n,
       'The dashboard is live for the whole team of the client.', repeat('What you will see. ', 10), '',
       CASE WHEN n %% 5 = 0 THEN 'closed' WHEN n %% 23 = 1 THEN 'review' WHEN n %% 7 = 1 THEN 'qa'
            ELSE 'execution' END,
       CASE WHEN n %% 5 = 0 THEN 'approved' ELSE '' END,
       %(today)s::date - 10 - n %% 5, %(today)s::date + n %% 15, %(today)s::date + n %% 15,
       %(now)s - make_interval(days => 9 + n %% 5), CASE WHEN n %% 5 = 0 THEN %(now)s END, 1, 80,
       w.id, w.id, w.id, 'link', 'none', 'First instalment', 'Next', false,
       CASE WHEN n %% 23 = 1 THEN %(now)s - make_interval(hours => n %% 40 - 20) END,
       CASE WHEN n %% 11 = 0 THEN 1 ELSE 0 END, false, %(now)s, 1,
       CASE WHEN n %% 5 = 0 THEN 'https://example.com/packet' ELSE '' END,
       CASE WHEN n %% 5 = 0 THEN 'https://example.com/handoff' ELSE '' END, n %% 100, w.id,
       CASE WHEN n %% 5 = 0 OR n %% 23 = 1 THEN %(now)s END, CASE WHEN n %% 5 = 0 THEN %(now)s END,
       '', '', 1, 'Ada', '', '', false, '', 'none', '{}', false, 0
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM tenancy_workspace) w
CROSS JOIN generate_series(1, %(each)s) n
"""
PULSES = """
INSERT INTO milestones_pulse (id, workspace_id, milestone_id, work_total, work_open, work_done, cycle_hours,
    cycle_median_hours, last_work_at, qa_slots, qa_runs, changed_at, needs_score, needs_check, needs_label,
    done_days, done_sums)
SELECT uuidv7(), m.workspace_id, m.id, 20, x, 20 - x, '{}', 4 + x, %(now)s - make_interval(hours => x),
       CASE WHEN x %% 3 = 0 THEN '{}' WHEN x %% 3 = 1 THEN ARRAY[true] ELSE ARRAY[false, true] END, x %% 3,
       %(now)s, false, false, false, COALESCE(days, '{}'), COALESCE(sums, '{}')
FROM (SELECT *, abs(hashtext(id::text)) %% 20 AS x FROM milestones_milestone) m
LEFT JOIN (
    SELECT milestone_id, array_agg(day ORDER BY day) AS days, array_agg(sum ORDER BY day) AS sums
    FROM (SELECT milestone_id, day, sum(done) OVER (PARTITION BY milestone_id ORDER BY day)::integer AS sum
          FROM milestones_daytally WHERE done > 0) summed
    GROUP BY milestone_id
) done ON done.milestone_id = m.id
"""
TALLIES = """
INSERT INTO milestones_daytally (id, workspace_id, milestone_id, day, opened, done)
SELECT uuidv7(), workspace_id, id, %(today)s::date - d, 2, abs(hashtext(id::text)) %% 3
FROM milestones_milestone CROSS JOIN generate_series(1, 8) d
"""
BLOCKERS = """
INSERT INTO escalation_blocker (id, workspace_id, milestone_id, number, type, severity, title, detail, evidence,
    stops_path, opened_at, response_due_at, aging_at, critical_at, response, resolution, version)
SELECT uuidv7(), workspace_id, id, row_number() OVER (PARTITION BY workspace_id), 'input', 'normal', 'No logo', '',
       '', true, o, o + interval '8 hours', o + interval '18 hours', o + interval '8 days', '', '', 1
FROM (SELECT *, %(now)s - make_interval(mins => abs(hashtext(id::text)) %% 5000) AS o FROM milestones_milestone
      WHERE stage <> 'closed' AND abs(hashtext(id::text)) %% 12 = 0) m
"""
BLOCKED = """
UPDATE milestones_milestone m SET blocked_since = b.opened_at, critical_at = b.critical_at, blocker_status = 'open',
    blocker_age_hours = 0
FROM escalation_blocker b WHERE b.milestone_id = m.id
"""
REQUESTS = """
INSERT INTO milestones_changerequest (id, workspace_id, milestone_id, number, title, detail, asked_by, source,
    adds_criterion, asked_at, state, decided_at, decision_id, days, version)
SELECT uuidv7(), workspace_id, id, row_number() OVER (PARTITION BY workspace_id), 'Dark mode', '', '', 'cairn',
       '', %(now)s - interval '3 days', 'accepted', %(now)s, id, 1, 1
FROM milestones_milestone WHERE abs(hashtext(id::text)) %% 7 = 0
"""
DEPENDENCIES = """
INSERT INTO milestones_dependency (id, workspace_id, milestone_id, needs_id, lag_days, version)
SELECT uuidv7(), workspace_id, id, needs_id, 0, 1
FROM (SELECT *, lag(id) OVER (PARTITION BY workspace_id, project_id ORDER BY id) AS needs_id
      FROM milestones_milestone) m
WHERE needs_id IS NOT NULL AND abs(hashtext(id::text)) %% 10 < 3
"""
SCORING = """
INSERT INTO telemetry_scoringday (id, workspace_id, due_at) SELECT uuidv7(), id, %(now)s FROM tenancy_workspace
"""
STEPS = (
    WORKSPACES,
    SETTINGS,
    OWNERS,
    DAYS,
    PERIODS,
    MILESTONES,
    TALLIES,
    PULSES,
    BLOCKERS,
    BLOCKED,
    REQUESTS,
    DEPENDENCIES,
    SCORING,
)


def populate(connection: psycopg.Connection[Any], *, milestones: int, workspaces: int, now: datetime) -> None:
    """Fills an empty migrated database; `milestones` counts the active ones."""
    values = {
        "workspaces": workspaces,
        "each": milestones * 5 // 4 // workspaces,
        "now": now,
        "today": date(now.year, now.month, now.day),
    }
    for step in STEPS:
        connection.execute(step.encode(), values)
    for table in TABLES:
        connection.execute(f"VACUUM (ANALYZE, FREEZE) {table}".encode())
