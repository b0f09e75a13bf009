"""Cairn's processes as they really run, for tests that look at them from outside."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from config.embedded.machine import until

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = {
    "web": ("DATABASE_URL", "BACKUP_DATABASE_URL", "JOBS_DATABASE_URL"),
    "worker": ("DATABASE_URL", "BACKUP_DATABASE_URL"),
    "beat": ("DATABASE_URL", "BACKUP_DATABASE_URL"),
}


@dataclass(frozen=True)
class Running:
    """A process with its children, and the file that holds what they print."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        return self.log.read_text()

    def kill(self) -> None:
        """SIGKILL to the process and all its children: nobody says goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@dataclass(frozen=True)
class Web(Running):
    address: str

    def ask(self, method: str, path: str, *, timeout: float = 10, **options: Any) -> urllib3.BaseHTTPResponse:
        """One request on a connection of its own, never repeated by the client."""
        with urllib3.PoolManager(retries=False, timeout=timeout) as client:
            return client.request(method, self.address + path, **options)


def start(kind: str, command: list[str], *, environment: Mapping[str, str], log: Path) -> Running:
    """Starts a process as `config.supervisor` would: it knows only the DSNs of its kind."""
    hidden = dict.fromkeys(HIDDEN[kind], "")
    known = {**os.environ, **environment, **hidden, "CAIRN_PROCESS": kind, "PYTHONUNBUFFERED": "1"}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=known,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(process, log)


def start_web(*, environment: Mapping[str, str], log: Path, workers: int = 1) -> Web:
    """A web server on a free port; it may not answer yet, or never."""
    port = free_port()
    address = ["--host", "127.0.0.1", "--port", str(port)]
    granian = ["granian", "--interface", "wsgi", "--workers", str(workers), "--no-ws", *address]
    known = {**environment, "PORT": str(port)}
    started = start("web", [*granian, "config.wsgi:application"], environment=known, log=log)
    return Web(started.process, started.log, f"http://localhost:{port}")


@contextmanager
def web(*, environment: Mapping[str, str], log: Path, workers: int = 1) -> Iterator[Web]:
    """A web server that answers."""
    running = start_web(environment=environment, log=log, workers=workers)
    try:
        until(lambda: answers(running), f"The web server did not answer (see {log})")
        yield running
    finally:
        running.kill()


@contextmanager
def celery(*command: str, environment: Mapping[str, str], log: Path) -> Iterator[Running]:
    """`celery -A config.celery worker …` or `… beat …`."""
    running = start(command[0], ["celery", "-A", "config.celery", *command], environment=environment, log=log)
    try:
        yield running
    finally:
        running.kill()


def answers(running: Web) -> bool:
    try:
        return running.ask("GET", "/healthz").status == 200
    except urllib3.exceptions.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
