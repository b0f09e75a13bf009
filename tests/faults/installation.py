"""A whole installation that may be broken: durable PostgreSQL, Valkey, and a home of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from config import database
from config.embedded import PostgresCluster, Valkey
from tests import processes
from tests.processes import ROOT, Running, Web
from tests.telemetry.inbound.senders import Generic

CLOCK = "UPDATE {} SET lease_until = now() - interval '1 second' WHERE lease_until IS NOT NULL"


@dataclass(frozen=True)
class Installation:
    """Its servers, what its processes need to know, and the tool that is connected to it."""

    home: Path
    postgres: PostgresCluster
    valkey: Valkey
    environment: dict[str, str]

    def web(self) -> AbstractContextManager[Web]:
        return processes.web(environment=self.environment, log=self.home / "web.log")

    @contextmanager
    def jobs(self, name: str = "one") -> Iterator[Running]:
        """A worker and a beat; yields the worker."""
        beat = ["beat", "--schedule", str(self.home / f"beat-{name}"), "--pidfile", ""]
        with self.worker(name) as worker, self._celery(f"beat-{name}", *beat):
            yield worker

    def worker(self, name: str) -> AbstractContextManager[Running]:
        options = ["--concurrency", "1", "--without-mingle", "--without-gossip", "--hostname", name]
        return self._celery(f"worker-{name}", "worker", *options)

    def _celery(self, name: str, *command: str) -> AbstractContextManager[Running]:
        return processes.celery(*command, environment=self.environment, log=self.home / f"{name}.log")

    def scene(self, *command: str) -> str:
        environment = {**os.environ, **self.environment, "CAIRN_PROCESS": "command"}
        arguments = [sys.executable, "-m", "tests.faults.scene", *command]
        return subprocess.run(
            arguments, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ).stdout

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database holds in all workspaces, read as backup."""
        with psycopg.connect(self.environment["BACKUP_DATABASE_URL"]) as connection:
            return connection.execute(query.encode()).fetchall()

    def let_leases_end(self) -> None:
        """As if the minutes that a lease lasts had passed."""
        with psycopg.connect(self.environment["JOBS_DATABASE_URL"]) as connection:
            for table in ("journal_delivery", "journal_webhookendpoint", "telemetry_rawdelivery"):
                connection.execute(CLOCK.format(table).encode())


@dataclass(frozen=True)
class Tool:
    """The connected tool: where it posts, and how it signs."""

    path: str
    sender: Generic

    @classmethod
    def told(cls, text: str) -> "Tool":
        known = json.loads(text)
        return cls(known["path"], Generic(known["secret"]))


@contextmanager
def installation(home: Path, *, email_url: str, may_call: str) -> Iterator[Installation]:
    """Running servers, their roles made, nothing migrated."""
    postgres, valkey = PostgresCluster(home), Valkey(home)
    postgres.start()
    valkey.start()
    try:
        secrets = {"SECRET_KEY": os.environ["SECRET_KEY"]}
        database.prepare(postgres.dsn(), environment=secrets)
        environment = {
            "CAIRN_HOME": str(home),
            "DATABASE_URL": postgres.dsn(),
            "REDIS_URL": valkey.url,
            "REDIS_PREFIX": "faults",
            "EMAIL_URL": email_url,
            "EGRESS_ALLOWED_HOSTS": may_call,
            **database.derived_dsns(postgres.dsn(), environment=secrets),
        }
        yield Installation(home, postgres, valkey, environment)
    finally:
        valkey.stop()
        postgres.stop("immediate")
