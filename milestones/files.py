"""Where uploaded files lie: by workspace and content, so that the same bytes are kept once in each workspace.

    <FILES_ROOT>/<workspace id>/<first two digits of the SHA-256>/<SHA-256>

Nothing here opens, unpacks or renders a file. What it is, its first bytes say; its name says nothing.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

import puremagic
from django.conf import settings

from milestones.scanning import check_clean
from tenancy.door import current_workspace_id
from tenancy.refusal import Refused, TooLarge
from tenancy.text import one_line

# What runs nothing, even where it is opened. Everything else leaves as bytes of no particular kind.
INERT = {
    *("application/pdf", "application/zip", "image/gif", "image/jpeg", "image/png", "image/webp"),
    *("text/plain", "video/mp4"),
}
# With every file that leaves: whoever opens it all the same does so outside of our name.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}

NAME_LENGTH = 200
NAMELESS = "file"
UNKNOWN = "application/octet-stream"
TYPE_LENGTH = 100
HEAD = 8192
PIECE = 64 * 1024
LEFT_BEHIND = timedelta(days=1)  # after it an upload is surely not being received any more


@dataclass(frozen=True, slots=True)
class Received:
    """A file that has arrived whole, and is not kept yet."""

    path: Path
    sha256: str
    size: int
    content_type: str


@contextmanager
def received(content: Iterable[bytes], *, now: datetime) -> Iterator[Received]:
    """Takes a file in under a name of its own; without `keep` it is gone afterwards.

    Raises:
        TooLarge: as soon as it is larger than one file may be.
        Refused: when it is empty, or the scan does not let it in.
    """
    incoming = _incoming()
    _forget_left_behind(incoming, now=now)
    with NamedTemporaryFile(dir=incoming, delete=False) as target:
        path = Path(target.name)
        try:
            file = cast(BinaryIO, target)
            sha256, size = _copy(content, file)
            check_clean(path)
            yield Received(path, sha256, size, _type_of(file))
        finally:
            path.unlink(missing_ok=True)


def _incoming() -> Path:
    incoming: Path = settings.FILES_ROOT / "incoming"
    incoming.mkdir(parents=True, exist_ok=True)
    return incoming


def _copy(content: Iterable[bytes], target: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in content:
        size += len(chunk)
        check_size(size)
        digest.update(chunk)
        target.write(chunk)
    if not size:
        raise Refused("The file is empty.", code="invalid", fields={"file": ["The file is empty."]})
    target.flush()
    os.fsync(target.fileno())
    return digest.hexdigest(), size


def check_size(size: int) -> None:
    """Refuses what no single file may be."""
    if size > settings.FILE_LARGEST:
        limit = settings.FILE_LARGEST // 1024**2
        raise TooLarge(f"A file may hold at most {limit} MB. Make it smaller, or add a link to it.", "file")


def _type_of(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return "application/zip"  # which of the many formats built on it, only its contents would say
    try:
        return puremagic.from_string(head, mime=True)[:TYPE_LENGTH] or UNKNOWN
    except puremagic.PureError:
        return "text/plain" if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    return b"\0" not in head and "\ufffd" not in head.decode(errors="replace")[:-1]


def keep(file: Received) -> None:
    """Gives a received file its place. The same bytes are there already when they were kept before."""
    _place(file.path, file.sha256)


def keep_bytes(content: bytes) -> str:
    """Keeps bytes of our own making, and returns their SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    incoming = _incoming()
    with NamedTemporaryFile(dir=incoming, delete=False) as target:
        target.write(content)
        target.flush()
        os.fsync(target.fileno())
    _place(Path(target.name), sha256)
    return sha256


def _place(path: Path, sha256: str) -> None:
    place = place_of(sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    path.replace(place)


def place_of(sha256: str) -> Path:
    """Where the workspace that was entered keeps these bytes."""
    root: Path = settings.FILES_ROOT
    return root / str(current_workspace_id()) / sha256[:2] / sha256


def pieces(place: Path) -> Iterator[bytes]:
    """A kept file. It is opened with the first piece: an answer that nobody reads leaves nothing open."""
    with place.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def clean_name(name: str) -> str:
    """What a file is called here: no path, no invisible character, never hidden, short enough to be saved."""
    base = name.replace("\\", "/").rpartition("/")[2]
    line = one_line(base, limit=10 * NAME_LENGTH).strip(". ")
    stem, dot, suffix = line.rpartition(".")
    if len(line) > NAME_LENGTH and dot and len(suffix) < 20:
        return f"{stem[: NAME_LENGTH - len(suffix) - 1]}.{suffix}"
    return line[:NAME_LENGTH] or NAMELESS


def _forget_left_behind(incoming: Path, *, now: datetime) -> None:
    """What a killed process was receiving belongs to nobody."""
    oldest = (now - LEFT_BEHIND).timestamp()
    for path in incoming.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:
            continue  # another process was quicker
