"""Secrets shown once: sealed in the session from the POST that made one until the page that shows it.

The POST leads on to that page, so that a reload or Back makes nothing a second time.
"""

from datetime import datetime, timedelta
from typing import Final

from django.http import HttpRequest

from tenancy.sealed import seal, unseal

PLACE: Final = "once"  # in the session: name → (sealed secret, when it was kept)
KEPT_FOR: Final = timedelta(minutes=5)

Kept = dict[str, tuple[str, str]]


def keep(request: HttpRequest, name: str, secret: str, *, now: datetime) -> None:
    """Keeps the secret for one showing; `name` says what it opens, as in `token:<id>`."""
    request.session[PLACE] = _fresh(request, now=now) | {name: (seal(secret), now.isoformat())}


def take(request: HttpRequest, name: str, *, now: datetime) -> str:
    """The secret, for this one showing; empty when there is none any more."""
    kept = _fresh(request, now=now)
    if name not in kept:
        return ""
    sealed, _ = kept.pop(name)
    request.session[PLACE] = kept
    return unseal(sealed)


def _fresh(request: HttpRequest, *, now: datetime) -> Kept:
    kept: Kept = request.session.get(PLACE, {})
    return {name: (sealed, at) for name, (sealed, at) in kept.items() if _is_fresh(at, now=now)}


def _is_fresh(at: str, *, now: datetime) -> bool:
    return now - datetime.fromisoformat(at) < KEPT_FOR
