"""The operating system's side of the embedded servers: their user, their directories, what they may reach."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

ACCOUNT: Final = "cairn-server"
LONGEST_SOCKET_DIRECTORY: Final = 88  # a socket's path has 107 bytes; "/.s.PGSQL.5432.lock" takes the rest
PATIENCE: Final = 30.0  # seconds
LET_PASS: Final = stat.S_IXGRP | stat.S_IXOTH
LET_READ: Final = LET_PASS | stat.S_IRGRP | stat.S_IROTH

Say = Callable[[str], None]


class ServerTrouble(Exception):
    """An embedded server cannot start or be used; the text says why and what to do."""


def whisper(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


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


def identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def give(path: Path, user: pwd.struct_passwd | None) -> None:
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def let_pass(path: Path, user: pwd.struct_passwd | None, say: Say) -> None:
    """The server's user must reach its directory; a parent such as /root may be closed to it."""
    if not user:
        return
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH and parent.stat().st_uid != user.pw_uid:
            say(
                f"Let others pass through {parent} (not list it), so that {user.pw_name} reaches {path.name}."
            )
            parent.chmod(mode | LET_PASS)


def let_read(directory: Path, user: pwd.struct_passwd | None) -> None:
    """Packages unpacked under a strict umask cannot be run by another user."""
    if user and not directory.stat().st_mode & stat.S_IROTH:
        for path in (directory, *directory.rglob("*")):
            path.chmod(
                path.stat().st_mode
                | (LET_READ if path.is_dir() or os.access(path, os.X_OK) else stat.S_IROTH)
            )


def own_directory(path: Path, user: pwd.struct_passwd | None) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o755)
    give(path, user)
    return path


def _short_directory(home: Path, user: pwd.struct_passwd | None) -> Path:
    """A place for a socket when CAIRN_HOME is too deep for one; refused when somebody else made it first."""
    uid = user.pw_uid if user else os.geteuid()
    path = Path(tempfile.gettempdir()) / f"cairn-{uid}-{sha256(bytes(home)).hexdigest()[:12]}"
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in (uid, os.geteuid()):
        raise ServerTrouble(f"{path} belongs to another user. Set CAIRN_HOME to a shorter path.")
    give(path, user)
    return path


def socket_directory(home: Path, user: pwd.struct_passwd | None) -> Path:
    wanted = home / "run" / "db"
    return (
        own_directory(wanted, user)
        if len(bytes(wanted)) <= LONGEST_SOCKET_DIRECTORY
        else _short_directory(home, user)
    )


def until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            raise ServerTrouble(f"{what} within {PATIENCE:.0f} seconds.")
        time.sleep(0.05)
