"""On-time probabilities of many milestones: a whole day's, those that changed, and where the time goes."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.common import Report, alternating, size, timed
from benchmarks.sweeps import IDLE_RUNS, MILESTONES_A_WORKSPACE, NOW, population, vacuum

TENTH = 10  # of the milestones of the other sweeps: every figure is a thousand simulated futures

# What the population leaves open: what stops the path, and when the closed ones ended.
COMPLETED = """
UPDATE milestones_milestone SET stopped_since = blocked_since,
    completed_at = CASE WHEN stage = 'closed' THEN closed_at - make_interval(days => length(name) % 5)
                        ELSE completed_at END
"""
RESOLVED = """
UPDATE escalation_blocker SET resolved_at = opened_at + make_interval(hours => 5 + number % 90),
    resolution = 'It came.' WHERE number % 3 = 0
"""
ALL_DUE = "UPDATE milestones_pulse SET needs_outlook = false, outlook_due_at = '2026-01-01'"
SOME_CHANGED = """
UPDATE milestones_pulse SET needs_outlook = true
WHERE id IN (SELECT id FROM milestones_pulse ORDER BY md5(id::text) LIMIT %(some)s)
"""


def run(report: Report) -> None:
    milestones = size(200_000) // TENTH
    report.title(f"On-time probabilities, {milestones:,} milestones at work")
    small = _day(report, milestones // TENTH, "few milestones")
    large = _day(report, milestones, "ten times as many")
    report.goal(5, "on-time probabilities: ten times the rows ÷ few", large / small, at_most=13)


def _day(report: Report, milestones: int, name: str) -> float:
    from telemetry.sweeps.outlooks import foresee

    with population(milestones, max(1, milestones // MILESTONES_A_WORKSPACE)) as connection:
        for statement in (COMPLETED, RESOLVED):
            connection.execute(statement)

        def begin_day() -> None:
            connection.execute(ALL_DUE)
            vacuum(connection)

        reading, whole = alternating(partial(_read, connection), partial(foresee, now=NOW), before=begin_day)
        at_work = _count(connection, "milestones_milestone WHERE stage IN ('execution', 'qa')")
        report.note(f"{name}: a day of {at_work:,}", f"{whole:.2f} s, {at_work / whole:,.0f} a second")
        report.note(f"{name}: of it reading", f"{reading:.2f} s")
        _changed(report, connection, milestones // TENTH)
        return whole


def _read(connection: psycopg.Connection[Any]) -> None:
    from telemetry.sweeps.foreseen import find, homes
    from telemetry.sweeps.outlooks import BATCH
    from tenancy.sweep import sweep

    keys = connection.execute("SELECT workspace_id, id FROM milestones_milestone ORDER BY 1, 2").fetchall()
    batches: Sequence[list[tuple[UUID, UUID]]] = [keys[n : n + BATCH] for n in range(0, len(keys), BATCH)]
    for batch in batches:
        with sweep():
            find(batch, now=NOW)
            homes({workspace_id for workspace_id, _ in batch}, now=NOW)


def _changed(report: Report, connection: psycopg.Connection[Any], some: int) -> None:
    from telemetry.sweeps.outlooks import foresee

    connection.execute(SOME_CHANGED, {"some": some})
    busy = time.process_time()
    seconds = timed(partial(foresee, now=NOW))
    busy = time.process_time() - busy
    told = f"{1000 * seconds / some:.2f} ms each, {1000 * busy / some:.2f} ms of the worker's processor"
    report.note(f"{some:,} that changed", told)
    vacuum(connection)  # as autovacuum does soon: the plan rests on how many flags are believed to be up
    idle = min(timed(partial(foresee, now=NOW)) for _ in range(IDLE_RUNS))
    report.goal(6, "on-time probabilities: ms of an idle sweep", 1000 * idle, at_most=2)


def _count(connection: psycopg.Connection[Any], rows: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {rows}".encode()).fetchone()  # noqa: S608 - our text
    return int(found[0]) if found else 0
