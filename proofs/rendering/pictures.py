"""Small pictures of what was delivered: the first few uploads that are pictures and still what they were."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Final, cast

import structlog

from milestones.files import place_of
from proofs.content import HANDOFF_SCHEMA, ArtifactTold, HandoffContent, ProofContent
from proofs.rendering.process import NotMade, carried_out

MOST: Final = 4
LARGEST: Final = 10 * 1024**2
TYPES: Final = frozenset({"image/png", "image/jpeg", "image/webp"})

log = structlog.get_logger(__name__)


def chosen(content: ProofContent | HandoffContent) -> dict[str, bytes]:
    """The pictures by their artifacts' version ids. Call it inside the workspace."""
    if content["schema"] == HANDOFF_SCHEMA:
        return {}
    pictures = [artifact for artifact in cast(ProofContent, content)["artifacts"] if _is_picture(artifact)]
    found = {artifact["version_id"]: _unchanged(artifact["sha256"]) for artifact in pictures[:MOST]}
    return {name: picture for name, picture in found.items() if picture}


def _is_picture(artifact: ArtifactTold) -> bool:
    is_small = artifact["size"] is not None and artifact["size"] <= LARGEST
    return artifact["kind"] == "file" and artifact["content_type"] in TYPES and is_small


def _unchanged(sha256: str) -> bytes | None:
    try:
        picture = place_of(sha256).read_bytes()
    except OSError:
        return None
    return picture if hashlib.sha256(picture).hexdigest() == sha256 else None


def shrunk(pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Small ones of those that can be drawn; none when that takes too much."""
    if not pictures:
        return {}
    order = {name: base64.b64encode(picture).decode() for name, picture in pictures.items()}
    try:
        made = json.loads(carried_out("shrink", order))
    except NotMade as refusal:
        log.warning("rendering.no_previews", reason=str(refusal))
        return {}
    return {name: base64.b64decode(text) for name, text in made.items()}
