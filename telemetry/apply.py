"""Turns stored deliveries into work items and readings: claimed with a lease and a fence, applied once,
poison set aside.

Workspaces take turns, so that one which floods does not keep the others waiting. A delivery that was claimed
before and not finished is claimed alone: what kills a worker takes nothing else along.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, connections

from milestones.actions.work import Heard, mirror
from milestones.work import Report
from telemetry.models import Connection, Reading
from telemetry.models.inbound import DeliveryState
from telemetry.providers import PROVIDERS, Kind, MetricReading, WorkItemEvent
from tenancy.door import current_workspace_id, inside

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
WORKSPACES = 20
BATCH = 200
BYTES_AT_ONCE = 16 * 1024 * 1024
MOST_ATTEMPTS = 5
ARCHIVED = "Its project is archived. Take that up again and replay this, if it is to count."
PATIENCE = 45.0  # seconds of one run; the next bell takes what is left

# The lease is checked by the database's clock. Waiting workspaces are found by jumping along the index.
CLAIM = """
WITH RECURSIVE waiting AS (
    (SELECT workspace_id FROM telemetry_rawdelivery WHERE state = 'received' ORDER BY workspace_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.workspace_id FROM telemetry_rawdelivery d
            WHERE d.state = 'received' AND d.workspace_id > w.workspace_id ORDER BY d.workspace_id LIMIT 1)
    FROM waiting w WHERE w.workspace_id IS NOT NULL
), chosen AS MATERIALIZED (
    SELECT free.* FROM (
        SELECT workspace_id FROM waiting WHERE workspace_id IS NOT NULL ORDER BY random() LIMIT %(workspaces)s
    ) AS w
    CROSS JOIN LATERAL (
        SELECT d.workspace_id, d.id, d.received_at FROM telemetry_rawdelivery d
        WHERE d.workspace_id = w.workspace_id AND d.state = 'received'
          AND (d.lease_until IS NULL OR d.lease_until < now()) AND (d.attempts > 0) = %(again)s
        ORDER BY d.received_at, d.id LIMIT %(each)s FOR UPDATE SKIP LOCKED
    ) AS free
)
UPDATE telemetry_rawdelivery d
SET lease_until = now() + %(lease)s, fence = d.fence + 1, attempts = d.attempts + 1
FROM chosen c
WHERE d.workspace_id = c.workspace_id AND d.id = c.id AND d.received_at = c.received_at
RETURNING d.workspace_id, d.id, d.received_at, d.fence, d.attempts, octet_length(d.body)
"""

READ = """
SELECT d.id, d.connection_id, d.headers, d.body
FROM telemetry_rawdelivery d
JOIN unnest(%(ids)s::uuid[], %(fences)s::bigint[], %(times)s::timestamptz[]) AS mine (id, fence, received_at)
  ON d.id = mine.id AND d.received_at = mine.received_at AND d.fence = mine.fence
WHERE d.workspace_id = %(workspace_id)s AND d.state = 'received'
ORDER BY d.id FOR UPDATE OF d
"""

FINISH = """
UPDATE telemetry_rawdelivery d
SET state = done.state, error = done.error, finished_at = %(now)s, lease_until = NULL
FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(errors)s::text[]) AS done (id, state, error)
WHERE d.workspace_id = %(workspace_id)s AND d.id = done.id AND d.state = 'received'
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    workspace_id: UUID
    id: UUID
    received_at: datetime
    fence: int
    attempts: int
    size: int


@dataclass(frozen=True, slots=True)
class Read:
    """What one delivery turned out to be. `error` is why it is set aside, `rests` why it is let go."""

    id: UUID
    connection: Connection | None
    events: Sequence[WorkItemEvent] = ()
    readings: Sequence[MetricReading] = ()
    error: str = ""
    rests: str = ""

    @property
    def state(self) -> DeliveryState:
        if self.error:
            return DeliveryState.PARKED
        return DeliveryState.APPLIED if self.events or self.readings else DeliveryState.IGNORED


def apply_received(*, now: datetime) -> int:
    """Applies what has been received and is free, new deliveries first. Returns how many it finished."""
    deadline = time.monotonic() + PATIENCE
    return sum(_drain(again=again, now=now, deadline=deadline) for again in (False, True))


def _drain(*, again: bool, now: datetime, deadline: float) -> int:
    finished = 0
    while time.monotonic() < deadline and (claimed := _claim(again=again)):
        for workspace_id, mine in groupby(claimed, key=lambda one: one.workspace_id):
            finished += _apply_in(workspace_id, list(mine), now=now)
    return finished


def _claim(*, again: bool) -> list[Claimed]:
    values: dict[str, Any] = {
        "workspaces": WORKSPACES,
        "each": 1 if again else BATCH,
        "again": again,
        "lease": LEASE,
    }
    with connections["jobs"].cursor() as cursor:
        cursor.execute(CLAIM, values)
        claimed = [Claimed(*row) for row in cursor.fetchall()]
    return sorted(claimed, key=lambda one: (one.workspace_id, one.received_at, one.id))


def _apply_in(workspace_id: UUID, claimed: Sequence[Claimed], *, now: datetime) -> int:
    finished = 0
    for chunk in _chunks(claimed):
        finished += _tried(workspace_id, chunk, now=now)
    return finished


def _chunks(claimed: Sequence[Claimed]) -> Iterator[list[Claimed]]:
    """So many at once that their bodies fit into memory."""
    chunk: list[Claimed] = []
    for one in claimed:
        if chunk and sum(other.size for other in chunk) + one.size > BYTES_AT_ONCE:
            yield chunk
            chunk = []
        chunk.append(one)
    if chunk:
        yield chunk


def _tried(workspace_id: UUID, chunk: Sequence[Claimed], *, now: datetime) -> int:
    """Applies a chunk; when that fails, one by one, so that only the bad one stays behind."""
    try:
        with inside(workspace_id):
            return _apply(chunk, now=now)
    except Exception as error:
        log.warning("deliveries_failed", count=len(chunk), error=repr(error), exc_info=True)
        if len(chunk) > 1:
            return sum(_tried(workspace_id, [one], now=now) for one in chunk)
        if chunk[0].attempts >= MOST_ATTEMPTS:
            _park(workspace_id, chunk[0], error, now=now)
        return 0


def _apply(chunk: Sequence[Claimed], *, now: datetime) -> int:
    """Inside the door: reads what is still ours, mirrors it and finishes it, in one transaction."""
    read = [*_given_up(chunk), *_read([one for one in chunk if one.attempts <= MOST_ATTEMPTS])]
    mirror(_heard(one for one in read if one.events), now=now)
    _keep_readings(read, {one.id: one.received_at for one in chunk})
    _finish(read, now=now)
    return len(read)


def _given_up(chunk: Sequence[Claimed]) -> Iterator[Read]:
    """A delivery whose every attempt ended without a word took its worker along."""
    for one in chunk:
        if one.attempts > MOST_ATTEMPTS:
            yield Read(one.id, None, error=f"It was tried {MOST_ATTEMPTS} times and never came to an end.")


def _read(chunk: Sequence[Claimed]) -> list[Read]:
    values = {
        "ids": [one.id for one in chunk],
        "fences": [one.fence for one in chunk],
        "times": [one.received_at for one in chunk],
    }
    rows = _rows(READ, values)
    known = Connection.objects.select_related("milestone__project")
    origins = known.in_bulk({connection_id for _, connection_id, *_ in rows})
    return [_parsed(pk, origins[origin], json.loads(sent), bytes(body)) for pk, origin, sent, body in rows]


def _parsed(pk: UUID, origin: Connection, headers: dict[str, str], body: bytes) -> Read:
    if origin.milestone.project.archived_at:
        return Read(pk, origin, rests=ARCHIVED)
    provider = PROVIDERS[origin.provider]
    try:
        events = provider.parse(headers, body, origin.states)
        return Read(pk, origin, events, () if events else provider.readings(headers, body))
    except Exception as error:
        log.warning("delivery_parked", delivery_id=str(pk), exc_info=True)
        return Read(pk, origin, error=f"It could not be read: {error!r}"[:500])


def _keep_readings(read: Iterable[Read], received: Mapping[UUID, datetime]) -> None:
    """Each once, however often its delivery is applied. Whoever measures by them takes them later."""
    kept = [
        Reading(
            connection=one.connection,
            key=reading.key,
            value=reading.value,
            unit=reading.unit,
            measured_at=min(reading.measured_at, received[one.id]),
            received_at=received[one.id],
            delivery_id=reading.delivery_id,
        )
        for one in read
        for reading in one.readings
    ]
    Reading.objects.bulk_create(kept, ignore_conflicts=True)


def _heard(read: Iterable[Read]) -> Iterator[Heard]:
    """The events of all deliveries, by item."""
    by_item: dict[tuple[UUID, str], list[WorkItemEvent]] = defaultdict(list)
    origins: dict[UUID, Connection] = {}
    for one in read:
        for event in one.events:
            if one.connection is not None:
                origins[one.connection.pk] = one.connection
                by_item[one.connection.pk, event.external_id].append(event)
    for (connection_id, external_id), events in by_item.items():
        origin = origins[connection_id]
        yield Heard(
            connection_id=connection_id,
            source=origin.provider,
            external_id=external_id,
            milestone_id=origin.milestone_id,
            reports=[_report(event) for event in events if event.kind != Kind.COMMENTED],
            last_sign_at=max(event.occurred_at for event in events),
        )


def _report(event: WorkItemEvent) -> Report:
    return Report(
        at=event.version_at,
        title=event.title,
        state=event.state,
        assignee=event.assignee,
        labels=event.labels,
        due_on=event.due_on,
        url=event.external_url,
        is_removed=event.kind == Kind.DELETED,
        is_whole=event.is_whole,
    )


def _finish(read: Sequence[Read], *, now: datetime) -> None:
    values: dict[str, Any] = {
        "ids": [one.id for one in read],
        "states": [one.state.value for one in read],
        "errors": [one.error or one.rests for one in read],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(FINISH, {"workspace_id": current_workspace_id(), **values})


def _park(workspace_id: UUID, one: Claimed, error: Exception, *, now: datetime) -> None:
    with inside(workspace_id):
        _finish([Read(one.id, None, error=f"It could not be applied: {error!r}"[:500])], now=now)


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"workspace_id": current_workspace_id(), **values})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
