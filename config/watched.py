"""What ought to happen by itself, re-derived from the rows that call for it, apart from the jobs that do it.

Each statement returns names of what is due and has not happened, what has waited longest first, at most
`%(most)s`. It is served by a partial index, so that it costs what is open and not what exists.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from telemetry.rules import Thresholds

USUAL: Final = Thresholds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Something that happens by itself: what `late` finds for longer than `patience` is an alarm."""

    name: str
    late: str
    patience: timedelta = timedelta(minutes=2)


def _threshold(name: str, usual: float) -> str:
    return f"COALESCE((s.thresholds ->> '{name}')::float8, {usual})"


# Archived engagements and paused milestones are left alone by every rule.
AT_WORK: Final = """
JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id AND j.archived_at IS NULL
LEFT JOIN workspaces_workspacesettings s ON s.workspace_id = m.workspace_id
"""
NO_SIGNAL: Final = """
NOT EXISTS (SELECT FROM telemetry_signal x WHERE x.workspace_id = m.workspace_id
            AND x.milestone_id = m.id AND x.rule = '{rule}' AND x.closed_at IS NULL)
"""

SILENT: Final = f"""
SELECT m.id::text
FROM milestones_milestone m
JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id {AT_WORK}
CROSS JOIN LATERAL (SELECT
    GREATEST(m.execution_started_at, m.last_progress_at, p.last_work_at,
             (SELECT max(r.ended_at) FROM milestones_recourse r
              WHERE r.workspace_id = m.workspace_id AND r.milestone_id = m.id AND r.way = 'pause')) AS since
) silent
WHERE m.stage IN ('execution', 'qa') AND m.paused_at IS NULL
  AND %(now)s - silent.since
      > make_interval(secs => {_threshold("no_progress_hours", USUAL.no_progress_hours)} * 3600)
  AND {NO_SIGNAL.format(rule="no_progress")}
ORDER BY silent.since, m.id LIMIT %(most)s
"""  # noqa: S608 – of constants only

AGING: Final = f"""
SELECT b.id::text
FROM escalation_blocker b
JOIN milestones_milestone m ON m.workspace_id = b.workspace_id AND m.id = b.milestone_id {AT_WORK}
WHERE b.resolved_at IS NULL AND m.stage <> 'closed' AND m.paused_at IS NULL
  AND %(now)s - b.opened_at
      > make_interval(secs => {_threshold("blocker_aging_hours", USUAL.blocker_aging_hours)} * 3600)
  AND {NO_SIGNAL.format(rule="blocker_aging")}
ORDER BY b.opened_at, b.id LIMIT %(most)s
"""  # noqa: S608 – of constants only

FAILING: Final = f"""
SELECT m.id::text
FROM milestones_milestone m
JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id {AT_WORK}
WHERE m.stage IN ('execution', 'qa') AND m.paused_at IS NULL AND p.qa_slots[1] = false
  AND COALESCE(array_position(p.qa_slots, true) - 1, cardinality(p.qa_slots))
      >= {_threshold("failing_runs", USUAL.failing_runs)}
  AND {NO_SIGNAL.format(rule="quality_failing")}
ORDER BY p.changed_at, m.id LIMIT %(most)s
"""  # noqa: S608 – of constants only

UNPLANNED: Final = f"""
SELECT r.id::text
FROM milestones_changerequest r
JOIN milestones_milestone m ON m.workspace_id = r.workspace_id AND m.id = r.milestone_id {AT_WORK}
WHERE r.state = 'undecided' AND m.stage <> 'closed' AND m.paused_at IS NULL
  AND {NO_SIGNAL.format(rule="scope_addition")}
ORDER BY r.asked_at, r.id LIMIT %(most)s
"""  # noqa: S608 – of constants only

# What a sweep found and nobody was told of; after a failure it waits out its pause, or is parked and shown.
UNTOLD: Final = """
SELECT id::text FROM (
    (SELECT id, opened_at FROM telemetry_signal
     WHERE parked_at IS NULL AND (retry_at IS NULL OR retry_at <= %(now)s)
       AND (opening_told_at IS NULL OR closed_at IS NOT NULL AND closing_told_at IS NULL)
     ORDER BY opened_at, id LIMIT %(most)s)
    UNION ALL
    (SELECT id, opened_at FROM telemetry_riskaction
     WHERE parked_at IS NULL AND (retry_at IS NULL OR retry_at <= %(now)s)
       AND (opening_told_at IS NULL OR closed_at IS NOT NULL AND closing_told_at IS NULL)
     ORDER BY opened_at, id LIMIT %(most)s)
) AS waiting ORDER BY opened_at, id LIMIT %(most)s
"""

# Who should stand as critical, and ages that are an hour behind.
CLOCKS: Final = """
SELECT name FROM (
    (SELECT m.id::text AS name, m.critical_at AS since FROM milestones_milestone m
     JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
     WHERE m.critical_at < %(now)s AND m.blocker_status <> 'critical' AND j.archived_at IS NULL
     ORDER BY m.critical_at, m.id LIMIT %(most)s)
    UNION ALL
    (SELECT m.id::text, m.blocked_since FROM milestones_milestone m
     JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
     WHERE m.blocked_since IS NOT NULL AND j.archived_at IS NULL
       AND floor(EXTRACT(EPOCH FROM %(now)s - m.blocked_since) / 3600) > COALESCE(m.blocker_age_hours, -1)
     ORDER BY m.blocked_since, m.id LIMIT %(most)s)
) AS behind ORDER BY since, name LIMIT %(most)s
"""

ANSWERS: Final = """
SELECT b.id::text
FROM escalation_blocker b
JOIN milestones_decisionrequest r ON r.workspace_id = b.workspace_id AND r.id = b.decision_request_id
JOIN milestones_project j ON j.workspace_id = r.workspace_id AND j.id = r.project_id
WHERE b.resolved_at IS NULL AND b.decision_request_id IS NOT NULL AND r.state IN ('decided', 'replaced')
  AND j.archived_at IS NULL
ORDER BY r.ended_at, b.id LIMIT %(most)s
"""

# Asked for, or due by the calendar; and those at work that stand on track although their day has passed.
LABELS: Final = """
SELECT name FROM (
    (SELECT p.milestone_id::text AS name, p.changed_at AS since FROM milestones_pulse p
     JOIN milestones_milestone m ON m.workspace_id = p.workspace_id AND m.id = p.milestone_id
     JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
     WHERE p.needs_label AND j.archived_at IS NULL
     ORDER BY p.changed_at, p.milestone_id LIMIT %(most)s)
    UNION ALL
    (SELECT p.milestone_id::text, p.label_due_at FROM milestones_pulse p
     JOIN milestones_milestone m ON m.workspace_id = p.workspace_id AND m.id = p.milestone_id
     JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
     WHERE p.label_due_at <= %(now)s AND j.archived_at IS NULL
     ORDER BY p.label_due_at, p.milestone_id LIMIT %(most)s)
    UNION ALL
    (SELECT m.id::text, (m.planned_date + 1)::timestamp AT TIME ZONE w.time_zone FROM milestones_milestone m
     JOIN tenancy_workspace w ON w.id = m.workspace_id
     JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
     WHERE m.stage IN ('execution', 'qa') AND m.paused_at IS NULL AND m.colour = 'on_track'
       AND GREATEST(m.forecast_date, (%(now)s AT TIME ZONE w.time_zone)::date) > m.planned_date
       AND j.archived_at IS NULL
     ORDER BY m.planned_date, m.id LIMIT %(most)s)
) AS due ORDER BY since, name LIMIT %(most)s
"""

SCORES: Final = """
SELECT name FROM (
    (SELECT p.milestone_id::text AS name, p.changed_at AS since FROM milestones_pulse p
     JOIN milestones_milestone m ON m.workspace_id = p.workspace_id AND m.id = p.milestone_id
     JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
     WHERE p.needs_score AND m.stage <> 'closed' AND j.archived_at IS NULL
     ORDER BY p.changed_at, p.milestone_id LIMIT %(most)s)
    UNION ALL
    (SELECT workspace_id::text, due_at FROM telemetry_scoringday WHERE due_at <= %(now)s
     ORDER BY due_at, workspace_id LIMIT %(most)s)
) AS due ORDER BY since, name LIMIT %(most)s
"""

# Due, or passed over: it failed for more than a day, so that neither today nor yesterday has a figure.
OUTLOOKS: Final = """
SELECT name FROM (
    (SELECT milestone_id::text AS name, changed_at AS since FROM milestones_pulse
     WHERE needs_outlook ORDER BY changed_at, milestone_id LIMIT %(most)s)
    UNION ALL
    (SELECT milestone_id::text, outlook_due_at FROM milestones_pulse
     WHERE outlook_due_at <= %(now)s ORDER BY outlook_due_at, milestone_id LIMIT %(most)s)
    UNION ALL
    (SELECT m.id::text, p.outlook_due_at FROM milestones_milestone m
     JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id
     JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
     JOIN tenancy_workspace w ON w.id = m.workspace_id
     CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE w.time_zone)::date AS today) t
     WHERE m.stage IN ('execution', 'qa') AND m.paused_at IS NULL AND j.archived_at IS NULL
       AND p.outlook_due_at > %(now)s AND NOT p.needs_outlook AND m.planned_date >= t.today
       AND NOT EXISTS (SELECT FROM telemetry_probabilitypoint k WHERE k.workspace_id = m.workspace_id
                       AND k.milestone_id = m.id AND k.day >= t.today - 1)
     ORDER BY p.outlook_due_at, m.id LIMIT %(most)s)
) AS due ORDER BY since, name LIMIT %(most)s
"""

# Said to be sent without a message, or with one whose end was not brought back.
NOTICES: Final = """
SELECT n.id::text
FROM milestones_notice n
LEFT JOIN journal_delivery d ON d.workspace_id = n.workspace_id AND d.id = n.delivery_id
WHERE n.state = 'sent' AND (d.id IS NULL OR d.state <> 'queued')
ORDER BY n.sent_at, n.id LIMIT %(most)s
"""

MAILS: Final = """
SELECT id::text FROM (
    (SELECT id, due_at FROM journal_delivery
     WHERE state = 'queued' AND channel = 'email' AND due_at <= %(now)s
       AND (lease_until IS NULL OR lease_until < now())
     ORDER BY due_at, id LIMIT %(most)s)
    UNION ALL
    (SELECT id, due_at FROM journal_accountmail
     WHERE state = 'queued' AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
     ORDER BY due_at, id LIMIT %(most)s)
) AS due ORDER BY due_at, id LIMIT %(most)s
"""

# Named by its place as well: an endpoint that is always busy moves on, one that is stuck does not.
WEBHOOKS: Final = """
SELECT name FROM (
    (SELECT e.id || ' ' || e.told_through AS name, e.id
     FROM journal_webhookendpoint e JOIN journal_chainhead h ON h.workspace_id = e.workspace_id
     WHERE e.paused_at IS NULL AND e.removed_at IS NULL AND e.told_through < h.seq
     ORDER BY e.id LIMIT %(most)s)
    UNION ALL
    (SELECT e.id || ' ' || e.due_at, e.id FROM journal_webhookendpoint e
     WHERE e.due_at <= %(now)s AND e.paused_at IS NULL AND e.removed_at IS NULL
       AND (e.rests_until IS NULL OR e.rests_until <= %(now)s)
       AND (e.lease_until IS NULL OR e.lease_until < now())
     ORDER BY e.due_at LIMIT %(most)s)
) AS behind ORDER BY id, name LIMIT %(most)s
"""

HOOKS: Final = """
SELECT id::text FROM telemetry_rawdelivery
WHERE state = 'received' AND (lease_until IS NULL OR lease_until < now())
ORDER BY received_at, id LIMIT %(most)s
"""

MISSES: Final = """
SELECT m.id::text
FROM milestones_milestone m
JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
JOIN tenancy_workspace w ON w.id = m.workspace_id
WHERE m.completed_at IS NULL AND m.stage <> 'closed' AND m.paused_at IS NULL AND j.archived_at IS NULL
  AND m.planned_date <= %(now)s::date AND m.planned_date < (%(now)s AT TIME ZONE w.time_zone)::date
  AND NOT EXISTS (SELECT FROM milestones_miss o WHERE o.workspace_id = m.workspace_id
                  AND o.milestone_id = m.id AND o.planned_date = m.planned_date AND o.closed_at IS NULL)
ORDER BY m.planned_date, m.id LIMIT %(most)s
"""

REMINDERS: Final = """
SELECT r.id::text
FROM milestones_decisionrequest r
JOIN milestones_milestone m ON m.workspace_id = r.workspace_id AND m.id = r.milestone_id
JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
WHERE r.remind_at <= %(now)s AND m.paused_at IS NULL AND j.archived_at IS NULL
ORDER BY r.remind_at, r.id LIMIT %(most)s
"""

DRAFTS: Final = """
SELECT m.id::text
FROM milestones_milestone m
JOIN milestones_project j ON j.workspace_id = m.workspace_id AND j.id = m.project_id
WHERE m.stage IN ('review', 'closeout') AND m.proof_packet_url = '' AND j.archived_at IS NULL
  AND NOT EXISTS (SELECT FROM proofs_proofpacket d WHERE d.workspace_id = m.workspace_id
                  AND d.milestone_id = m.id AND d.state = 'draft')
ORDER BY m.accepted_at, m.id LIMIT %(most)s
"""

FILES: Final = """
SELECT id::text FROM proofs_rendering
WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
ORDER BY due_at, id LIMIT %(most)s
"""

WATCHED: Final = (
    Watched(name="silence", late=SILENT),
    Watched(name="blocker aging", late=AGING),
    Watched(name="failing quality", late=FAILING),
    Watched(name="unplanned requests", late=UNPLANNED),
    Watched(name="signals and actions told", late=UNTOLD),
    Watched(name="blocker clocks", late=CLOCKS),
    Watched(name="blocker answers", late=ANSWERS),
    Watched(name="labels", late=LABELS),
    Watched(name="notices", late=NOTICES),
    Watched(name="e-mails", late=MAILS),
    Watched(name="webhooks", late=WEBHOOKS),
    Watched(name="reminders", late=REMINDERS),
    Watched(name="drafts of packets", late=DRAFTS),
    # Taken in, scored and printed in the order of their arrival: a burst takes its time.
    Watched(name="deliveries of tools", late=HOOKS, patience=timedelta(minutes=5)),
    Watched(name="scores", late=SCORES, patience=timedelta(minutes=15)),
    Watched(name="files of packets", late=FILES, patience=timedelta(minutes=15)),
    # Simulated one by one: a day of very many takes longer.
    Watched(name="on-time probabilities", late=OUTLOOKS, patience=timedelta(minutes=30)),
    # Opened by the hour.
    Watched(name="missed dates", late=MISSES, patience=timedelta(minutes=65)),
)
