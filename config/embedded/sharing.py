"""Something that several processes use, started by the first and stopped by the last of them."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path, kind: int = fcntl.LOCK_EX) -> Iterator[int]:
    """A lock on a file, given up at the end of the block or of the process; yields its descriptor."""
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
    """The first process starts something, the last one to leave stops it; a killed one counts as gone."""
    directory.mkdir(parents=True, exist_ok=True)
    turn, users = directory / "turn.lock", directory / "users.lock"
    with ExitStack() as stack:
        with locked(turn):
            present = stack.enter_context(locked(users, fcntl.LOCK_SH))
            start()
        try:
            yield
        finally:
            with locked(turn):
                if _alone(present):
                    stop()
