"""Servers to measure: granian with two workers, as `make run` starts it."""

import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int

    @property
    def memory(self) -> float:
        """MB that one worker holds, shared pages counted in part."""
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return statistics.median(sorted(map(_memory, workers))[-WORKERS:])


def _memory(pid: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@contextmanager
def server(environment: Mapping[str, str], *application: str) -> Iterator[Server]:
    """A server for as long as the block lasts; it may open the app role's door only. Its log goes nowhere."""
    port = _free_port()
    options = ["--interface", "wsgi", "--workers", str(WORKERS), "--no-ws", "--port", str(port)]
    own = {**environment, "CAIRN_PROCESS": "web", "DATABASE_URL": "", "JOBS_DATABASE_URL": ""}
    command = [sys.executable, "-m", "granian", *options, *application]
    process = subprocess.Popen(command, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"Nothing answers on port {port}.")
