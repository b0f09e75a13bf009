"""Webhooks on their way, signed as Standard Webhooks describe.

An endpoint is sent one message at a time, so a slow one holds up nobody else; the messages of one thread keep
their order, so an event waits while an earlier one of its story has not ended. A message keeps its id however
often it is sent: by that a receiver knows it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from cryptography.fernet import InvalidToken
from standardwebhooks import Webhook

from journal import outbox
from journal.canonical import encoded
from journal.egress import REDIRECTS, Answer, NotReached, fetch
from journal.endpoints import WELL, give_up
from journal.models import Delivery, Event, WebhookEndpoint
from journal.outbox import Claim, Ended, Outcome, Send, Way
from journal.queries import told_event, told_events
from tenancy.sealed import unseal
from tenancy.sweep import one, rows, sweep
from tenancy.text import one_line

PAUSES: Final = [
    timedelta(seconds=5),
    *(timedelta(minutes=m) for m in (5, 30)),
    *(timedelta(hours=h) for h in (2, 5, 10, 14, 20, 24)),
]
BREAKER: Final = 5  # so many failures in a row, whatever the message, and the endpoint as a whole rests
FIRST_REST: Final = timedelta(minutes=5)
LONGEST_REST: Final = timedelta(hours=1)
LONGEST_WAIT: Final = timedelta(days=1)
PATIENCE: Final = timedelta(hours=75)
FAILING_AT_ONCE: Final = 2
QUOTED: Final = 200
TAKEN: Final = range(200, 300)
GONE: Final = 410
SAY_WHEN: Final = {429, 503}
HINTS: Final = {404: "A workflow that is switched off answers like this."}

# Endpoints that fail are tried two at a time in all, so that those which answer never wait for them. Of the
# others the one that was served longest ago is next. The lease is checked by the database's clock.
FREE = """
WITH free AS MATERIALIZED (
    SELECT id FROM journal_webhookendpoint
    WHERE due_at <= %(now)s AND paused_at IS NULL AND removed_at IS NULL
      AND (rests_until IS NULL OR rests_until <= %(now)s)
      AND (lease_until IS NULL OR lease_until < now())
      AND (failures = 0 OR %(failing)s > (
          SELECT count(*) FROM journal_webhookendpoint busy
          WHERE busy.due_at IS NOT NULL AND busy.failures > 0 AND busy.lease_until > now()))
    ORDER BY lease_until NULLS FIRST, due_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE journal_webhookendpoint AS taken SET lease_until = now() + %(lease)s
FROM free WHERE taken.id = free.id
RETURNING taken.workspace_id, taken.id, taken.lease_until
"""

DUE = """
SELECT EXISTS (
    SELECT FROM journal_webhookendpoint
    WHERE due_at <= %(now)s AND paused_at IS NULL AND removed_at IS NULL
      AND (rests_until IS NULL OR rests_until <= %(now)s)
      AND (lease_until IS NULL OR lease_until < now()))
"""

# What waits for an endpoint and is the first of its thread.
HEADS = """FROM journal_delivery d
WHERE d.workspace_id = %(workspace_id)s AND d.recipient_id = %(id)s
  AND d.channel = 'webhook' AND d.state = 'queued'
  AND NOT EXISTS (
      SELECT FROM journal_delivery earlier
      WHERE earlier.workspace_id = d.workspace_id AND earlier.recipient_id = d.recipient_id
        AND earlier.channel = 'webhook' AND earlier.state = 'queued'
        AND earlier.thread_id = d.thread_id AND earlier.seq < d.seq)
"""

# It sees what others committed before the endpoint was taken: nobody else holds a message of it.
NEXT = f"""
WITH next AS MATERIALIZED (
    SELECT d.id {HEADS} AND d.due_at <= %(now)s AND (d.lease_until IS NULL OR d.lease_until < now())
    ORDER BY d.seq LIMIT 1
)
UPDATE journal_delivery AS taken
SET lease_until = %(lease_until)s, fence = fence + 1, attempts = attempts + 1
FROM next WHERE taken.workspace_id = %(workspace_id)s AND taken.id = next.id
RETURNING taken.id, fence, taken.workspace_id
"""  # noqa: S608 – of constants only

REST = f"""
UPDATE journal_webhookendpoint
SET lease_until = now(), due_at = (SELECT min(greatest(d.due_at, d.lease_until)) {HEADS})
WHERE workspace_id = %(workspace_id)s AND id = %(id)s
"""  # noqa: S608 – of constants only

LET_GO = """
UPDATE journal_webhookendpoint SET lease_until = now()
WHERE workspace_id = %(workspace_id)s AND id = %(id)s AND lease_until = %(lease_until)s
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """An endpoint that is ours until `lease_until`, and its message that leaves now."""

    endpoint: Mapping[str, Any]
    claim: Claim


def is_due(*, now: datetime) -> bool:
    """Whether an endpoint waits to be told and nobody is at it."""
    with sweep():
        return bool(one(DUE, {"now": now}))


def send_next(*, now: datetime) -> bool:
    """Sends one message of the endpoint whose turn it is. Returns whether there was one."""
    if (turn := take_turn(now=now)) is None:
        return False
    outbox.send(Delivery, turn.claim, now=now, way=WEBHOOK)
    with sweep():
        rows(LET_GO, turn.endpoint)
    return True


def take_turn(*, now: datetime) -> Turn | None:
    """Takes the endpoint whose turn it is, with its next message; two workers never get the same one."""
    while True:
        with sweep():
            free = rows(FREE, {"now": now, "lease": outbox.LEASE, "failing": FAILING_AT_ONCE})
            if not free:
                return None
            endpoint = dict(zip(("workspace_id", "id", "lease_until"), free[0], strict=True))
            if found := rows(NEXT, {**endpoint, "now": now}):
                return Turn(endpoint, Claim(*found[0]))
            rows(REST, endpoint)


def _request(delivery: Delivery, now: datetime) -> Send:
    endpoint = WebhookEndpoint.objects.get(pk=delivery.endpoint_id)
    body = _body(delivery.subject_id)
    headers = signed(str(delivery.pk), body, _secrets(endpoint, now=now), now=now)
    return partial(_hand_over, endpoint.url, headers, body.encode())


def _body(event_id: UUID) -> str:
    """The event as the API serves it."""
    return encoded(told_event(told_events(Event.objects.filter(pk=event_id)).get()))


def _secrets(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """The secrets that sign, the newest first."""
    is_rotating = endpoint.old_secret_until is not None and endpoint.old_secret_until > now
    try:
        return [unseal(text) for text in (endpoint.secret, *([endpoint.old_secret] if is_rotating else []))]
    except InvalidToken as error:
        raise ValueError("no key in FIELD_KEYS opens its secret") from error


def signed(message_id: str, body: str, keys: list[str], *, now: datetime) -> dict[str, str]:
    """The headers of one attempt: its own time, the message's id, one signature by each key."""
    at = now.astimezone(UTC)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(message_id, at, body) for key in keys),
    }


def _hand_over(url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    try:
        return meaning(fetch(url, method="POST", headers=headers.items(), body=body))
    except NotReached as error:
        return Outcome(Ended.UNKNOWN if error.may_have_arrived else Ended.FAILED, error.reason)


def meaning(answer: Answer) -> Outcome:
    """What an answer means for the message."""
    said = one_line(answer.body.decode(errors="replace"), limit=QUOTED)
    told = f"HTTP {answer.status}: {said}" if said else f"HTTP {answer.status}"
    if answer.status in TAKEN:
        return Outcome(Ended.SENT, answer=told)
    if answer.status == GONE:
        return Outcome(Ended.UNWANTED, told)
    if answer.status in REDIRECTS:
        return Outcome(Ended.FAILED, f"HTTP {answer.status}: it leads elsewhere; give the final address.")
    hint = f" {HINTS[answer.status]}" if answer.status in HINTS else ""
    return Outcome(Ended.FAILED, told + hint, wait=_asked_wait(answer))


def _asked_wait(answer: Answer) -> timedelta:
    """How long a busy receiver asks us to wait, within reason."""
    asked = answer.headers.get("retry-after", "")
    if answer.status not in SAY_WHEN or not (asked.isascii() and asked.isdecimal()):
        return timedelta(0)
    return timedelta(seconds=min(int(asked[:9]), LONGEST_WAIT.total_seconds()))


def rest(failures: int, wait: timedelta) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row."""
    doublings = min(failures - BREAKER, 10)
    pause = min(FIRST_REST * 2**doublings, LONGEST_REST) if doublings >= 0 else timedelta(0)
    return max(pause, wait)


def _note(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """What an attempt says about its endpoint."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=delivery.endpoint_id)
    if outcome.ended is Ended.SENT:
        _set(endpoint, WELL)
    elif outcome.ended is not Ended.FATAL:
        _note_failure(endpoint, outcome, now=now)


def _note_failure(endpoint: WebhookEndpoint, outcome: Outcome, *, now: datetime) -> None:
    failures, since = endpoint.failures + 1, endpoint.failing_since or now
    pause = rest(failures, outcome.wait)
    _set(endpoint, {"failures": failures, "failing_since": since, "rests_until": now + pause})
    if endpoint.paused_at or endpoint.removed_at:
        return
    if outcome.ended is Ended.UNWANTED:
        give_up(endpoint, "It answered 410: it wants to hear no more.", now=now)
    elif now - since >= PATIENCE:
        said = one_line(outcome.error, limit=QUOTED)
        give_up(endpoint, f"Nothing has arrived for three days. Last: {said}", now=now)


def _set(endpoint: WebhookEndpoint, changes: Mapping[str, Any]) -> None:
    """Without a new version: nobody has changed its settings."""
    if any(getattr(endpoint, name) != value for name, value in changes.items()):
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**changes)
        for name, value in changes.items():
            setattr(endpoint, name, value)


WEBHOOK: Final = Way(_request, PAUSES, _note, knows_again=True)
