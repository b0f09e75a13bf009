"""Ages of open blockers, and who turned critical: only rows due by `age_due_at`.

Ages move by whole hours. Where the status would change, or a moved forecast left the clocks open (no
`critical_at`), the sweep leaves the row due and says so: that step is journalled, one milestone at a time,
inside its workspace's door.

Answers: open blockers whose question to the client was answered, or asked anew; resolved ones whose answer
was taken back.
"""

from datetime import datetime
from functools import partial

from escalation.actions import follow_clocks
from escalation.asking import follow_countermand, follow_question
from tenancy.sweep import batches, each, found

BATCH = 10_000
AT_ONCE = 1000

AGE_DUE = """
WITH due AS (
    SELECT p.id AS pulse_id, m.id, m.workspace_id, m.blocked_since, m.critical_at,
           m.blocked_since IS NOT NULL AND (m.critical_at IS NULL
               OR m.blocker_status <> 'critical' AND m.critical_at < %(now)s) AS must_follow
    FROM milestones_pulse p
    JOIN milestones_milestone m ON m.workspace_id = p.workspace_id AND m.id = p.milestone_id
    WHERE p.age_due_at <= %(now)s AND NOT p.rests
      AND (p.workspace_id, p.milestone_id) > (%(after_workspace)s, %(after)s)
    ORDER BY p.workspace_id, p.milestone_id LIMIT %(batch)s FOR NO KEY UPDATE OF p, m SKIP LOCKED
), aged AS (
    UPDATE milestones_milestone m
    SET blocker_age_hours = floor(EXTRACT(EPOCH FROM %(now)s - due.blocked_since) / 3600)
    FROM due WHERE m.workspace_id = due.workspace_id AND m.id = due.id AND NOT due.must_follow
), armed AS (
    UPDATE milestones_pulse p SET age_due_at = LEAST(
        CASE WHEN due.critical_at >= %(now)s THEN due.critical_at + interval '1 microsecond' END,
        due.blocked_since + make_interval(
            hours => 1 + floor(EXTRACT(EPOCH FROM %(now)s - due.blocked_since) / 3600)::integer))
    FROM due WHERE p.id = due.pulse_id AND NOT due.must_follow
)
SELECT workspace_id, id, must_follow FROM due
"""

ANSWERED = """
SELECT b.workspace_id, b.id
FROM escalation_blocker b
JOIN milestones_decisionrequest r ON r.workspace_id = b.workspace_id AND r.id = b.decision_request_id
JOIN milestones_project p ON p.workspace_id = r.workspace_id AND p.id = r.project_id
WHERE b.resolved_at IS NULL AND p.archived_at IS NULL AND r.state IN ('decided', 'replaced')
ORDER BY r.ended_at, b.id LIMIT %(at_once)s
"""


# Whose resolving moment is that of an answer which was taken back since.
TAKEN_BACK = """
SELECT b.workspace_id, b.id
FROM milestones_decisionrequest r
JOIN escalation_blocker b ON b.workspace_id = r.workspace_id AND b.id = r.subject_id
    AND b.decision_request_id = r.id
JOIN milestones_decision d ON d.workspace_id = r.workspace_id AND d.request_id = r.id
JOIN milestones_project p ON p.workspace_id = r.workspace_id AND p.id = r.project_id
JOIN milestones_milestone m ON m.workspace_id = b.workspace_id AND m.id = b.milestone_id
WHERE r.state = 'countermanded' AND r.kind = 'blocker' AND p.archived_at IS NULL AND m.stage <> 'closed'
  AND d.countermands_id IS NULL AND d.at = b.resolved_at
ORDER BY r.ended_at, b.id LIMIT %(at_once)s
"""


def age_blockers(*, now: datetime) -> int:
    """Brings ages up to date and journals who turned critical. Returns how many milestones it looked at."""
    follow, looked_at = partial(follow_clocks, now=now), 0
    for batch in batches(AGE_DUE, {"now": now, "batch": BATCH}):
        must_follow = [(workspace_id, pk) for workspace_id, pk, must_follow in batch if must_follow]
        each(must_follow, follow, failure="blocker.not_followed")
        looked_at += len(batch)
    return looked_at


def follow_answers(*, now: datetime) -> int:
    """Ends blockers whose question was answered, reopens those whose answer was taken back. Says how many."""
    answered = found(ANSWERED, {"at_once": AT_ONCE})
    count = each(answered, partial(follow_question, now=now), failure="blocker.answer_not_followed")
    taken_back = found(TAKEN_BACK, {"at_once": AT_ONCE})
    return count + each(taken_back, partial(follow_countermand, now=now), failure="blocker.not_reopened")
