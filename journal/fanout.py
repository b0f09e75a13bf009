"""From the journal to the endpoints: each event that an endpoint asked for becomes one intended message.

Nothing has to ring for this: an endpoint that has been told less than the journal holds is behind, whatever
was lost on the way.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models.functions import Coalesce, Least

from journal.models import ChainHead, WebhookEndpoint
from tenancy.sweep import found, tried

BATCH: Final = 2_000
KEPT: Final = timedelta(days=30)  # whoever is told later than that would act on what no longer holds
NEXT: Final = 0  # a place before every entry of the journal

BEHIND = """
SELECT e.workspace_id, e.id
FROM journal_webhookendpoint e JOIN journal_chainhead h ON h.workspace_id = e.workspace_id
WHERE e.paused_at IS NULL AND e.removed_at IS NULL AND e.told_through < h.seq
ORDER BY h.seq - e.told_through
"""

INTEND = """
INSERT INTO journal_delivery (id, workspace_id, channel, kind, subject_kind, subject_id, seq, thread_id, step,
                              occurrence, recipient_kind, recipient_id, recipient_name, address, payload,
                              due_at, expires_at)
SELECT uuidv7(), workspace_id, 'webhook', kind, 'event', id, coalesce(%(place)s, seq), thread_id, '',
       1, 'endpoint', %(endpoint_id)s, %(name)s, %(address)s, jsonb_build_object('event_id', id),
       %(now)s, at + %(kept)s
FROM journal_event
WHERE workspace_id = %(workspace_id)s AND seq > %(after)s AND seq <= %(through)s
  AND (cardinality(%(kinds)s::text[]) = 0 OR kind = ANY(%(kinds)s::text[]))
ON CONFLICT DO NOTHING
"""


def tell_behind(*, now: datetime) -> int:
    """Intends one batch for every endpoint that is behind, who has least to catch up with first.

    Returns how many entries of the journal were looked at.
    """
    act = partial(tell, now=now)
    return sum(tried(home, pk, act, failure="endpoint.not_told") or 0 for home, pk in found(BEHIND))


def tell(pk: UUID, *, now: datetime) -> int:
    """Intends the next batch for one endpoint. Two at once take turns, and the second finds it done."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=pk)
    if endpoint.paused_at or endpoint.removed_at:
        return 0
    before, head = endpoint.told_through, ChainHead.objects.get().seq
    through = min(before + BATCH, head)
    intend(endpoint, after=before, through=through, kinds=endpoint.events, now=now)
    WebhookEndpoint.objects.filter(pk=pk).update(told_through=through)
    return through - before


def intend(
    endpoint: WebhookEndpoint,
    *,
    after: int,
    through: int,
    kinds: Sequence[str] = (),
    place: int | None = None,
    now: datetime,
) -> None:
    """Commits the intent to tell an endpoint of events, all kinds unless some are named.

    What is intended already stays as it is. `place` puts them elsewhere than where they stand in the journal.
    """
    values: dict[str, Any] = {
        "workspace_id": endpoint.workspace_id,
        "endpoint_id": endpoint.pk,
        "name": endpoint.name,
        "address": f"endpoint:{endpoint.pk}",
        "after": after,
        "through": through,
        "kinds": list(kinds),
        "place": place,
        "now": now,
        "kept": KEPT,
    }
    with connection.cursor() as cursor:
        cursor.execute(INTEND, values)
        if cursor.rowcount:
            due = Least(Coalesce("due_at", now), now)
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(due_at=due)
