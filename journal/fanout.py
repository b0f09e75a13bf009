"""From the journal to the endpoints: each event that an endpoint asked for becomes one intended message.

Nothing has to ring for this: an endpoint that has been told less than the journal holds is behind, whatever
was lost on the way.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.db.models.functions import Coalesce, Least

from journal.models import ChainHead, Channel, Delivery, Event, WebhookEndpoint
from tenancy.door import inside
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

BATCH: Final = 500
KEPT: Final = timedelta(days=30)  # whoever is told later than that would act on what no longer holds
NEXT: Final = 0  # a place before every entry of the journal

BEHIND = """
SELECT e.workspace_id, e.id
FROM journal_webhookendpoint e JOIN journal_chainhead h ON h.workspace_id = e.workspace_id
WHERE e.paused_at IS NULL AND e.removed_at IS NULL AND e.told_through < h.seq
ORDER BY h.seq - e.told_through
"""


def tell_behind(*, now: datetime) -> int:
    """Intends one batch for every endpoint that is behind, who has least to catch up with first.

    Returns how many entries of the journal were looked at.
    """
    with sweep():
        behind = rows(BEHIND)
    return sum(_tell(workspace_id, pk, now=now) for workspace_id, pk in behind)


def _tell(workspace_id: UUID, pk: UUID, *, now: datetime) -> int:
    try:
        with inside(workspace_id):
            return tell(pk, now=now)
    except Exception:
        log.exception("endpoint.not_told", workspace_id=str(workspace_id), endpoint_id=str(pk))
        return 0  # it stays behind; the others must not


def tell(pk: UUID, *, now: datetime) -> int:
    """Intends the next batch for one endpoint. Two at once take turns, and the second finds it done."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=pk)
    if endpoint.paused_at or endpoint.removed_at:
        return 0
    before, head = endpoint.told_through, ChainHead.objects.get().seq
    through = min(before + BATCH, head)
    events = Event.objects.filter(seq__gt=before, seq__lte=through).order_by("seq")
    if endpoint.events:
        events = events.filter(kind__in=endpoint.events)
    intend(endpoint, events, now=now)
    WebhookEndpoint.objects.filter(pk=pk).update(told_through=through)
    return through - before


def intend(
    endpoint: WebhookEndpoint, events: Iterable[Event], *, now: datetime, seq: int | None = None
) -> None:
    """Commits the intent to tell an endpoint of events; what is intended already stays as it is."""
    messages = [_message(endpoint, event, now=now, seq=seq) for event in events]
    if not messages:
        return
    Delivery.objects.bulk_create(messages, ignore_conflicts=True)
    due = Least(Coalesce("due_at", now), now)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(due_at=due)


def _message(endpoint: WebhookEndpoint, event: Event, *, now: datetime, seq: int | None) -> Delivery:
    return Delivery(
        channel=Channel.WEBHOOK,
        kind=event.kind,
        subject_kind="event",
        subject_id=event.pk,
        seq=event.seq if seq is None else seq,
        thread_id=event.thread_id,
        recipient_kind="endpoint",
        recipient_id=endpoint.pk,
        recipient_name=endpoint.name,
        address=f"endpoint:{endpoint.pk}",
        payload={"event_id": str(event.pk)},
        due_at=now,
        expires_at=event.at + KEPT,
    )
