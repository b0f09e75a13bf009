"""Versions of single records: `ETag`, `If-None-Match` for readers, `If-Match` for writers.

A tag is `"<version>-<digest>"`. Writers are held against the version, which only changes by people and tools
raise; readers against the whole tag, since figures change without a new version.
"""

import hashlib
import re
from typing import Any

from rest_framework.request import Request

from api.problems import Problem

TAG = re.compile(r'"(\d{1,9})(?:-[0-9a-f]+)?"')
NO_VERSION = 0


def expected(request: Request) -> int | None:
    """The version that `If-Match` asks for; None when any will do.

    Raises:
        Problem: when it names several, so that no version could be meant.
    """
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    if "," in given:
        raise Problem(400, "Name one ETag in If-Match.", code="invalid")
    found = TAG.fullmatch(given)
    return int(found[1]) if found else NO_VERSION


def tag(version: int, content: bytes) -> str:
    return f'"{version}-{hashlib.sha256(content).hexdigest()[:12]}"'


def is_known(request: Any, etag: str) -> bool:
    """Whether the reader has this very answer already."""
    known = [part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")]
    return etag in known or known == ["*"]
