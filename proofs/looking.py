"""Looking at an artifact itself: a file where it lies, a link by the guarded way out. No database here."""

from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings

from journal.egress import Answer, NotReached, fetch
from milestones.files import pieces
from proofs.checking import Known, Look, needs_second
from proofs.words import Found

log = structlog.get_logger(__name__)

REDIRECTS: Final = 3
MB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an artifact is: at an address, or in the file that should have this SHA-256."""

    url: str = ""
    file: Path | None = None
    sha256: str = ""


def look_at(place: Place, known: Known) -> list[Look]:
    """One look, with a second fetch where the first cannot tell a change from a living page."""
    try:
        first = _file(place.file, place.sha256) if place.file else _link(place.url)
        return [first, _link(place.url)] if needs_second(known, first) else [first]
    except Exception:
        # Whatever an address or a disk does, the looks after this one go on.
        log.exception("artifact.not_looked_at")
        return [Look(found=Found.UNREACHABLE, detail="It could not be looked at.")]


def _file(file: Path, expected: str) -> Look:
    digest, size = sha256(), 0
    try:
        for piece in pieces(file):
            digest.update(piece)
            size += len(piece)
    except FileNotFoundError:
        return Look(found=Found.MISSING, detail="The file is not where it was kept.")
    if digest.hexdigest() != expected:
        detail = "The file is damaged: it no longer has its SHA-256."
        return Look(found=Found.MISSING, sha256=digest.hexdigest(), size=size, detail=detail)
    return Look(found=Found.OK, sha256=expected, size=size)


def _link(url: str) -> Look:
    most: int = settings.FILE_LARGEST
    try:
        answer = fetch(url, limit=0, digest_limit=most, allow_http=True, redirects=REDIRECTS)
    except NotReached as error:
        found = Found.REFUSED if error.is_final else Found.UNREACHABLE
        return Look(found=found, detail=error.reason)
    return _answered(answer)


def _answered(answer: Answer) -> Look:
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Look(found=Found.UNREACHABLE, status=answer.status, detail=_said(answer.status))
    if not answer.truncated:
        return Look(found=Found.OK, status=answer.status, sha256=answer.sha256, size=answer.size)
    detail = f"Only its first {answer.size / MB:.0f} MB were read, so it is not compared."
    return Look(found=Found.OK, status=answer.status, size=answer.size, detail=detail)


def _said(status: int) -> str:
    try:
        return f"It answered {status} {HTTPStatus(status).phrase}."
    except ValueError:
        return f"It answered {status}."
