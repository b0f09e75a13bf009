"""PostgreSQL 18 and Valkey as ordinary Python packages, kept below CAIRN_HOME and shared by its users.

`services(home)` is the door: the first user starts the servers, the last one stops them. As root the servers
run as an ordinary system user, because PostgreSQL refuses root.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config import database, keys
from config.embedded.machine import Say, ServerTrouble, own_directory, whisper
from config.embedded.postgres import PostgresCluster
from config.embedded.sharing import locked, shared
from config.embedded.valkey import Valkey

__all__ = [
    "PostgresCluster",
    "ServerTrouble",
    "Servers",
    "Valkey",
    "beginning",
    "home",
    "locked",
    "services",
    "shared",
]


class Servers:
    """The servers of one home: embedded ones, or those that DATABASE_URL and REDIS_URL name."""

    def __init__(self, home: Path, *, durable: bool = True, say: Say = whisper) -> None:
        self.addresses = home / "run" / "services.env"
        self.given = {
            name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)
        }
        self.secrets = keys.load(own_directory(home, None))
        self.home = home
        self.postgres = (
            None if "DATABASE_URL" in self.given else PostgresCluster(home, durable=durable, say=say)
        )
        self.valkey = None if "REDIS_URL" in self.given else Valkey(home, say=say)

    @property
    def ours(self) -> list[str]:
        """The servers that are started and stopped here."""
        return [name for name, server in (("Valkey", self.valkey), ("PostgreSQL", self.postgres)) if server]

    def start(self) -> None:
        """Starts what is not running, so it also mends what died; makes the database's roles."""
        if self.postgres:
            self.postgres.start()
        if self.valkey:
            self.valkey.start()
        database.prepare(self.owner_dsn, environment={**os.environ, **self.secrets})
        keys.write_private(self.addresses, keys.as_text(self._urls()))

    def stop(self) -> None:
        self.addresses.unlink(missing_ok=True)
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()

    def are_running(self) -> bool:
        return all(server is None or server.is_running() for server in (self.valkey, self.postgres))

    @property
    def owner_dsn(self) -> str:
        return self.postgres.dsn("owner") if self.postgres else self.given["DATABASE_URL"]

    def environment(self) -> dict[str, str]:
        """Everything a Cairn process needs to know, by the names that config/env.py reads."""
        known: Mapping[str, str] = {**os.environ, **self.secrets}
        roles = database.derived_dsns(self.owner_dsn, environment=known)
        return {**self.secrets, **self._urls(), **roles, "CAIRN_HOME": str(self.home)}

    def _urls(self) -> dict[str, str]:
        redis_url = self.valkey.url if self.valkey else self.given["REDIS_URL"]
        return {"DATABASE_URL": self.owner_dsn, "REDIS_URL": redis_url}


def beginning(home: Path) -> str:
    """What is about to happen, for the person at the terminal."""
    given = {"PostgreSQL": "DATABASE_URL", "Valkey": "REDIS_URL"}
    used = [variable for variable in given.values() if os.environ.get(variable)]
    started = [name for name, variable in given.items() if variable not in used]
    does = f"Starting {' and '.join(started)}" if started else "Keeping files and logs"
    beside = f", using {' and '.join(used)}" if used else ""
    return f"{does} in {home}{beside} …"


@contextmanager
def services(home: Path, *, durable: bool = True, say: Say = whisper) -> Iterator[Servers]:
    """Running servers for as long as the block lasts, shared with every other process that uses this home.

    Raises:
        ServerTrouble, database.Unfit: with a sentence for the person at the terminal.
    """
    home.mkdir(parents=True, exist_ok=True)
    servers = Servers(home, durable=durable, say=say)
    with shared(home / "run", servers.start, servers.stop):
        yield servers


def home() -> Path:
    """Where this installation keeps everything."""
    return Path(os.environ.get("CAIRN_HOME", ".local")).expanduser().resolve()
