"""Writes about webhook endpoints: what other systems are told of, where, and whether they still are.

Lock order: an endpoint's messages, the endpoint, the journal's line.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from journal import outbox
from journal.actions import record
from journal.actors import SYSTEM, Actor, Recipient
from journal.egress import NotReached, check_address
from journal.fanout import NEXT, intend
from journal.kinds import KINDS
from journal.letters import compose
from journal.models import Channel, Delivery, State, WebhookEndpoint
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from tenancy.sealed import seal

OVERLAP: Final = timedelta(days=1)
CHANGEABLE: Final = frozenset({"name", "url", "events"})
MOST: Final = 20
BY_HAND: Final = "Paused by hand."
WELL: Final[Mapping[str, Any]] = {"failures": 0, "failing_since": None, "rests_until": None}

_owners: Callable[[], Iterable[Recipient]] = tuple


def use_owners(owners: Callable[[], Iterable[Recipient]]) -> None:
    """Registers who can name the workspace's owners; the app that keeps members does, when it is ready."""
    global _owners  # noqa: PLW0603 – set once, while the apps get ready
    _owners = owners


@transaction.atomic
def make(
    *, name: str, url: str, events: Iterable[str] = (), by: Actor, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """Tells an address of what happens from now on. Returns its secret too, for the only time."""
    if WebhookEndpoint.objects.filter(removed_at=None).count() >= MOST:
        raise Refused(f"A workspace has at most {MOST} endpoints; remove one first.", code="too_many")
    secret = _new_secret()
    endpoint = WebhookEndpoint(
        name=name.strip(), url=_checked_url(url), events=_checked(events), secret=seal(secret), created_at=now
    )
    add(endpoint)
    data = {"name": endpoint.name, "events": endpoint.events}
    made = record(endpoint, "webhook_endpoint.made", by=by, at=now, data=data)
    endpoint.told_through = made.seq
    endpoint.save(update_fields=["told_through"])
    return endpoint, secret


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def _checked_url(url: str) -> str:
    try:
        check_address(url.strip())
    except NotReached as error:
        raise Refused(
            "This address cannot be told.", code="invalid", fields={"url": [error.reason]}
        ) from error
    return url.strip()


def _checked(events: Iterable[str]) -> list[str]:
    asked = sorted(set(events))
    if unknown := [kind for kind in asked if kind not in KINDS]:
        words = f"There is no event “{unknown[0]}”; docs/webhooks.md names them all."
        raise Refused("Some events are unknown.", code="invalid", fields={"events": [words]})
    return asked


def change_endpoint(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> WebhookEndpoint:
    """Changes name, address or events. What waits already goes to the new address.

    Raises:
        Refused: naming what cannot take this value.
        Stale: when somebody saved since version `expected`.
    """
    endpoint = _present(pk, expected=expected)
    given = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if "url" in given:
        given["url"] = _checked_url(given["url"])
    if "events" in given:
        given["events"] = _checked(given["events"])
    if moved := change(endpoint, given):
        # Not the address itself: many hold a key in their path, and the journal keeps what it is told.
        record(endpoint, "webhook_endpoint.changed", by=by, at=now, data={"fields": sorted(moved)})
    return endpoint


def _present(pk: UUID, *, expected: int | None = None) -> WebhookEndpoint:
    endpoint = locked(WebhookEndpoint, pk, expected=expected)
    if endpoint.removed_at:
        raise Refused("This endpoint was removed.", code="removed")
    return endpoint


def rotate_secret(
    pk: UUID, *, by: Actor, now: datetime, expected: int | None = None
) -> tuple[WebhookEndpoint, str]:
    """A new secret; the old one signs, too, for another day. Returns the new one, for the only time.

    Raises:
        Refused: while the last rotation still runs, since a receiver would know neither of two older ones.
    """
    endpoint = _present(pk, expected=expected)
    if endpoint.old_secret_until and endpoint.old_secret_until > now:
        raise Refused(
            "The secret was changed within the last day, and the one before still signs. Wait until it ends.",
            code="rotating",
        )
    secret, until = _new_secret(), now + OVERLAP
    old = {"old_secret": endpoint.secret, "old_secret_until": until}
    change(endpoint, {"secret": seal(secret), **old})
    data = {"old_signs_until": until}
    record(endpoint, "webhook_endpoint.secret_rotated", by=by, at=now, data=data)
    return endpoint, secret


def pause(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> WebhookEndpoint:
    """Sends nothing until it is resumed; what happens meanwhile waits."""
    endpoint = _present(pk, expected=expected)
    _check_runs(endpoint)
    change(endpoint, {"paused_at": now, "pause_reason": BY_HAND})
    record(endpoint, "webhook_endpoint.paused", by=by, at=now, data={"reason": BY_HAND})
    return endpoint


def _check_runs(endpoint: WebhookEndpoint) -> None:
    if endpoint.paused_at:
        raise Refused("This endpoint is paused; resume it first.", code="paused")


def give_up(endpoint: WebhookEndpoint, reason: str, *, now: datetime) -> None:
    """Pauses a locked endpoint that cannot be told, and tells the owners."""
    change(endpoint, {"paused_at": now, "pause_reason": reason})
    said = {"endpoint": endpoint, "workspace": endpoint.workspace, "url": _page(endpoint)}
    for owner in _owners():
        outbox.enqueue(
            compose("webhook_paused", said),
            kind="webhook_paused",
            subject=endpoint,
            to=owner,
            due_at=now,
            occurrence=endpoint.version,
        )
    record(endpoint, "webhook_endpoint.paused", by=SYSTEM, at=now, data={"reason": reason})


def _page(endpoint: WebhookEndpoint) -> str:
    return f"{settings.PUBLIC_URL}/w/{endpoint.workspace.slug}/settings/webhooks/{endpoint.pk}/"


def resume(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> WebhookEndpoint:
    """Sends what has waited, in its order, and goes on. Failures count anew."""
    _waiting(pk).update(due_at=now, attempts=0)
    endpoint = _present(pk, expected=expected)
    if not endpoint.paused_at:
        raise Refused("This endpoint is not paused.", code="not_paused")
    change(endpoint, {"paused_at": None, "pause_reason": "", "due_at": now, **WELL})
    record(endpoint, "webhook_endpoint.resumed", by=by, at=now)
    return endpoint


def remove(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> WebhookEndpoint:
    """Sends nothing any more; what waits is withdrawn. The log of what was sent stays."""
    _waiting(pk).update(state=State.WITHDRAWN, finished_at=now)
    endpoint = _present(pk, expected=expected)
    change(endpoint, {"removed_at": now, "old_secret": "", "old_secret_until": None})
    record(endpoint, "webhook_endpoint.removed", by=by, at=now, data={"name": endpoint.name})
    return endpoint


def _waiting(pk: UUID) -> Any:
    return Delivery.objects.filter(channel=Channel.WEBHOOK, recipient_id=pk, state=State.QUEUED)


def test(pk: UUID, *, by: Actor, now: datetime) -> Delivery:
    """Records an event that only says “try”, and sends it before all that waits."""
    endpoint = _present(pk)
    _check_runs(endpoint)
    WebhookEndpoint.objects.filter(pk=pk).update(rests_until=None)
    event = record(endpoint, "webhook_endpoint.tested", by=by, at=now, data={"name": endpoint.name})
    intend(endpoint, after=event.seq - 1, through=event.seq, place=NEXT, now=now)
    return Delivery.objects.get(subject_id=event.pk, recipient_id=pk)
