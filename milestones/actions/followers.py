"""What upper apps do with a decision in its own transaction. They register it while the apps get ready.

Most news travels upward as an entry of the journal, and a sweep picks it up. This is for what has to stand
beside the receipt at once, whichever way the answer came.
"""

from datetime import datetime
from typing import Final, Protocol

import structlog
from django.db import transaction

from milestones.models import Decision

log = structlog.get_logger(__name__)


class Follower(Protocol):
    """`decision` was just made, or `countermands` one."""

    def __call__(self, decision: Decision, *, now: datetime) -> None: ...


_followers: Final[list[Follower]] = []


def follow_decisions(follower: Follower) -> None:
    _followers.append(follower)


def tell_followers(decision: Decision, *, now: datetime) -> None:
    """One that fails leaves nothing behind, and does not take the decision with it."""
    for follower in _followers:
        try:
            with transaction.atomic():
                follower(decision, now=now)
        except Exception:
            log.exception("decision.not_followed", decision_id=str(decision.pk))
