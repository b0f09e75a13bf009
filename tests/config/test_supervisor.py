"""How processes are kept running and stopped, and what a person reads when nothing can start."""

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import pytest

from config import supervisor
from config.supervisor import CannotRun, Child

WAITS_FOR_EVER = "import signal; print('up', flush=True); signal.pause()"
IGNORES_REQUESTS = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {WAITS_FOR_EVER}"


def child(tmp_path: Path, code: str, *, patience: float = 5.0) -> Child:
    command = [sys.executable, "-c", code]
    environment = dict(os.environ)
    return Child(
        name="web", command=command, environment=environment, log=tmp_path / "web.log", patience=patience
    )


def ended(process: Child) -> None:
    """Waits for the end of the process and of what it printed."""
    assert process.process
    assert process.reader
    process.process.wait(10)
    process.reader.join(10)


def test_a_crashed_process_starts_again_after_a_growing_pause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    crashing = child(tmp_path, "raise SystemExit(3)")
    pauses = []

    for _ in range(3):
        crashing.tend(crashing.due)
        ended(crashing)
        crashing.tend(crashing.started + 1)
        pauses.append(crashing.due - crashing.started - 1)

    assert [round(pause) for pause in pauses] == [1, 2, 4]
    assert "web was ended with code 3; starting it again in 1 s" in capsys.readouterr().out


def test_what_a_process_prints_is_kept_and_its_errors_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    talking = child(tmp_path, "print('all is well'); print('ERROR all is not')")

    talking.start()
    ended(talking)

    assert [line.split(" | ")[1] for line in talking.log.read_text().splitlines()] == [
        "all is well",
        "ERROR all is not",
    ]
    assert capsys.readouterr().out == "web | ERROR all is not\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "patience", "ending"),
    [(WAITS_FOR_EVER, 5.0, -signal.SIGTERM), (IGNORES_REQUESTS, 0.1, -signal.SIGKILL)],
)
def test_a_process_is_asked_first_and_killed_when_it_does_not_listen(tmp_path: Path, code, patience, ending):
    running = child(tmp_path, code, patience=patience)
    running.start()
    until_it_spoke(running)

    running.stop(threading.Event())

    ended(running)
    assert running.process
    assert running.process.returncode == ending


def until_it_spoke(process: Child) -> None:
    for _ in range(1000):
        if process.log.exists() and "up" in process.log.read_text():
            return
        threading.Event().wait(0.01)
    pytest.fail("The process did not start.")


def test_a_port_in_use_is_a_sentence():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CannotRun, match=rf"Port {port} is in use\..* make run PORT={port + 1}"):
            supervisor.check_port(port)


def test_a_second_copy_needs_its_own_place(tmp_path: Path):
    (tmp_path / "run").mkdir()

    with (
        supervisor.only_copy(tmp_path),
        pytest.raises(CannotRun, match=r"runs in .* already"),
        supervisor.only_copy(tmp_path),
    ):
        pass


@pytest.mark.parametrize("text", ["", "eighty", "0", "70000", "-1"])
def test_a_port_is_a_number(text):
    with pytest.raises(CannotRun, match="must be a number from 1 to 65535"):
        supervisor.port_of({"PORT": text})
