"""The secrets of an installation that sets itself up: made once, kept in CAIRN_HOME/secrets.env."""

import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

NAME = "secrets.env"
HEADING = (
    "# Made once by Cairn. The data beside it cannot be read without these: back up, share with nobody.\n"
)


def _key() -> str:
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def fresh() -> dict[str, str]:
    """New secrets by the names of their environment variables; keys are 32 bytes in URL-safe base64."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": _key(),
        "LINK_KEYS": _key(),
        "SEAL_KEY": _key(),
        "METRICS_TOKEN": secrets.token_urlsafe(24),
    }


@contextmanager
def _draft(path: Path, text: str) -> Iterator[Path]:
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft = Path(file.name)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _write_first(path: Path, text: str) -> None:
    """Of two processes that make the file at once one wins, and both read what it wrote."""
    with _draft(path, text) as draft, suppress(FileExistsError):
        path.hardlink_to(draft)


def write_private(path: Path, text: str) -> None:
    """Replaces a file in one step; nobody but its owner may read it at any moment."""
    with _draft(path, text) as draft:
        draft.replace(path)


def as_text(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def load(home: Path) -> dict[str, str]:
    """The secrets of a home, made when it has none. The environment wins, as in config/env.py."""
    path = home / NAME
    if not path.exists():
        _write_first(path, HEADING + as_text(fresh()))
    kept = dict(line.split("=", 1) for line in path.read_text().splitlines() if line and line[0] != "#")
    return {name: os.environ.get(name) or value for name, value in kept.items()}
