"""Where the web workers of one server keep their counters together, so that each can show the sum."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

BEGINNING: Final = "cairn-metrics"


def directory() -> str:
    """The directory that this worker shares with its siblings: named by their parent, gone after it.

    In the temporary directory and not in CAIRN_HOME, which several containers may share: there the numbers of
    processes repeat, and two that write the same file would destroy it.
    """
    _drop_former()
    place = _place(os.getppid())
    place.mkdir(mode=0o700, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.geteuid():
        # Somebody else made it: rather the figures of one worker than files in a stranger's hands.
        return tempfile.mkdtemp(prefix=f"{BEGINNING}-")
    return str(place)


def _place(parent: int | str) -> Path:
    return Path(tempfile.gettempdir()) / f"{BEGINNING}-{os.geteuid()}-{parent}"


def _drop_former() -> None:
    for place in Path(tempfile.gettempdir()).glob(_place("*").name):
        if not _is_alive(int(place.name.rpartition("-")[2])):
            shutil.rmtree(place, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
