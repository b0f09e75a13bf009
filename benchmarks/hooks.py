"""Goals 1 and 2: how fast deliveries come in beside a bare INSERT, and how fast they become work items.

REQUESTS and DRAINED set how many are sent and applied.
"""

import hashlib
import hmac
import json
import os
import secrets
import statistics
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg

from benchmarks import load
from benchmarks.common import REPEATS, Report
from benchmarks.database import clone, environment_of
from benchmarks.floor import TABLE
from benchmarks.server import server

if TYPE_CHECKING:
    from telemetry.models import Connection

REQUESTS = int(os.environ.get("REQUESTS", "3000"))
CONNECTIONS = (1, 16)
DRAINED = int(os.environ.get("DRAINED", "6000"))


def run(report: Report) -> None:
    """A database of its own, two servers beside each other, then the drain."""
    report.title("Inbound deliveries")
    with clone("bench_hooks") as name:
        environment = {**os.environ, **environment_of(name)}
        with psycopg.connect(environment["DATABASE_URL"]) as owner:
            owner.execute(TABLE)
        _ingest(report, environment)
        _drain(report)


def _ingest(report: Report, environment: Mapping[str, str]) -> None:
    connection, secret = connected()
    floor = server(environment, "--factory", "benchmarks.floor:served")
    product = server(environment, "config.wsgi:application")
    with floor as bare, product as ours:
        for connections in CONNECTIONS:
            _compare(report, connection, secret, bare.port, ours.port, connections=connections)


def connected() -> "tuple[Connection, str]":
    """A connection in a workspace of its own."""
    from telemetry.actions.connections import connect
    from tenancy.door import inside
    from tests import factories

    now = datetime.now(UTC)
    ada = factories.person(f"{secrets.token_hex(8)}@studio.example")
    workspace = factories.workspace(ada)
    by = factories.actor(ada)
    with inside(workspace):
        named = {"owner_primary": ada.email, "milestone_review_owner": ada.email}
        milestone = factories.milestone_in_execution(by, record=named)
        return connect(provider="linear", name="Bench", milestone=milestone, by=by, now=now)


def _compare(
    report: Report, connection: "Connection", secret: str, floor: int, product: int, *, connections: int
) -> None:
    """Floor and product in turns, and the ratio of their medians."""
    rates: dict[str, list[float]] = {"floor": [], "product": []}
    tails: list[float] = []
    for _ in range(REPEATS):
        bodies = [_delivery(n) for n in range(REQUESTS if connections > 1 else REQUESTS // 3)]
        bare = [load.post("/floor", body, {"Content-Type": "application/json"}) for body in bodies]
        rates["floor"].append(load.run(floor, bare, connections=connections).rate)
        sent = [posted(connection, secret, body) for body in bodies]
        took = load.run(product, sent, connections=connections)
        assert not took.refused, f"{len(took.refused)} were not answered with 200: {took.refused[0]!r}"
        rates["product"].append(took.rate)
        tails.append(took.percentile(0.95))
    floored, made = (statistics.median(rates[name]) for name in ("floor", "product"))
    what = f"at {connections} connection{'s' if connections > 1 else ''}"
    report.note(f"one INSERT {what}", f"{floored:6.0f}/s")
    report.note(f"hook ingest {what}", f"{made:6.0f}/s   p95 {statistics.median(tails) * 1000:.1f} ms")
    if connections > 1:
        report.goal(1, f"hook ingest ÷ one INSERT {what}", made / floored, at_least=0.55)
    else:
        report.note(f"hook ingest ÷ one INSERT {what}", f"{made / floored:6.2f}")


def _delivery(number: int, *, items: int = 500) -> bytes:
    now = datetime.now(UTC)
    states = ("unstarted", "started", "completed")
    issue = {
        "id": f"issue-{number % items}",
        "title": "Publish onboarding dashboard",
        "updatedAt": (now + timedelta(milliseconds=number)).isoformat(),
        "url": "https://linear.app/studio-lind/issue/LIN-34",
        "state": {"id": "s", "name": "s", "type": states[number % 3]},
        "labels": [],
        "description": "First visible outcome for the client. " * 40,
    }
    stamp = int(now.timestamp() * 1000)
    told = {"type": "Issue", "action": "update", "createdAt": now.isoformat(), "data": issue}
    return json.dumps({**told, "webhookTimestamp": stamp, "number": number}).encode()


def posts(connection: "Connection", secret: str, count: int) -> list[bytes]:
    """So many requests of the tool, each a delivery of its own."""
    return [posted(connection, secret, _delivery(number)) for number in range(count)]


def posted(connection: "Connection", secret: str, body: bytes) -> bytes:
    return load.post(f"/hooks/linear/{connection.pk}", body, _signed(body, secret))


def _signed(body: bytes, secret: str) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    identity = hashlib.sha256(body).hexdigest()[:32]
    return {"Content-Type": "application/json", "Linear-Delivery": identity, "Linear-Signature": signature}


def _drain(report: Report) -> None:
    """Applies what waits, of one workspace and of twenty, by one worker."""
    from telemetry.apply import apply_received

    apply_received(now=datetime.now(UTC))
    for workspaces in (1, 20):
        for sender, secret in [connected() for _ in range(workspaces)]:
            _fill(sender, secret, DRAINED // workspaces)
        started = time.perf_counter()
        finished = apply_received(now=datetime.now(UTC))
        rate = finished / (time.perf_counter() - started)
        what = f"{finished} events of {workspaces} workspace{'s' if workspaces > 1 else ''} drained"
        report.goal(2, what, rate, at_least=400, unit="/s")


def _fill(connection: "Connection", secret: str, count: int) -> None:
    for number in range(count):
        deliver(connection, secret, number)


def deliver(connection: "Connection", secret: str, number: int) -> None:
    """One delivery, taken in by this process."""
    from telemetry.inbound import receive

    body, now = _delivery(number), datetime.now(UTC)
    receive("linear", connection.pk, headers=_signed(body, secret), body=body, now=now)
