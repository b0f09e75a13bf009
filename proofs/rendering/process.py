"""Runs a child that is given everything it needs, knows no secret, and cannot stick or grow."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings

PATIENCE: Final = 60  # seconds by the wall clock; a child's own limit counts the processor's
LARGEST: Final = 25 * 1024**2
NEEDED: Final = ("PATH", "FONTCONFIG_FILE")
# Without a clock and without chance: embedded fonts carry the time at which they were cut.
STILL: Final = {"SOURCE_DATE_EPOCH": "1767225600", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


class NotMade(Exception):
    """A file could not be made; the text says why, for whoever runs this installation."""


def carried_out(module: str, order: object) -> bytes:
    """What `python -m proofs.rendering.<module>` prints when it is given the order as JSON.

    Raises:
        NotMade: when it gave up, broke off, took too long or made too much.
    """
    command = [sys.executable, "-m", f"proofs.rendering.{module}"]
    with TemporaryDirectory(prefix="cairn-making-") as place:
        try:
            done = subprocess.run(
                command,
                input=json.dumps(order).encode(),
                capture_output=True,
                timeout=PATIENCE,
                cwd=settings.ROOT,
                env=surroundings(place),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotMade(f"It was not ready after {PATIENCE} seconds.") from None
    if done.returncode:
        raise NotMade(_reason(done.returncode, done.stderr))
    if len(done.stdout) > LARGEST:
        raise NotMade(f"It is larger than {LARGEST // 1024**2} MB.")
    return done.stdout


def surroundings(place: str) -> dict[str, str]:
    """Nothing of ours but where programs and libraries lie: no secrets, no addresses of servers."""
    kept = {name: os.environ[name] for name in NEEDED if name in os.environ}
    return {**kept, **_unpacked(), **STILL, "HOME": place, "TMPDIR": place}


def _unpacked() -> dict[str, str]:
    """Where scripts/system.py put the libraries when it could not install them; empty when it could."""
    root = Path(sys.prefix) / "system"
    folders = [str(folder) for place in ("lib", "usr/lib") for folder in root.glob(f"{place}/*-linux-gnu*")]
    if not folders:
        return {}
    return {"LD_LIBRARY_PATH": ":".join(folders), "FONTCONFIG_FILE": str(root / "fonts.conf")}


def _reason(code: int, said: bytes) -> str:
    if code < 0:
        return f"It was stopped by signal {-code}: it needed too much time or memory."
    return said.decode(errors="replace").strip().rpartition("\n")[2][:300] or "It ended without a word."
