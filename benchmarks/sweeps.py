"""The beat jobs over many milestones: goals 4, 5, 6 and 10."""

# ruff: noqa: S608 - the text is ours, every value is a parameter

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

import psycopg

from benchmarks import database
from benchmarks.common import REPEATS, Report, alternating, size, timed
from benchmarks.population import TABLES, populate

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
MILESTONES_A_WORKSPACE = 500
IDLE_RUNS = 20

# Every score moves, so that the sweep after it has every row to write.
BARE_UPDATE = b"""
UPDATE milestones_milestone SET
    execution_velocity_score = (COALESCE(execution_velocity_score, 0) + 1) % 101,
    dependency_health_score = (COALESCE(dependency_health_score, 0) + 1) % 101,
    quality_confidence_score = (COALESCE(quality_confidence_score, 0) + 1) % 101,
    scope_stability_score = (COALESCE(scope_stability_score, 0) + 1) % 101,
    delivery_risk_score = (COALESCE(delivery_risk_score, 0) + 1) % 101
WHERE stage IN ('execution', 'qa', 'review', 'closeout')
"""
DAY_BEGINS = b"UPDATE telemetry_scoringday SET due_at = '2026-01-01', lease_until = NULL"

_moments = (NOW + timedelta(seconds=n) for n in range(10_000))


@contextmanager
def population(milestones: int, workspaces: int) -> Iterator[psycopg.Connection[Any]]:
    with database.clone("bench_sweeps") as name, database.superuser(name) as connection:
        populate(connection, milestones=milestones, workspaces=workspaces, now=NOW)
        yield connection


def run(report: Report) -> None:
    milestones = size(200_000)
    full_sweep(report, milestones)
    growth(report, milestones)


def sweep_all() -> None:
    """Every milestone through the real job; each at a later second, so that history has room for it."""
    from telemetry.sweeps import risk

    risk.score_days(now=next(_moments))


def scoring_select() -> None:
    from telemetry.sweeps.evidence import by_range
    from telemetry.sweeps.risk import LAST, scored
    from tenancy.sweep import FIRST, rows, sweep

    with sweep():
        workspaces = [pk for (pk,) in rows("SELECT id FROM tenancy_workspace ORDER BY id")]
    for n in range(0, len(workspaces), 60):
        values = {"now": NOW, "workspaces": workspaces[n : n + 60]}
        ends = {"after_workspace": FIRST, "after": FIRST, "upto_workspace": LAST, "upto": LAST}
        with sweep():
            rows(f"{scored(by_range)} SELECT sum(delivery_risk_score) FROM scored", {**values, **ends})


def vacuum(connection: psycopg.Connection[Any]) -> None:
    for table in TABLES:
        connection.execute(f"VACUUM ANALYZE {table}".encode())


def full_sweep(report: Report, milestones: int) -> None:
    report.title(f"Risk sweep, {milestones:,} active milestones")
    with population(milestones, max(1, milestones // MILESTONES_A_WORKSPACE)) as connection:
        sweep_all()

        def begin_day() -> None:
            vacuum(connection)
            connection.execute(DAY_BEGINS)

        bare, full = alternating(lambda: connection.execute(BARE_UPDATE), sweep_all, before=begin_day)
        select, again = alternating(scoring_select, sweep_all, before=begin_day)
        written = connection.execute("SELECT count(*) FROM telemetry_riskscore").fetchone()
        report.note("bare UPDATE", f"{bare:.2f} s")
        report.note("full sweep, every score changed, history kept", f"{full:.2f} s")
        report.note("scoring SELECT", f"{select:.2f} s")
        report.note("full sweep, nothing changed", f"{again:.2f} s")
        report.note("rows of history", f"{written[0]:,}" if written else "none")
        report.goal(4, "full sweep ÷ bare UPDATE", full / bare, at_most=1.5)
        report.goal(4, "nothing changed ÷ scoring SELECT", again / select, at_most=4)
        heartbeat(report, connection, milestones)
        policies(report, connection)


def heartbeat(report: Report, connection: psycopg.Connection[Any], milestones: int) -> None:
    from escalation.sweeps import age_blockers
    from telemetry.sweeps.heartbeat import check_due
    from telemetry.sweeps.risk import score_changed

    due = milestones // 10
    connection.execute(
        "UPDATE milestones_pulse SET check_due_at = NULL, age_due_at = NULL, score_due_at = NULL"
    )
    vacuum(connection)
    for name, job in (
        ("heartbeat", check_due),
        ("blocker age", age_blockers),
        ("changed scores", score_changed),
    ):
        connection.execute(DUE[name], {"due": due, "now": NOW})
        seconds = timed(partial(job, now=NOW))
        count = connection.execute(COUNTED[name], {"due": due}).fetchone()
        looked_at = count[0] if count else 0
        report.goal(6, f"{name}: ms per due row ({looked_at:,} due)", 1000 * seconds / looked_at, at_most=0.1)
        idle = min(timed(partial(job, now=NOW)) for _ in range(IDLE_RUNS))
        report.goal(6, f"{name}: ms of an idle sweep", 1000 * idle, at_most=2)


_SOME = "id IN (SELECT id FROM milestones_pulse ORDER BY id LIMIT %(due)s)"
_BLOCKED = "milestone_id IN (SELECT id FROM milestones_milestone WHERE blocked_since IS NOT NULL)"
DUE = {
    "heartbeat": f"UPDATE milestones_pulse SET check_due_at = %(now)s WHERE {_SOME}".encode(),
    "blocker age": f"UPDATE milestones_pulse SET age_due_at = %(now)s WHERE {_BLOCKED}".encode(),
    "changed scores": f"UPDATE milestones_pulse SET needs_score = true WHERE {_SOME}".encode(),
}
COUNTED = {
    "heartbeat": b"SELECT %(due)s::integer",
    "blocker age": f"SELECT count(*) FROM milestones_pulse WHERE {_BLOCKED}".encode(),
    "changed scores": b"SELECT %(due)s::integer",
}


def policies(report: Report, connection: psycopg.Connection[Any]) -> None:
    """The same scoring with and without row-level security, in the role that it binds."""
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
        )
    ]

    def switch(word: str) -> None:
        for name in tables:
            connection.execute(f"ALTER TABLE {name} {word} ROW LEVEL SECURITY".encode())

    taken: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    for _ in range(REPEATS):
        for word, seconds in taken.items():
            switch(word)
            seconds.append(timed(scoring_select))
    switch("ENABLE")
    on, off = median(taken["ENABLE"]), median(taken["DISABLE"])
    report.goal(10, "row-level security on ÷ off, scoring", on / off, at_most=1.15)


def growth(report: Report, milestones: int) -> None:
    report.title("Growth of the sweep")
    small = milestones // 10
    each = MILESTONES_A_WORKSPACE
    seconds = {
        "ten times the rows": _sweep_time(milestones, milestones // each),
        "few rows": _sweep_time(small, max(1, small // each)),
        "ten times the workspaces": _sweep_time(small, max(10, 10 * small // each)),
    }
    for name, taken in seconds.items():
        report.note(name, f"{taken:.2f} s")
    few = seconds["few rows"]
    report.goal(5, "ten times the rows ÷ few", seconds["ten times the rows"] / few, at_most=13)
    report.goal(5, "ten times the workspaces ÷ few", seconds["ten times the workspaces"] / few, at_most=1.3)


def _sweep_time(milestones: int, workspaces: int) -> float:
    with population(milestones, workspaces) as connection:
        sweep_all()

        def every_score_moves() -> None:
            connection.execute(BARE_UPDATE)
            vacuum(connection)
            connection.execute(DAY_BEGINS)

        (seconds,) = alternating(sweep_all, before=every_score_moves)
        return seconds
