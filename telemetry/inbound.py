"""Takes deliveries in: verifies the raw bytes and stores them, with what makes a repetition known.

One statement does it, in one round trip. What the deliveries mean is found out later, by telemetry/apply.py.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

import psycopg
import structlog
from django.db import connection

from milestones.words import WorkState
from telemetry.models import Connection, RefusalReason
from telemetry.providers import PROVIDERS, Check, Verdict
from tenancy.door import inside, knock
from tenancy.ids import uuid7
from tenancy.sealed import unseal

log = structlog.get_logger(__name__)

DOOR = "hook"
LARGEST = 5 * 1024 * 1024
REMEMBERED_FOR = 5.0  # seconds; the statement itself notices a change that happened meanwhile
MOST_REMEMBERED = 10_000
UNKEPT = re.compile("authori|cookie|signature|secret|token|key|forwarded|real-ip", re.IGNORECASE)

# Opens the door of the workspace by itself, so that storing is one statement and one round trip.
STORE = """
SELECT store_delivery(%(workspace_id)s, %(connection_id)s, %(version)s, %(id)s, %(now)s, %(digests)s::bytea[],
                      %(delivery_id)s, %(headers)s::jsonb, %(body)b)
"""

COUNT = """
INSERT INTO telemetry_refusalcount (id, workspace_id, connection_id, reason, count, last_at)
VALUES (%(id)s, %(workspace_id)s, %(connection_id)s, %(reason)s, 1, %(now)s)
ON CONFLICT (workspace_id, connection_id, reason) DO UPDATE
SET count = telemetry_refusalcount.count + 1,
    last_at = greatest(telemetry_refusalcount.last_at, excluded.last_at)
"""


class Answer(StrEnum):
    STORED = "stored"
    REPEATED = "repeated"
    DISCARDED = "discarded"
    UNKNOWN = "unknown"
    FORGED = "forged"
    STALE = "stale"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"


OUTCOME = {
    "stored": (Answer.STORED, "Received."),
    "repeated": (Answer.REPEATED, "Received before."),
    "changed": None,
}
REFUSED = {
    Verdict.REJECT_SIGNATURE: (Answer.FORGED, RefusalReason.SIGNATURE),
    Verdict.REJECT_STALE: (Answer.STALE, RefusalReason.STALE),
    Verdict.MALFORMED: (Answer.MALFORMED, RefusalReason.MALFORMED),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came in at the door."""

    provider: str
    headers: Mapping[str, str]
    body: bytes
    now: datetime

    @property
    def kept_headers(self) -> dict[str, str]:
        """Without what proves or names the sender."""
        return {name: value[:500] for name, value in self.headers.items() if not UNKEPT.search(name)}


@dataclass(frozen=True)
class Known:
    """A connection as this process remembers it for some seconds."""

    workspace_id: UUID
    row: Connection
    read_at: float

    @cached_property
    def secret(self) -> str:
        return unseal(self.row.secret)

    @cached_property
    def old_secret(self) -> str:
        return unseal(self.row.old_secret) if self.row.old_secret else ""

    @cached_property
    def states(self) -> dict[str, WorkState]:
        return self.row.states

    def secrets(self, *, now: datetime) -> list[str]:
        """The one or two that count at this moment."""
        until = self.row.old_secret_until
        return [self.secret, self.old_secret] if until and now < until else [self.secret]


_remembered: dict[UUID, Known] = {}


def receive(
    provider: str, connection_id: UUID, *, headers: Mapping[str, str], body: bytes, now: datetime
) -> tuple[Answer, str]:
    """Takes one delivery in, or refuses it and leaves nothing behind but a count.

    Returns the answer and a sentence for whoever set the sender up.
    """
    delivery = Delivery(provider, headers, body, now)
    known = _recall(connection_id)
    if known and (answer := _taken(known, delivery)):
        return answer
    # Unknown, or changed since this process looked: a secret may have been replaced a moment ago.
    known = _look_up(connection_id)
    if known is None or known.row.provider != provider:
        return Answer.UNKNOWN, "There is no such connection."
    return _taken(known, delivery) or _refused(known, delivery)


def refuse_too_large(provider: str, connection_id: UUID, *, now: datetime) -> tuple[Answer, str]:
    """Counts a delivery that nobody read to its end."""
    known = _recall(connection_id) or _look_up(connection_id)
    if known is None or known.row.provider != provider:
        return Answer.UNKNOWN, "There is no such connection."
    _count(known, RefusalReason.TOO_LARGE, now=now)
    return Answer.TOO_LARGE, "A delivery may hold at most 5 MiB."


def _recall(connection_id: UUID) -> Known | None:
    known = _remembered.get(connection_id)
    return known if known and time.monotonic() - known.read_at < REMEMBERED_FOR else None


def _look_up(connection_id: UUID) -> Known | None:
    if (found := knock(DOOR, str(connection_id))) is None:
        return None
    with inside(found.workspace_id):
        row = Connection.objects.get(pk=found.subject_id)
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    known = _remembered[connection_id] = Known(found.workspace_id, row, time.monotonic())
    return known


def _taken(known: Known, delivery: Delivery) -> tuple[Answer, str] | None:
    """The answer when what we know of the connection lets the delivery in; None when it does not."""
    if known.row.provider != delivery.provider:
        return None
    check = _check(known, delivery)
    if check.verdict != Verdict.ACCEPTED:
        return None
    if known.row.disabled_at:
        log.info("delivery_discarded", connection_id=str(known.row.pk), why="the connection is switched off")
        return Answer.DISCARDED, "The connection is switched off; nothing was kept."
    return _stored(known, delivery, check.delivery_id)


def _check(known: Known, delivery: Delivery) -> Check:
    secrets = known.secrets(now=delivery.now)
    return PROVIDERS[delivery.provider].verify(
        delivery.headers, delivery.body, secrets, delivery.now, known.states
    )


def _refused(known: Known, delivery: Delivery) -> tuple[Answer, str]:
    check = _check(known, delivery)
    answer, reason = REFUSED[check.verdict]
    _count(known, reason, now=delivery.now)
    return answer, check.sentence


def _stored(known: Known, delivery: Delivery, delivery_id: str) -> tuple[Answer, str] | None:
    """One statement. None when the connection has changed since we looked at it."""
    values = {
        "workspace_id": known.workspace_id,
        "connection_id": known.row.pk,
        "version": known.row.version,
        "id": uuid7(),
        "now": delivery.now,
        "digests": _digests(delivery, delivery_id),
        "delivery_id": delivery_id,
        "headers": json.dumps(delivery.kept_headers),
        "body": delivery.body,
    }
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # Bound by the server: the body goes out as it is, where Django's own cursor writes it as text.
        row = psycopg.Cursor(connection.connection).execute(STORE.encode(), values).fetchone()
    outcome = OUTCOME[row[0]] if row else None
    if outcome:
        _log_taken(known, values["id"], len(delivery.body), outcome[0])
    return outcome


def _log_taken(known: Known, delivery_id: object, size: int, answer: Answer) -> None:
    """One line for each delivery that was let in; nothing of what it holds."""
    log.info(
        "delivery_received",
        provider=known.row.provider,
        connection_id=str(known.row.pk),
        delivery_id=str(delivery_id),
        answer=answer.value,
        size=size,
    )


def _digests(delivery: Delivery, delivery_id: str) -> list[bytes]:
    """What must be new about it. Sorted, so that two copies at once wait for each other in one order."""
    replay_key = PROVIDERS[delivery.provider].replay_key(delivery.headers, delivery.body)
    marks = [f"id {delivery_id}", *([f"body {replay_key}"] if replay_key else [])]
    return sorted(hashlib.sha256(mark.encode()).digest() for mark in marks)


def _count(known: Known, reason: RefusalReason, *, now: datetime) -> None:
    values = {"id": uuid7(), "workspace_id": known.workspace_id, "connection_id": known.row.pk}
    with inside(known.workspace_id), connection.cursor() as cursor:
        cursor.execute(COUNT, {**values, "reason": reason.value, "now": now})


def forget() -> None:
    """Empties this process's memory of connections."""
    _remembered.clear()
