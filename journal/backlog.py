"""What has waited too long, as after an outage: what no longer holds is taken back, the rest is put together.

An intent is written when something is true and may leave much later. So whoever writes a kind of message says
here how to find out whether it still holds. Members get what waited as one message; what is urgent leaves at
once and by itself, or it would wait behind all the rest.
Contacts do not: each message to a client is owed singly, with its own question, link or receipt.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from journal.letters import compose
from journal.models import URGENT, Channel, Delivery, DeliveryAttempt, State

log = structlog.get_logger(__name__)

LATE: Final = timedelta(hours=1)
LEAST: Final = 3  # fewer leave as they are
MOST: Final = 100
DIGEST: Final = "digest"
ALONE: Final = (DIGEST, *URGENT)
MEMBER: Final = "user"
MOOT: Final = "It no longer held when its turn came."
TOGETHER: Final = "It left together with others that had waited as long."

Holds = Callable[[UUID, datetime], bool]

_holds: dict[str, Holds] = {}


def ask_before_sending(holds: Mapping[str, Holds]) -> None:
    """Registers, by kind of message, whether one about a subject still holds; apps do when they are ready."""
    _holds.update(holds)


def settle(delivery: Delivery, *, now: datetime) -> bool:
    """Whether a message whose turn has come is not to leave by itself. Call it inside the workspace.

    It is withdrawn when it no longer holds, or put into a digest with others that have waited as long.
    """
    if _is_moot(delivery, now=now):
        _end([delivery], State.WITHDRAWN, MOOT, now=now)
        return True
    if not _may_join(delivery, now=now):
        return False
    waiting = [delivery, *_beside(delivery, now=now)]
    moot = [each for each in waiting if _is_moot(each, now=now)]
    _end(moot, State.WITHDRAWN, MOOT, now=now)
    together = [each for each in waiting if each not in moot]
    if len(together) < LEAST:
        return False
    _put_together(together, now=now)
    return True


def _is_moot(delivery: Delivery, *, now: datetime) -> bool:
    holds = _holds.get(delivery.kind)
    if holds is None:
        return False
    try:
        with transaction.atomic():
            return not holds(delivery.subject_id, now)
    except Exception:
        # Better told once too often than never, and no reason to keep what waits behind it.
        log.exception("outbox.not_asked", id=str(delivery.pk), kind=delivery.kind)
        return False


def _may_join(delivery: Delivery, *, now: datetime) -> bool:
    waits = Delivery.objects.filter(_late(now), pk=delivery.pk, recipient_kind=MEMBER)
    return delivery.kind not in ALONE and waits.exists()


def _late(now: datetime) -> Q:
    """Due long ago, or tried in vain long ago: each attempt puts off when it is due."""
    tried = DeliveryAttempt.objects.filter(delivery=OuterRef("pk"), at__lte=now - LATE)
    return Q(due_at__lte=now - LATE) | Q(Exists(tried))


def _beside(delivery: Delivery, *, now: datetime) -> QuerySet[Delivery]:
    """What else has waited as long for the same person, and nobody is sending just now."""
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    waiting = Delivery.objects.filter(
        _late(now),
        free,
        channel=Channel.EMAIL,
        state=State.QUEUED,
        address=delivery.address,
        recipient_kind=MEMBER,
        handed_over_at=None,
    )
    others = waiting.exclude(pk=delivery.pk).exclude(kind__in=ALONE).order_by("due_at", "id")
    return others.select_for_update(skip_locked=True, of=("self",))[: MOST - 1]


def _end(deliveries: Iterable[Delivery], state: State, why: str, *, now: datetime) -> None:
    ended = Delivery.objects.filter(pk__in=[each.pk for each in deliveries], state=State.QUEUED)
    ended.update(state=state, finished_at=now, lease_until=None, last_error=why)


def _put_together(deliveries: Sequence[Delivery], *, now: datetime) -> None:
    """One message instead of many, committed with the end of each of them."""
    first = deliveries[0]
    ranked = sorted(deliveries, key=lambda each: (each.due_at, each.pk))
    said = {"workspace": first.workspace, "letters": [_told(each) for each in ranked]}
    Delivery.objects.create(
        channel=Channel.EMAIL,
        kind=DIGEST,
        subject_kind="delivery",
        subject_id=first.pk,
        recipient_kind=first.recipient_kind,
        recipient_id=first.recipient_id,
        recipient_name=first.recipient_name,
        address=first.address,
        payload=compose(DIGEST, said).payload(),
        due_at=now,
    )
    _end(deliveries, State.DIGESTED, TOGETHER, now=now)


def _told(delivery: Delivery) -> dict[str, Any]:
    """What the letter said, without the line that says who sent it: the digest has its own."""
    text, _, _ = delivery.payload["text"].partition("\n-- \n")
    return {"subject": delivery.payload["subject"], "text": text.strip()}
