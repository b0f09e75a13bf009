"""How a look at an artifact reads: its state in a word, why, and what to do about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from milestones.models import ArtifactVersion
from proofs.words import Found

LABELS: Final = {
    "": ("none", "Not looked at yet"),
    Found.OK: ("on_track", "As delivered"),
    Found.CHANGED: ("delayed", "Changed at its source"),
    Found.UNREACHABLE: ("delayed", "Not reachable"),
    Found.REFUSED: ("none", "Not looked at"),
    Found.MISSING: ("delayed", "Missing or damaged"),
}
LIVING: Final = "It changes by itself, so only its being reachable is checked."
ASKED: Final = (
    "It no longer holds what it held at the first look: its content was another on different days, and "
    "nobody added a new version. Is it meant to change?"
)
TODO: Final = {
    Found.CHANGED: (
        "It no longer holds what it held at the first look. If the new content is what you deliver, add it "
        "as a new version; if the page is meant to change, say so."
    ),
    Found.UNREACHABLE: (
        "Add the right address as a new version. Once it answers again, this is over by itself."
    ),
    Found.REFUSED: "Open it yourself, as the client will, before you hand it over.",
    Found.MISSING: "Restore it from a backup, or upload it again as a new version.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCheck:
    """`next_at` is empty while a look is on its way, or when there is none to come."""

    label: str
    word: str
    why: str
    is_living: bool
    is_asked: bool
    is_due: bool
    checked_at: datetime | None
    next_at: datetime | None
    sha256: str
    expected: int


def shown_check(
    version: ArtifactVersion, watch: Any, detail: str, *, is_watched: bool, now: datetime
) -> ShownCheck:
    """`watch` is none while nobody has begun to look; `detail` is what the latest look said."""
    found = watch.found if watch else ""
    is_living = bool(watch and watch.is_living)
    label, word = LABELS[found]
    due_at = watch.due_at if watch and is_watched else None
    return ShownCheck(
        label=label,
        word="Reachable" if is_living and found == Found.OK else word,
        why=_why(watch, found, detail),
        is_living=is_living,
        is_asked=bool(watch and watch.is_asked and found == Found.CHANGED),
        is_due=bool(due_at and due_at <= now) or (watch is None and is_watched),
        checked_at=watch.checked_at if watch else None,
        next_at=due_at if due_at and due_at > now else None,
        sha256=version.sha256 or (watch.sha256 if watch else ""),
        expected=watch.version if watch else 0,
    )


def _why(watch: Any, found: str, detail: str) -> str:
    if watch and watch.failures and found != Found.UNREACHABLE:
        return f"The latest look failed: {detail} It counts from the third one on."
    if found == Found.CHANGED and watch.is_asked:
        return ASKED
    said = LIVING if watch and watch.is_living and found == Found.OK else detail
    return " ".join(filter(None, (said, TODO.get(Found(found)) if found else "")))
