"""Scores of many milestones in one statement: what changed, what time alone has changed, and each new day.

A milestone that changed is claimed by lowering its flag, then judged by a second statement with a fresh view:
whoever changes it meanwhile raises the flag again. At the start of a workspace's day all its milestones are
judged, in ranges of keys that are committed one by one. The same moment judged twice writes nothing.
"""

# ruff: noqa: S608 - the text is ours, every value is a parameter

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from telemetry.risk import NAMED_ACTIONS, Evidence, NamedAction, sql_groups, sql_risk
from telemetry.risk.formula import RESPONSE_ALLOWED_HOURS, RISK
from telemetry.sweeps.evidence import Within, by_ids, by_range, evidence, named
from tenancy.sweep import FIRST, in_lanes, one, rows, sweep

BATCH = 5_000
RANGE = 30_000
WORKSPACES = 60  # at most; fewer towards the end, so that the lanes end together
LANES = 2  # connections that share a day's work
LEASE = timedelta(minutes=5)  # longer than the job's time limit
LAST = UUID(int=2**128 - 1)

INPUTS = [field.name for field in fields(Evidence)]
GROUPS = sql_groups({name: f"e.{name}" for name in INPUTS})
RISK_OF_GROUPS = sql_risk({name: f"e.{name}" for name in GROUPS})
SCORES = [*GROUPS, RISK]
COLUMNS = ["workspace_id", "milestone_id", *INPUTS, *SCORES]
OWNERS = {"owner_primary": "owner_primary_id", "milestone_review_owner": "review_owner_id"}

# A point is lost with each hour, at halves: the next of them, were the whole time until then working time.
NEXT_POINT = "GREATEST(0.5, ceil({lost} - 0.5) + 0.5) - {lost}"
LAG = f"(e.longest_unanswered_hours - {RESPONSE_ALLOWED_HOURS})"
STALL = "(2 * EXTRACT(EPOCH FROM %(now)s - e.stalls_at)::float8 / 3600)"


def _wakes_at(lost: str, *, hours_a_point: float) -> str:
    hours = f"({NEXT_POINT.format(lost=lost)}) * {hours_a_point}"
    # From 40 points on nothing more is lost.
    return f"CASE WHEN {lost} < 40 THEN %(now)s + make_interval(secs => {hours} * 3600 + 1) END"


WAKES_AT = f"""LEAST(
    CASE WHEN e.unanswered_since IS NOT NULL THEN {_wakes_at(LAG, hours_a_point=1)} END,
    {_wakes_at(STALL, hours_a_point=0.5)},
    e.next_critical_at + interval '1 microsecond',
    e.oldest_request_at + interval '14 days'
)"""


def _fires(action: NamedAction) -> str:
    fired = f"s.{action.group}_score < {action.below}"
    return f"{fired} AND s.qa_{action.needs_runs} IS NOT NULL" if action.needs_runs else fired


def _rule(action: NamedAction) -> str:
    checklist = ", ".join(f"'{item}'" for item in action.checklist)
    owner, score = f"s.{OWNERS[action.owner_role]}", f"s.{action.group}_score"
    fires = f"COALESCE({_fires(action)}, false)"
    return f"('{action.code}', {fires}, {score}, {action.below}, {owner}, ARRAY[{checklist}])"


RULES = f"""(VALUES {", ".join(map(_rule, NAMED_ACTIONS))})
    AS rule (code, fires, score, below, owner_id, checklist)"""


# Both as one number, a bit for each action, so that few milestones are looked at rule by rule.
OPEN_CODES = "sum(CASE a.code {} END)".format(
    " ".join(f"WHEN '{action.code}' THEN {1 << bit}" for bit, action in enumerate(NAMED_ACTIONS))
)
FIRED_CODES = "({})".format(
    " + ".join(
        f"CASE WHEN {_fires(action)} THEN {1 << bit} ELSE 0 END" for bit, action in enumerate(NAMED_ACTIONS)
    )
)


def _listed(names: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{name}" for name in names)


def scored(within: Within) -> str:
    """The common table expressions that end in `scored`: evidence, scores, and the moment to look again.

    An earlier moment that is still to come is kept, so that judging twice writes nothing.
    """
    groups = ", ".join(f"{text} AS {name}" for name, text in GROUPS.items())
    return f"""WITH {evidence(within)}, scored AS MATERIALIZED (
        SELECT e.*, {RISK_OF_GROUPS} AS {RISK}, CASE
            WHEN e.was_due_at > %(now)s AND e.was_due_at <= {WAKES_AT} THEN e.was_due_at ELSE {WAKES_AT}
        END AS due_at
        FROM (SELECT e.*, {groups} FROM evidence e OFFSET 0) e
    )"""


def _statement(within: Within, *, repeated: str = "") -> str:
    return f"""{scored(within)}, written AS (
        UPDATE milestones_milestone m SET ({_listed(SCORES)}) = ROW ({_listed(SCORES, "s.")})
        FROM scored s
        WHERE m.ctid = s.place AND m.id = s.milestone_id
          AND ({_listed(SCORES, "m.")}) IS DISTINCT FROM ({_listed(SCORES, "s.")})
        RETURNING s.*
    ), kept AS (
        INSERT INTO telemetry_riskscore (scored_at, {_listed(COLUMNS)})
        SELECT %(now)s, {_listed(COLUMNS)} FROM written
        {repeated}
    ), woken AS (
        UPDATE milestones_pulse p SET score_due_at = s.due_at
        FROM scored s
        WHERE p.id = s.pulse_id AND s.was_due_at IS DISTINCT FROM s.due_at
    ), standing AS (
        SELECT a.milestone_id, {OPEN_CODES} AS codes
        FROM telemetry_riskaction a WHERE a.closed_at IS NULL AND {within("a.workspace_id", "a.milestone_id")}
        GROUP BY a.milestone_id
    ), moved AS (
        SELECT s.* FROM written s LEFT JOIN standing ON standing.milestone_id = s.milestone_id
        WHERE {FIRED_CODES} <> COALESCE(standing.codes, 0)
    ), judged AS MATERIALIZED (
        SELECT s.workspace_id, s.milestone_id, rule.*, a.id AS open_id
        FROM moved s CROSS JOIN LATERAL {RULES}
        LEFT JOIN telemetry_riskaction a ON a.workspace_id = s.workspace_id
            AND a.milestone_id = s.milestone_id AND a.code = rule.code AND a.closed_at IS NULL
        WHERE rule.fires <> (a.id IS NOT NULL)
    ), opened AS (
        INSERT INTO telemetry_riskaction
            (id, workspace_id, milestone_id, opened_at, code, score, below, owner_id, checklist)
        SELECT uuidv7(), workspace_id, milestone_id, %(now)s, code, score, below, owner_id, checklist
        FROM judged WHERE fires
        ON CONFLICT DO NOTHING
    ), closed AS (
        UPDATE telemetry_riskaction a SET closed_at = %(now)s FROM judged j WHERE a.id = j.open_id
    )
    SELECT count(*) FROM written"""


# One run may score a milestone twice when it changes meanwhile; a day's range never does.
SCORE_IDS = _statement(by_ids, repeated="ON CONFLICT DO NOTHING")
SCORE_RANGE = _statement(by_range)

# Both rows are locked or neither: an action holds the milestone first and its pulse later.
CLAIM = """
WITH due AS (
    SELECT p.id FROM milestones_pulse p
    JOIN milestones_milestone m ON m.workspace_id = p.workspace_id AND m.id = p.milestone_id
    WHERE p.needs_score OR p.score_due_at <= %(now)s
    ORDER BY p.workspace_id, p.milestone_id LIMIT %(batch)s FOR NO KEY UPDATE OF p, m SKIP LOCKED
)
UPDATE milestones_pulse p
SET needs_score = false, score_due_at = CASE WHEN p.score_due_at > %(now)s THEN p.score_due_at END
FROM due WHERE p.id = due.id
RETURNING p.workspace_id, p.milestone_id
"""

# A milestone that others wait for may have become late, or done.
WAITING_FOR = f"""
SELECT d.workspace_id, d.milestone_id FROM milestones_dependency d
JOIN milestones_milestone m ON m.workspace_id = d.workspace_id AND m.id = d.milestone_id
WHERE {by_ids("d.workspace_id", "d.needs_id")}
FOR NO KEY UPDATE OF m SKIP LOCKED
"""

BEGIN_DAYS = """
INSERT INTO telemetry_scoringday (id, workspace_id, due_at)
SELECT uuidv7(), workspace_id, %(now)s FROM unnest(%(workspaces)s::uuid[]) AS workspace_id
ON CONFLICT DO NOTHING
"""

# The lease is checked by the database's clock, as in the outbox.
CLAIM_DAYS = """
UPDATE telemetry_scoringday SET lease_until = now() + %(lease)s
WHERE id IN (
    SELECT id FROM telemetry_scoringday
    WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())
    ORDER BY due_at FOR UPDATE SKIP LOCKED LIMIT GREATEST(5, LEAST(%(most)s, (
        SELECT count(*) FROM telemetry_scoringday
        WHERE due_at <= %(now)s AND (lease_until IS NULL OR lease_until < now())) / %(shares)s))
)
RETURNING workspace_id
"""

END_DAYS = """
UPDATE telemetry_scoringday d SET lease_until = NULL,
    due_at = ((%(now)s AT TIME ZONE w.time_zone)::date + 1)::timestamp AT TIME ZONE w.time_zone
FROM tenancy_workspace w WHERE w.id = d.workspace_id AND d.workspace_id = ANY(%(workspaces)s)
"""

TAKE_USUAL_PACE = """
INSERT INTO telemetry_usualpace AS u (id, workspace_id, kind, cycle_hours)
SELECT uuidv7(), m.workspace_id, m.kind, percentile_cont(0.5) WITHIN GROUP (ORDER BY p.cycle_median_hours)
FROM milestones_milestone m
JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id
WHERE m.workspace_id = ANY(%(workspaces)s) AND m.stage = 'closed' AND p.cycle_median_hours IS NOT NULL
GROUP BY m.workspace_id, m.kind
ON CONFLICT (workspace_id, kind) DO UPDATE SET cycle_hours = EXCLUDED.cycle_hours
WHERE u.cycle_hours <> EXCLUDED.cycle_hours
"""

END_OF_RANGE = """
SELECT workspace_id, id FROM milestones_milestone
WHERE workspace_id = ANY(%(workspaces)s) AND (workspace_id, id) > (%(after_workspace)s, %(after)s)
ORDER BY workspace_id, id OFFSET %(size)s LIMIT 1
"""


def score_changed(*, now: datetime) -> int:
    """Scores what changed, and what time alone has changed by now. Returns how many scores it wrote."""
    return sum(_batches(now))


def _batches(now: datetime) -> Iterator[int]:
    while True:
        with sweep():
            claimed = rows(CLAIM, {"now": now, "batch": BATCH})
            if not claimed:
                return
            yield _score_claimed(claimed, now=now)


def _score_claimed(claimed: Sequence[tuple[UUID, UUID]], *, now: datetime) -> int:
    rows(BEGIN_DAYS, named(claimed, now=now))
    waiting = rows(WAITING_FOR, named(claimed, now=now))
    return int(one(SCORE_IDS, named([*claimed, *waiting], now=now)))


def score_days(*, now: datetime) -> int:
    """Scores all milestones of the workspaces whose day has begun. Returns how many scores it wrote.

    Two lanes claim workspaces from one another, as two workers would.
    """
    return sum(in_lanes(LANES, lambda: sum(_days(now))))


def _days(now: datetime) -> Iterator[int]:
    while workspaces := _claim_days(now):
        with sweep():
            rows(TAKE_USUAL_PACE, {"workspaces": workspaces})
        yield from _ranges(workspaces, now)
        with sweep():
            rows(END_DAYS, {"workspaces": workspaces, "now": now})


def _claim_days(now: datetime) -> list[UUID]:
    with sweep():
        claimed = rows(CLAIM_DAYS, {"now": now, "lease": LEASE, "most": WORKSPACES, "shares": 2 * LANES})
    return [workspace_id for (workspace_id,) in claimed]


def _ranges(workspaces: list[UUID], now: datetime) -> Iterator[int]:
    """Scores range after range, each committed on its own."""
    at: Mapping[str, Any] | None = {
        "workspaces": workspaces,
        "now": now,
        "after_workspace": FIRST,
        "after": FIRST,
    }
    while at:
        at, written = _score_range(at)
        yield written


def _score_range(at: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, int]:
    """Where the next range begins, None after the last; and how many scores this one wrote."""
    with sweep():
        end = rows(END_OF_RANGE, {**at, "size": RANGE - 1})
        workspace_id, milestone_id = end[0] if end else (LAST, LAST)
        written = int(one(SCORE_RANGE, {**at, "upto_workspace": workspace_id, "upto": milestone_id}))
    return ({**at, "after_workspace": workspace_id, "after": milestone_id} if end else None), written
