"""What a look at an artifact means: pure, without clock, network or database.

A link is known by the SHA-256 of what it answered first. One whose answer differs from fetch to fetch is
living: there only its being reachable counts. One that is made anew every day stands still within a look; it
counts as changed until a person says otherwise, who is asked. Being away counts from the third look on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Final

from milestones.words import Stage
from proofs.words import UNSOUND, Found

DAILY: Final = timedelta(days=1)
PAUSES: Final = (timedelta(minutes=15), timedelta(hours=1))  # after the first and the second failure
STILL_AWAY: Final = timedelta(hours=6)
WATCHED: Final = (Stage.EXECUTION, Stage.QA, Stage.REVIEW, Stage.CLOSEOUT)
ASKS_WHO: Final = {401, 403, 407}
SIGNED_IN_ONLY: Final = "It asks for a sign-in, so only who has one can open it."


class News(Enum):
    """What is to be told once."""

    CHANGED = "changed"
    AWAY = "unreachable"
    MISSING = "missing"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known before a look.

    `changed_to` is the content of which it was told that it is another, since it was last as it should be.
    """

    sha256: str = ""
    is_living: bool = False
    found: str = ""
    failures: int = 0
    changed_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look as it went. `sha256` is empty where not everything was read."""

    found: Found
    status: int | None = None
    sha256: str = ""
    size: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known after a look; `look` is the one that decided, `next_in` the time until another."""

    look: Look
    found: str
    sha256: str
    is_living: bool
    failures: int
    next_in: timedelta
    news: News | None

    @property
    def is_decided(self) -> bool:
        """Whether this look is why it is `found` so; a first failure leaves that to the looks before."""
        return self.look.found == self.found


def needs_second(known: Known, look: Look) -> bool:
    """Whether the content must be fetched once more to tell a change from a page that never stands still."""
    return look.found == Found.OK and _differs(known, look)


def may_be_rebuilt(changes: Iterable[tuple[date, str]]) -> bool:
    """Whether other contents came on different days, so that the page may be one that is made anew each day.

    `changes` are the days of looks that found the version changed, with the content that each found.
    """
    came: dict[str, date] = {}
    for on, content in sorted(changes):
        came.setdefault(content, on)
    return len(set(came.values())) > 1


def judged(known: Known, look: Look, second: Look | None = None) -> Verdict:
    """What one look, with its second fetch where it needed one, means for what is known."""
    if second and second.found != Found.OK:
        look = second
    if look.status in ASKS_WHO and known.found in ("", Found.REFUSED):
        look = Look(found=Found.REFUSED, status=look.status, size=look.size, detail=SIGNED_IN_ONLY)
    if look.found == Found.REFUSED and known.found not in ("", Found.REFUSED):
        look = replace(look, found=Found.UNREACHABLE)  # it was reached before: whoever opens it misses it
    if look.found == Found.UNREACHABLE:
        return _failed(known, look)
    if look.found == Found.OK:
        return _answered(known, look, second or look)
    return _settled(known, look, look.found)


def _failed(known: Known, look: Look) -> Verdict:
    failures = known.failures + 1
    if failures > len(PAUSES) or known.found == Found.UNREACHABLE:
        return _settled(known, look, Found.UNREACHABLE, failures=failures, next_in=STILL_AWAY)
    return _settled(known, look, known.found, failures=failures, next_in=PAUSES[failures - 1])


def _answered(known: Known, look: Look, second: Look) -> Verdict:
    if not _differs(known, look):
        return _settled(known, look, Found.OK)
    if second.sha256 != look.sha256:
        return _settled(known, look, Found.OK, is_living=True)
    if not known.sha256:
        return _settled(known, look, Found.OK, sha256=look.sha256)
    changed = Look(found=Found.CHANGED, status=look.status, sha256=look.sha256, size=look.size)
    return _settled(known, changed, Found.CHANGED)


def _differs(known: Known, look: Look) -> bool:
    return bool(look.sha256) and not known.is_living and look.sha256 != known.sha256


def _settled(
    known: Known,
    look: Look,
    found: str,
    *,
    sha256: str = "",
    is_living: bool = False,
    failures: int = 0,
    next_in: timedelta = DAILY,
) -> Verdict:
    return Verdict(
        look=look,
        found=found,
        sha256=sha256 or known.sha256,
        is_living=is_living or known.is_living,
        failures=min(failures, 1000),
        next_in=next_in,
        news=_news(known, found, look),
    )


def _news(known: Known, found: str, look: Look) -> News | None:
    """A change is told once for each content until it is as it was; the rest when it begins and ends."""
    if look.found == Found.CHANGED:
        return News.CHANGED if look.sha256 != known.changed_to else None
    if found == known.found:
        return None
    if found == Found.OK:
        return News.BACK if known.found in UNSOUND else None
    return {Found.UNREACHABLE: News.AWAY, Found.MISSING: News.MISSING}.get(Found(found)) if found else None
