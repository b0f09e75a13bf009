"""How web starts, looked at from outside: which roles it refuses, what its workers share, what it logs."""

import os
import re
from pathlib import Path

import pytest

from config.embedded import PostgresCluster
from tests import processes
from tests.plugins.database import FreshDatabase

TOKEN = "operators-token"
SECRET = "Zx81" * 11
COUNT = re.compile(
    rb'^cairn_request_seconds_count{method="GET",status="200",view="healthz"} (\S+)$', re.MULTILINE
)
ASKED = 12


def superuser(database: FreshDatabase) -> str:
    return PostgresCluster(Path(os.environ["CAIRN_HOME"]), durable=False).dsn("superuser", database.name)


def owner(database: FreshDatabase) -> str:
    return database.environment["DATABASE_URL"]


@pytest.mark.slow
@pytest.mark.parametrize(("role", "fault"), [(superuser, "is a superuser"), (owner, "it owns tables")])
def test_web_refuses_a_role_that_sees_past_the_workspaces(
    fresh_database: FreshDatabase, tmp_path: Path, role, fault
):
    environment = {**fresh_database.environment, "APP_DATABASE_URL": role(fresh_database)}

    web = processes.start_web(environment=environment, log=tmp_path / "web.log")
    try:
        code = web.process.wait(60)
    finally:
        web.kill()

    assert code != 0
    assert fault in web.said()
    assert "Set APP_DATABASE_URL to the role cairn_app" in web.said()
    assert "Traceback" not in web.said()


@pytest.mark.slow
def test_two_workers_add_up_and_log_no_secret(fresh_database: FreshDatabase, tmp_path: Path):
    environment = {**fresh_database.environment, "METRICS_TOKEN": TOKEN}
    bearer = {"Authorization": f"Bearer {TOKEN}"}

    with processes.web(environment=environment, log=tmp_path / "web.log", workers=2) as web:
        before = count(web.ask("GET", "/metrics", headers=bearer).data)
        for _ in range(ASKED):
            web.ask("GET", "/healthz")
        scrapes = {count(web.ask("GET", "/metrics", headers=bearer).data) for _ in range(6)}
        web.ask("GET", f"/p/{SECRET}?token={SECRET}", headers={"Cookie": f"sessionid={SECRET}"})
        web.ask("GET", "/api/v1/milestones", headers={"Authorization": f"Bearer cairn_{SECRET}abcde"})

    assert scrapes == {before + ASKED}
    assert '"request": "GET /p/***?token=***"' in web.said()
    assert SECRET[:8] not in web.said()
    assert TOKEN not in web.said()


def count(scrape: bytes) -> float:
    found = COUNT.search(scrape)
    return float(found.group(1)) if found else 0.0
