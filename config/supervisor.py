"""`make run`: servers, migrations, demo, then all processes until Ctrl-C, which stops them in order.

A process that crashes is started again, with a growing pause. Output goes to CAIRN_HOME/log, errors also to
the terminal.
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Final, TextIO

import psycopg

from config import embedded, probe
from config.database import Unfit
from config.embedded import Servers, ServerTrouble
from config.env import PROCESSES

LOOK_EVERY: Final = 0.5  # seconds
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
STEADY_AFTER: Final = 60.0
READY_WITHIN: Final = 90.0
# Without us nobody would restart or stop them: when we are killed the kernel asks them to stop.
FOLLOW_US: Final = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
# Our own logs say their level; the last line of a traceback begins with the error's name.
TROUBLE: Final = re.compile(r"\[(?:error|critical)\s*\]|\b(?:ERROR|CRITICAL)\b|^[\w.]*(?:Error|Exception)\b")


class CannotRun(Exception):
    """Starting makes no sense; the text says why and what to do."""


def say(text: str = "") -> None:
    print(text, flush=True)


@dataclass(kw_only=True)
class Child:
    """One of our processes, its log, and how often it had to be started again."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    patience: float  # seconds it may take to stop
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    reader: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """A session of its own keeps the terminal's Ctrl-C away: we stop it when its turn has come."""
        self.process = subprocess.Popen(
            [*FOLLOW_US, *self.command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.started = time.monotonic()
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()

    def tend(self, now: float) -> None:
        """Starts the process again when it has ended and its pause is over."""
        if self.process is None:
            if now >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            self._note_end(code, now)

    def stop(self, hurry: threading.Event) -> None:
        """Asks, waits, then insists. Work that insisting interrupts is taken up again from the database."""
        if self.process is None:
            return
        self.process.terminate()
        deadline = time.monotonic() + self.patience
        while self.process.poll() is None and time.monotonic() < deadline and not hurry.is_set():
            time.sleep(0.05)
        if self.process.poll() is None:
            _kill_session(self.process.pid)
        self.process.wait()

    def _note_end(self, code: int, now: float) -> None:
        if now - self.started > STEADY_AFTER:
            self.pause = FIRST_PAUSE
        ending = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        say(f"{self.name} was {ending}; starting it again in {self.pause:.0f} s (see {self.log})")
        _kill_session(self.process.pid if self.process else 0)
        self.process, self.due = None, now + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with self.log.open("a") as log, process.stdout:
            for line in process.stdout:
                self._keep(line.rstrip(), log)

    def _keep(self, line: str, log: TextIO) -> None:
        log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {self.name} | {line}\n")
        log.flush()
        if TROUBLE.search(line):
            say(f"{self.name} | {line}")


def _kill_session(pid: int) -> None:
    """What a killed process leaves behind, such as a web server's workers that still hold the port."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


class Supervisor:
    """Everything `make run` runs, from the first server to the last line of a clean stop."""

    def __init__(self, home: Path, port: int, servers: Servers) -> None:
        self.home, self.port, self.servers = home, port, servers
        self.environment = {**os.environ, "DEVELOPMENT": "1", "PORT": str(port), **servers.environment()}
        self.stopping, self.hurry = threading.Event(), threading.Event()
        self.children = self._children()

    def run(self) -> None:
        self._prepare()
        try:
            for child in self.children:
                child.start()
            if self._becomes_ready():
                self._greet()
            self._watch()
        finally:
            self._stop()

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        """The first signal stops in order, a second one without waiting for work in hand."""
        (self.hurry if self.stopping.is_set() else self.stopping).set()

    def _prepare(self) -> None:
        self._manage("migrate", "--database", "owner", "--verbosity", "0", why="Migrating the database …")
        if not self._has_workspace():
            self._manage("demo", why="Making a demo workspace …")

    def _manage(self, *arguments: str, why: str = "") -> None:
        if why:
            say(f"  {why}")
        command = [sys.executable, "manage.py", *arguments]
        environment = {**self.environment, "CAIRN_PROCESS": "command"}
        output = subprocess.DEVNULL if why else None  # what it did is said here, what went wrong on stderr
        done = subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL, stdout=output)
        if done.returncode:
            if self.stopping.is_set():
                raise KeyboardInterrupt
            raise CannotRun(f"`manage.py {' '.join(arguments)}` failed (see above).")

    def _has_workspace(self) -> bool:
        with psycopg.connect(self.servers.owner_dsn) as connection:
            row = connection.execute("SELECT EXISTS (SELECT FROM tenancy_workspace)").fetchone()
        return bool(row and row[0])

    def _children(self) -> list[Child]:
        python = [sys.executable, "-m"]
        address = ["--host", "127.0.0.1", "--port", str(self.port)]
        celery = [*python, "celery", "-A", "config.celery"]
        schedule = str(self.home / "run" / "beat")
        worker = [*celery, "worker", "--concurrency", "3", "--without-mingle"]
        worker += ["--exclude-queues", "webhooks,render"]
        # Who listens to somebody's server may have to wait for it, and must not keep anything else waiting.
        # Looks at artifacts ring every 30 s and last under a minute: two at once leave a third for webhooks.
        sender = [*celery, "worker", "--concurrency", "3", "--without-mingle", "--queues", "webhooks"]
        sender += ["--hostname", "sender@%h"]
        # One PDF at a time, and never in the way of what is urgent.
        printer = [*celery, "worker", "--concurrency", "1", "--without-mingle", "--queues", "render"]
        printer += ["--hostname", "printer@%h"]
        beat = [*celery, "beat", "--schedule", schedule, "--pidfile", ""]
        granian = [
            *python,
            "granian",
            "--interface",
            "wsgi",
            "--workers",
            "2",
            "--blocking-threads",
            "8",
            "--no-ws",
        ]
        return [
            self._child("worker", worker, patience=130),
            self._child("sender", sender, patience=130),
            self._child("printer", printer, patience=60),
            self._child("beat", beat, patience=10),
            self._child("watchman", [sys.executable, "manage.py", "watch"], patience=10),
            self._child("web", [*granian, *address, "config.wsgi:application"], patience=10),
        ]

    def _child(self, name: str, command: list[str], *, patience: float) -> Child:
        """The owner's DSN stays here; the empty value keeps the process from finding it in services.env."""
        hidden = ["DATABASE_URL", "BACKUP_DATABASE_URL", *(["JOBS_DATABASE_URL"] if name == "web" else [])]
        process = name if name in PROCESSES else "worker"
        own = {"CAIRN_PROCESS": process, "PYTHONUNBUFFERED": "1", **dict.fromkeys(hidden, "")}
        log = self.home / "log" / f"{name}.log"
        return Child(
            name=name, command=command, environment={**self.environment, **own}, log=log, patience=patience
        )

    def _becomes_ready(self) -> bool:
        say("  Starting web, workers and beat …")
        deadline = time.monotonic() + READY_WITHIN
        while not self.stopping.is_set():
            if not (fault := probe.fault("/readyz", port=self.port, environment=self.environment)):
                return True
            if time.monotonic() > deadline:
                say(f"Cairn is up but not ready: {fault}. It keeps trying; logs are in {self.home / 'log'}.")
                return False
            self._look()
        return False

    def _greet(self) -> None:
        say(f"\nCairn runs at http://localhost:{self.port}\n")
        self._manage("demo", "--show")
        say(f"\nLogs: {self.home / 'log'}. Stop with Ctrl-C; the data stays in {self.home}.\n")

    def _watch(self) -> None:
        while not self.stopping.is_set():
            self._look()

    def _look(self) -> None:
        self.stopping.wait(LOOK_EVERY)
        if self.stopping.is_set():
            return
        for child in self.children:
            child.tend(time.monotonic())
        if not self.servers.are_running():
            say("A database server has gone; starting it again.")
            self._mend()

    def _mend(self) -> None:
        try:
            self.servers.start()
        except (ServerTrouble, psycopg.OperationalError) as error:
            say(f"It did not start: {error}. Trying again.")

    def _stop(self) -> None:
        say("\nStopping (once more to stop without waiting for work in hand) …")
        by_name = {child.name: child for child in self.children}
        for name in ("web", "watchman", "beat", "sender", "printer", "worker"):
            by_name[name].stop(self.hurry)
            say(f"  {name} stopped")


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotRun(f"Port {port} is in use. Choose another one: make run PORT={port + 1}") from error


@contextmanager
def only_copy(home: Path) -> Iterator[None]:
    """One supervisor per home."""
    try:
        with embedded.locked(home / "run" / "supervisor.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield
    except BlockingIOError as error:
        raise CannotRun(
            f"Cairn runs in {home} already. A second copy needs its own place: "
            "make run CAIRN_HOME=.local-2 PORT=8001"
        ) from error


def port_of(environment: Mapping[str, str]) -> int:
    text = environment.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotRun(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def run(home: Path) -> None:
    port = port_of(os.environ)
    for folder in ("run", "log"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    with only_copy(home):
        check_port(port)
        say(f"  {embedded.beginning(home)}")
        with embedded.services(home) as servers:
            supervisor = Supervisor(home, port, servers)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, supervisor.on_signal)
            supervisor.run()
            if servers.ours:
                say(f"  Stopping {' and '.join(servers.ours)}")
    say("Stopped. Everything is kept.")


def main() -> int:
    try:
        run(embedded.home())
    except (CannotRun, ServerTrouble, Unfit, psycopg.OperationalError) as error:
        print(f"\n{str(error).strip()}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"\n{error.filename} belongs to another user. Choose a place: make run CAIRN_HOME=…",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted while setting up; `make run` goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
