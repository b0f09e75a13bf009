"""Embedded servers after a crash, an interrupted start, lost secrets; and who stops what is shared."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import keys
from config.embedded import PostgresCluster, ServerTrouble, Valkey, shared
from config.embedded.machine import until


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[PostgresCluster]:
    cluster = PostgresCluster(tmp_path, durable=False)
    yield cluster
    cluster.stop("immediate")


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path: Path):
    first, second = keys.load(tmp_path), keys.load(tmp_path)

    assert first == second
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_the_environment_wins_over_kept_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    keys.load(tmp_path)
    monkeypatch.setenv("SECRET_KEY", "from the environment")

    assert keys.load(tmp_path)["SECRET_KEY"] == "from the environment"


def test_the_first_starts_and_the_last_stops(tmp_path: Path):
    happened: list[str] = []

    with shared(tmp_path, lambda: happened.append("start"), lambda: happened.append("stop")):
        with shared(tmp_path, lambda: happened.append("join"), lambda: happened.append("too early")):
            pass
        assert happened == ["start", "join"]

    assert happened == ["start", "join", "stop"]


@pytest.mark.slow
@pytest.mark.faults
def test_a_killed_server_comes_back_with_all_that_was_committed(tmp_path: Path):
    cluster = PostgresCluster(tmp_path)
    cluster.start()
    with psycopg.connect(cluster.dsn()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    os.kill(cluster.pid() or 0, signal.SIGKILL)
    until(lambda: not cluster.is_running(), "The server did not die")

    cluster.start()

    with psycopg.connect(cluster.dsn()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]
    cluster.stop("immediate")


@pytest.mark.slow
@pytest.mark.faults
def test_a_number_that_belongs_to_a_stranger_now_does_not_stop_the_start(cluster: PostgresCluster):
    cluster.start()
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")

    cluster.start()

    assert cluster.is_running()


@pytest.mark.slow
@pytest.mark.faults
def test_an_interrupted_creation_starts_over(cluster: PostgresCluster):
    cluster.data.with_name("postgres.unfinished").mkdir()

    cluster.start()

    assert cluster.is_running()
    assert not cluster.data.with_name("postgres.unfinished").exists()


@pytest.mark.slow
@pytest.mark.faults
def test_lost_secrets_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SECRET_KEY")
    cluster = PostgresCluster(tmp_path, durable=False)
    cluster.start()
    cluster.stop()
    (tmp_path / "secrets.env").unlink()

    with pytest.raises(ServerTrouble, match=r"secrets\.env does not fit the data"):
        PostgresCluster(tmp_path, durable=False).start()

    assert not cluster.is_running()


@pytest.mark.slow
@pytest.mark.faults
def test_a_home_too_deep_for_a_socket_gets_a_short_place_for_it(tmp_path: Path):
    cluster = PostgresCluster(tmp_path / ("deep" * 20), durable=False)

    cluster.start()

    with psycopg.connect(cluster.dsn()) as connection:
        assert connection.info.user == "cairn_owner"
    cluster.stop("immediate")
    cluster.sockets.rmdir()


@pytest.mark.slow
@pytest.mark.faults
def test_valkey_keeps_its_address_over_a_restart(tmp_path: Path):
    valkey = Valkey(tmp_path)
    valkey.start()
    before = valkey.url
    valkey.stop()

    valkey.start()

    assert (valkey.is_running(), valkey.url) == (True, before)
    valkey.stop()
