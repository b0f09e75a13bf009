"""Secret addresses for people without a login: made, rotated, revoked, and opened.

An address can be built again whenever it is needed, so it is stored only as a digest. Digests of earlier
generations are kept: an address that was replaced is known to have ended, not unknown.
"""

import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from journal.actions import record
from journal.actors import Actor, Recipient
from tenancy.door import inside, knock, sha256
from tenancy.models import DoorKey
from tenancy.refusal import Refused
from workspaces.models import Link, Purpose
from workspaces.tokens import link_token

PATHS: Final = {
    Purpose.PORTAL: "/p/",
    Purpose.INVITATION: "/join/",
    Purpose.DECISION: "/d/",
    Purpose.REVIEW: "/r/",
    Purpose.CALENDAR: "/cal/",
    Purpose.PROOF: "/proof/",
    Purpose.HANDOFF: "/handoff/",
    Purpose.CONFIDENCE: "/c/",
}

SAME: Final = ("purpose", "subject_id", "recipient_kind", "recipient_id", "recipient_name")
SEEN_EVERY: Final = timedelta(hours=1)

State = Literal["ok", "unknown", "expired", "revoked"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of an address: its state, and the link unless nobody knows it."""

    state: State
    link: Link | None


def open_link(purpose: Purpose, token: str, *, now: datetime) -> Opened:
    """Looks an address up, from outside every workspace. Changes nothing: mail scanners follow links."""
    found = knock(_kind(purpose), token)
    if found is None:
        return Opened("unknown", None)
    with inside(found.workspace_id):
        link = Link.objects.get(pk=found.subject_id)
    return Opened(_state(link, token, now=now), link)


def _state(link: Link, token: str, *, now: datetime) -> State:
    is_current = any(hmac.compare_digest(token, candidate) for candidate in _candidates(link))
    if link.revoked_at or not is_current:
        return "revoked"
    return "expired" if link.expires_at and link.expires_at <= now else "ok"


def note_opened(link: Link, *, now: datetime) -> None:
    """Notes when an address was last opened, once an hour at most.

    No business state and no entry of the journal: whether a person or a mail scanner was there, nobody knows.
    """
    unknown = models.Q(last_seen_at=None) | models.Q(last_seen_at__lte=now - SEEN_EVERY)
    Link.objects.filter(unknown, pk=link.pk).update(last_seen_at=now)


def is_worth_noting(link: Link, *, now: datetime) -> bool:
    return link.last_seen_at is None or link.last_seen_at <= now - SEEN_EVERY


@transaction.atomic
def make_link(
    purpose: Purpose,
    *,
    subject: models.Model,
    to: Recipient,
    by: Actor,
    now: datetime,
    expires_at: datetime | None = None,
    thread_id: UUID | None = None,
) -> Link:
    """A new address about a subject for one recipient."""
    link = add_link(purpose, subject=subject, to=to, now=now, expires_at=expires_at)
    record(
        link,
        "link.made",
        by=by,
        at=now,
        data={"purpose": purpose, "subject_id": subject.pk, "expires_at": expires_at},
        personal={"recipient": to.name},
        thread_id=thread_id,
    )
    return link


def add_link(
    purpose: Purpose, *, subject: models.Model, to: Recipient, now: datetime, expires_at: datetime | None
) -> Link:
    """The address without an event of its own, for an action whose event tells of it."""
    link = Link.objects.create(
        purpose=purpose,
        subject_id=subject.pk,
        recipient_kind=to.kind,
        recipient_id=to.id,
        recipient_name=to.name,
        created_at=now,
        expires_at=expires_at,
    )
    _add_key(link)
    return link


@transaction.atomic
def rotate_link(link: Link, *, by: Actor, now: datetime) -> Link:
    """Gives the link a new address; the one before ends."""
    link = _lock(link)
    if link.revoked_at:
        raise Refused("This link was revoked. Make a new one instead.")
    link.generation += 1
    link.save(update_fields=["generation"])
    _add_key(link)
    record(link, "link.rotated", by=by, at=now, data={"purpose": link.purpose, "generation": link.generation})
    return link


@transaction.atomic
def revoke_link(link: Link, *, by: Actor, now: datetime) -> Link:
    """Ends the link for good."""
    link = _lock(link)
    if link.revoked_at:
        raise Refused("This link was revoked already.")
    link.revoked_at = now
    link.save(update_fields=["revoked_at"])
    record(link, "link.revoked", by=by, at=now, data={"purpose": link.purpose})
    return link


def address_of(link: Link) -> str:
    """The whole secret address.

    Raises:
        LookupError: when the key that made it is no longer in LINK_KEYS; rotating the link mends it.
    """
    if address := _known_address(link, _digests([link.pk])):
        return address
    raise LookupError(f"The key of link {link.pk} is no longer in LINK_KEYS; rotate the link.")


def addresses_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """The whole secret addresses of many links, in two statements at most.

    A link whose key is no longer in LINK_KEYS is left out; rotating it mends it.
    """
    return addresses(Link.objects.filter(pk__in=ids)) if ids else {}


def addresses(links: Iterable[Link]) -> dict[UUID, str]:
    """The same of links that were read already, in one statement."""
    by_id = {link.pk: link for link in links}
    known = _digests(by_id) if by_id else set()
    found = {pk: _known_address(link, known) for pk, link in by_id.items()}
    return {pk: address for pk, address in found.items() if address}


def _digests(ids: Collection[UUID]) -> set[bytes]:
    kept = DoorKey.objects.filter(subject_id__in=ids).values_list("digest", flat=True)
    return set(map(bytes, kept))


def _known_address(link: Link, known: Collection[bytes]) -> str:
    """The address by that of our keys which made it; empty when none of them did."""
    tokens = (token for token in _candidates(link) if sha256(token) in known)
    path = f"{settings.PUBLIC_URL}{PATHS[Purpose(link.purpose)]}"
    return next((f"{path}{token}{_ending(link)}" for token in tokens), "")


def _ending(link: Link) -> str:
    """Calendar programs tell a feed by how its address ends."""
    return ".ics" if link.purpose == Purpose.CALENDAR else ""


def address_for(link_id: UUID) -> str:
    """The address of a link by its id: what the outbox fills into a mail while sending."""
    return address_of(_standing(Link.objects.get(pk=link_id)))


def _standing(link: Link) -> Link:
    """The link itself; of one that was revoked, the one that its reader has in its place, if any."""
    if link.revoked_at is None:
        return link
    same = {name: getattr(link, name) for name in SAME}
    return Link.objects.filter(**same, revoked_at=None).order_by("-created_at", "-pk").first() or link


def _candidates(link: Link) -> list[str]:
    """The link's token by each of our keys; only one of them was ever given out."""
    return [link_token(key, link.pk, link.generation) for key in settings.LINK_KEYS]


def _add_key(link: Link) -> None:
    token = link_token(settings.LINK_KEYS[0], link.pk, link.generation)
    DoorKey.objects.create(kind=_kind(Purpose(link.purpose)), digest=sha256(token), subject_id=link.pk)


def _kind(purpose: Purpose) -> str:
    return f"link:{purpose}"


def _lock(link: Link) -> Link:
    return Link.objects.select_for_update().get(pk=link.pk)
