"""The beat jobs that follow milestones: labels, figures, misses, notices and reminders.

What one statement settles is measured over many milestones made in SQL; what becomes an action, one row at a
time with its entry in the journal, in a workspace that was told by the product's own actions.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import psycopg

from benchmarks import database
from benchmarks.common import Report, size, timed
from benchmarks.engagements import CLIENT_KEYS, MOVED, PLANS, copy, tell
from benchmarks.sweeps import IDLE_RUNS, MILESTONES_A_WORKSPACE, NOW, population, vacuum

Job = Callable[..., int]

ACTIONS = 100  # of each kind that acts row by row

# Past the first day all have a label and a figure, so that what is asked for again changes nothing.
ALL_LABELS = b"UPDATE milestones_pulse SET needs_label = true"
ALL_FIGURES = b"UPDATE milestones_milestone SET figures_on = NULL WHERE stage IN ('execution', 'qa')"

# Rows like one that is there, but for their keys and what is said.
LIKE = """
INSERT INTO {table} SELECT (jsonb_populate_record(model.it, jsonb_build_object({instead}))).*
FROM (SELECT it FROM {table} it WHERE {chosen} ORDER BY id LIMIT 1) model
CROSS JOIN generate_series(1, {count}) n
"""
QUESTIONS = LIKE.format(
    table="milestones_decisionrequest",
    chosen="sent_at IS NOT NULL",
    count=ACTIONS,
    instead="'id', uuidv7(), 'number', (model.it).number + 1000 + n, 'subject_id', uuidv7(), "
    "'state', 'pending', 'ended_at', NULL, 'shown_digest', repeat('0', 64), 'reminders', 0, "
    "'remind_at', now() - interval '1 day'",
)
MESSAGES = LIKE.format(
    table="journal_delivery",
    chosen="kind = 'notice'",
    count=ACTIONS,
    instead="'id', uuidv7(), 'occurrence', 1000 + n, 'state', 'sent', 'finished_at', now()",
)
NOTICES = """
INSERT INTO milestones_notice SELECT (jsonb_populate_record(model.it, jsonb_build_object(
    'id', uuidv7(), 'number', (model.it).number + 1000 + sent.occurrence, 'occurrence', sent.occurrence::text,
    'state', 'sent', 'sent_at', now(), 'delivered_at', NULL, 'bounced_at', NULL, 'problem', '',
    'delivery_id', sent.id))).*
FROM (SELECT it FROM milestones_notice it WHERE delivery_id IS NOT NULL ORDER BY id LIMIT 1) model
CROSS JOIN (SELECT id, occurrence FROM journal_delivery WHERE occurrence > 1000) sent
"""
TURNING = b"""
WITH turned AS (
    UPDATE milestones_milestone SET figures_warn = true, paused_at = NULL WHERE id IN (
        SELECT id FROM milestones_milestone
        WHERE colour = 'on_track' AND stage IN ('execution', 'qa') AND forecast_date <= planned_date LIMIT %s)
    RETURNING id
)
UPDATE milestones_pulse SET needs_label = true FROM turned WHERE milestone_id = turned.id
"""


def run(report: Report) -> None:
    settled(report, size(200_000))
    acted(report)


def settled(report: Report, milestones: int) -> None:
    """Nothing follows: no label changes, no day is full."""
    from milestones.sweeps.figures import evaluate_figures
    from milestones.sweeps.labels import follow_labels
    from milestones.sweeps.misses import open_due

    report.title(f"Rounds over {milestones:,} active milestones")
    with population(milestones, max(1, milestones // MILESTONES_A_WORKSPACE)) as connection:
        follow_labels(now=NOW)
        for name, job, ask in (
            ("labels", follow_labels, ALL_LABELS),
            ("figures", evaluate_figures, ALL_FIGURES),
        ):
            connection.execute(ask)
            vacuum(connection)
            _say(report, name, job, now=NOW)
        _idle(report, "misses", open_due, now=NOW - timedelta(days=1))


def _say(report: Report, name: str, job: Job, *, now: datetime) -> None:
    looked_at: list[int] = []
    seconds = timed(lambda: looked_at.append(job(now=now)))
    report.goal(
        6, f"{name}: ms per due row ({looked_at[0]:,} due)", 1000 * seconds / looked_at[0], at_most=0.1
    )
    _idle(report, name, job, now=now)


def _idle(report: Report, name: str, job: Job, *, now: datetime) -> None:
    idle = min(timed(partial(job, now=now)) for _ in range(IDLE_RUNS))
    report.note(f"{name}: an idle round", f"{1000 * idle:.2f} ms")


def acted(report: Report) -> None:
    """What is told one by one: its entry in the journal, its message, its milestone."""
    from milestones.sweeps.labels import follow_labels
    from milestones.sweeps.notices import follow_messages
    from milestones.sweeps.reminders import remind_due

    report.title(f"Rounds that act, {ACTIONS:,} times each")
    with database.clone("bench_rounds") as name:
        tell()
        _ask()
        with database.superuser(name) as connection:
            copy(connection, PLANS, times=ACTIONS // 2, kept=CLIENT_KEYS, instead=MOVED)
            now = datetime.now(UTC)
            follow_labels(now=now)
            connection.execute(TURNING, [ACTIONS])
            for statement in (QUESTIONS, MESSAGES, NOTICES):
                connection.execute(statement.encode())
            jobs: Mapping[str, Job] = {
                "labels that change": follow_labels,
                "notices that arrived": follow_messages,
                "reminders": remind_due,
            }
            for what, job in jobs.items():
                _tell(report, connection, what, job, now=now)


def _ask() -> None:
    """One question to a client, in a workspace of its own, for the copies."""
    from tenancy.door import inside
    from tests import factories
    from tests.milestones.asking import asked

    ada = factories.person()
    with inside(factories.workspace(ada)):
        asked(factories.milestone_in_execution(factories.actor(ada)), factories.actor(ada))


def _tell(report: Report, connection: psycopg.Connection[Any], what: str, job: Job, *, now: datetime) -> None:
    before, acted = _entries(connection), []
    seconds = timed(lambda: acted.append(job(now=now)))
    told = _entries(connection) - before
    report.note(
        f"{what}: {acted[0]:,} looked at, {told:,} entries", f"{1000 * seconds / acted[0]:.1f} ms each"
    )


def _entries(connection: psycopg.Connection[Any]) -> int:
    found = connection.execute("SELECT count(*) FROM journal_event").fetchone()
    return int(found[0]) if found else 0
