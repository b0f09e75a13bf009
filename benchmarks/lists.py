"""Goal 9, and of goal 11 the memory: a list of the API beside the same from a bare Django REST framework.

LISTS sets how many are asked for.
"""

import os
import statistics

from benchmarks import load
from benchmarks.bare import ROWS, table
from benchmarks.common import REPEATS, Report
from benchmarks.database import clone, environment_of, superuser
from benchmarks.engagements import Told, copy_engagements, tell
from benchmarks.server import Server, server

LISTS = int(os.environ.get("LISTS", "500"))
TOKENS = 20  # each may send 600 requests in a minute
CONNECTIONS = (1, 16)
WARMING = 40


def run(report: Report) -> None:
    report.title(f"API list of {ROWS}")
    with clone("bench_lists") as name:
        told = tell(tokens=TOKENS)
        copy_engagements(name, projects=100)
        _make_table(name)
        environment = {**os.environ, **environment_of(name)}
        floor = server(environment, "--factory", "benchmarks.bare:served")
        product = server(environment, "config.wsgi:application")
        with floor as bare, product as ours:
            for connections in CONNECTIONS:
                _compare(report, told, bare, ours, connections=connections)
            _memory(report, bare, ours)


def _make_table(name: str) -> None:
    from api.resources.milestones import MilestoneOut

    with superuser(name) as connection:
        connection.execute(table(MilestoneOut.columns()))


def _compare(report: Report, told: Told, bare: Server, ours: Server, *, connections: int) -> None:
    """Floor and product in turns, and the ratio of their medians."""
    plain = [load.get("/list", {})] * LISTS
    asked = [load.get("/api/v1/milestones?limit=50", told.headers(n)) for n in range(LISTS)]
    rates: dict[int, list[float]] = {bare.port: [], ours.port: []}
    for port, requests in ((bare.port, plain), (ours.port, asked)):
        load.run(port, requests[:WARMING], connections=8)
    for _ in range(REPEATS):
        for port, requests in ((bare.port, plain), (ours.port, asked)):
            took = load.run(port, requests, connections=connections)
            assert not took.refused, took.refused[0][:500]
            rates[port].append(took.rate)
    floored, made = (statistics.median(rates[port]) for port in (bare.port, ours.port))
    what = f"at {connections} connection{'s' if connections > 1 else ''}"
    report.note(f"bare Django REST framework {what}", f"{floored:6.0f}/s")
    report.note(f"API list {what}", f"{made:6.0f}/s")
    report.goal(9, f"API list ÷ bare {what}", made / floored, at_least=0.5)


def _memory(report: Report, bare: Server, ours: Server) -> None:
    report.note("memory of a bare worker", f"{bare.memory:.0f} MB")
    report.note("memory of a web worker", f"{ours.memory:.0f} MB")
    report.goal(11, "web worker ÷ bare worker, memory", ours.memory / bare.memory, at_most=2)
