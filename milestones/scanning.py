"""The operator's own look at every upload before it is kept: a command, given the path of the file.

Nothing of ours reads what the command says; its exit status decides. It runs without a shell, sees none of
our environment, and has a limited time. Without `SCAN_COMMAND` nothing is scanned.
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from tenancy.refusal import Refused

log = structlog.get_logger(__name__)

CLEAN: Final = 0
INFECTED: Final = 1


class NotTaken(Refused):
    """The scan did not let a file in. `code` is `infected`, or `not_scanned` when nobody can say."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence, code=code, fields={"file": [sentence]})


def check_clean(path: Path) -> None:
    """Has a received file looked at, where the operator wants that.

    Raises:
        NotTaken: when something harmful was found, or the file could not be scanned.
    """
    if not settings.SCAN_COMMAND:
        return
    status = _status([*settings.SCAN_COMMAND, str(path)])
    if status == CLEAN:
        return
    log.warning("upload.not_taken", status=status)
    if status == INFECTED:
        raise NotTaken(
            "The scan found something harmful in this file, so it was not taken in. "
            "Check the computer it comes from, and upload a clean one.",
            "infected",
        )
    raise NotTaken("The file could not be scanned, so it was not taken in. Try again later.", "not_scanned")


def _status(command: Sequence[str]) -> int | None:
    """The exit status; None when the command did not run or took too long."""
    try:
        scan = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError:
        return None
    patience: timedelta = settings.SCAN_TIME
    try:
        return scan.wait(patience.total_seconds())
    except subprocess.TimeoutExpired:
        os.killpg(scan.pid, signal.SIGKILL)  # with whatever it started
        scan.wait()
        return None
