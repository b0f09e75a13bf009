"""The secrets of an installation that starts by itself: made once, kept in CAIRN_HOME/secrets.env for the owner only."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

NAME = "secrets.env"
HEADING = "# Made once by Cairn. Without these keys the data beside them cannot be read: back them up, share them with nobody.\n"


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
        "POSTGRES_PASSWORD": secrets.token_urlsafe(32),
    }


def write_private(path: Path, text: str) -> None:
    """Replaces a file in one step; nobody but its owner may read it at any moment."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def as_text(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def load(home: Path) -> dict[str, str]:
    """The secrets of a home, made when it has none. The environment wins over the file, as in config/env.py."""
    path = home / NAME
    if not path.exists():
        write_private(path, HEADING + as_text(fresh()))
    kept = dict(line.split("=", 1) for line in path.read_text().splitlines() if line and line[0] != "#")
    return {name: os.environ.get(name) or value for name, value in kept.items()}
