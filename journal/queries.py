"""Reads of the journal and the outbox. Call them inside the workspace's door."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from journal.chain import Entry, first_fault, genesis
from journal.models import (
    ChainHead,
    Channel,
    Delivery,
    DeliveryAttempt,
    Event,
    State,
    WebhookEndpoint,
)
from tenancy.door import current_workspace_id

PAGE = 5_000

# Text, not values: a million rows are compared and exported as the text that their bodies hold.
ROWS = """
SELECT e.seq, e.body, e.previous, e.hash, p.salt, p.content::text,
       e.id::text, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.kind, e.subject_kind,
       e.subject_id::text, e.thread_id::text, e.actor_kind, e.actor_id::text, e.cause_id::text
FROM journal_event e
LEFT JOIN journal_eventpersonal p ON p.workspace_id = e.workspace_id AND p.event_id = e.id
WHERE e.workspace_id = %(workspace_id)s AND e.seq > %(after)s AND e.seq <= %(last)s
ORDER BY e.seq LIMIT %(page)s
"""


def entries(head: ChainHead) -> Iterator[Entry]:
    """Every entry up to the head, in order, a page at a time."""
    after = -1
    while page := _page(head, after=after):
        yield from page
        after = page[-1].seq


def _page(head: ChainHead, *, after: int) -> list[Entry]:
    given = {"workspace_id": head.workspace_id, "after": after, "last": head.seq, "page": PAGE}
    with connection.cursor() as cursor:
        cursor.execute(ROWS, given)
        return [_entry(row) for row in cursor.fetchall()]


def _entry(row: tuple[Any, ...]) -> Entry:
    seq, body, previous, digest, salt, content, *columns = row
    personal = None if salt is None else (salt, json.loads(content))
    return Entry(seq, body, bytes(previous), bytes(digest), personal, tuple(columns))


def fault_of(head: ChainHead) -> str:
    """What is wrong with the journal up to this head, naming the first bad entry; empty when it is whole."""
    start = genesis(current_workspace_id())
    return first_fault(entries(head), start=start, head_seq=head.seq, head_hash=bytes(head.hash))


# An event as it is told to machines, by the API and by webhooks alike: `told_event` takes such a row.
TOLD = (
    "id",
    "seq",
    "at",
    "kind",
    "subject_kind",
    "subject_id",
    "thread_id",
    "actor_kind",
    "actor_id",
    "cause_id",
    "body",
    "erasable",
    "hash",
)


def told_events(rows: QuerySet[Event]) -> QuerySet[Event, dict[str, Any]]:
    """The rows that `told_event` takes; `erasable` is null once the personal part was erased."""
    told: QuerySet[Event, dict[str, Any]] = rows.annotate(erasable=F("personal__content")).values(*TOLD)
    return told


def told_event(row: Mapping[str, Any]) -> dict[str, Any]:
    """One event in JSON's own types."""
    return {
        **{name: _text(row[name]) for name in ("id", "thread_id", "cause_id")},
        "seq": row["seq"],
        "at": row["at"].isoformat().replace("+00:00", "Z"),
        "kind": row["kind"],
        "subject": {"kind": row["subject_kind"], "id": _text(row["subject_id"])},
        "actor": {"kind": row["actor_kind"], "id": _text(row["actor_id"])},
        "data": json.loads(row["body"])["data"],
        "personal": row["erasable"],
        "hash": bytes(row["hash"]).hex(),
    }


def _text(pk: UUID | None) -> str | None:
    return str(pk) if pk else None


def present_endpoints() -> QuerySet[WebhookEndpoint]:
    """Endpoints that were not removed, by name, with what waits for each, what is parked, what came last."""
    mine = Delivery.objects.filter(channel=Channel.WEBHOOK, recipient_id=OuterRef("pk")).order_by()

    def how_many(state: State) -> Coalesce:
        counted = mine.filter(state=state).values("recipient_id").values(n=Count("*"))
        return Coalesce(Subquery(counted), 0)

    last = mine.filter(state=State.SENT).order_by("-created_at", "-id").values("finished_at")[:1]
    rows = WebhookEndpoint.objects.filter(removed_at=None).annotate(
        waiting=how_many(State.QUEUED), parked=how_many(State.PARKED), last_sent_at=Subquery(last)
    )
    return rows.order_by("name", "id")


def messages() -> QuerySet[Delivery]:
    """The outbox, newest first, with the attempts of each message."""
    tries = Prefetch("tries", DeliveryAttempt.objects.order_by("-at", "-id"))
    return Delivery.objects.order_by("-created_at", "-id").prefetch_related(tries)
