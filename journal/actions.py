"""Appending to the journal. Every action of every app ends here, with one event for each changed subject."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models

from journal.actors import Actor
from journal.canonical import canonical, encoded, plain
from journal.chain import commitment, genesis
from journal.models import ChainHead, Event
from tenancy.door import current_workspace_id
from tenancy.ids import uuid7

# One statement: moves the head (its row lock serialises the chain), then writes the entry it made room for.
APPEND = """
WITH head AS (
    UPDATE journal_chainhead
    SET seq = seq + 1, hash = sha256(hash || int8send(seq + 1) || convert_to(%(body)s, 'UTF8'))
    WHERE workspace_id = %(workspace_id)s
    RETURNING new.seq AS seq, old.hash AS previous, new.hash AS hash
), entry AS (
    INSERT INTO journal_event (id, workspace_id, seq, at, kind, subject_kind, subject_id, thread_id,
                               actor_kind, actor_id, cause_id, body, previous, hash)
    SELECT %(id)s, %(workspace_id)s, seq, %(at)s, %(kind)s, %(subject_kind)s, %(subject_id)s, %(thread_id)s,
           %(actor_kind)s, %(actor_id)s, %(cause_id)s, %(body)s, previous, hash FROM head
    RETURNING seq, previous, hash
), personal AS (
    INSERT INTO journal_eventpersonal (id, workspace_id, event_id, salt, content)
    SELECT %(personal_id)s, %(workspace_id)s, %(id)s, %(salt)s, %(personal)s::jsonb FROM entry
)
SELECT seq, previous, hash FROM entry
"""


COLUMNS = (
    "id",
    "workspace_id",
    "at",
    "kind",
    "subject_kind",
    "subject_id",
    "thread_id",
    "actor_kind",
    "actor_id",
    "cause_id",
    "body",
)


def stand_in_line() -> None:
    """Waits for the end of the chain now instead of at `record`.

    For an action that takes a lock which others take after they have recorded: all take this one first.
    """
    ChainHead.objects.select_for_update().get()


def begin(workspace_id: UUID) -> None:
    """Starts the journal of a new workspace."""
    ChainHead.objects.create(hash=genesis(workspace_id))


def record(
    subject: models.Model,
    kind: str,
    *,
    by: Actor,
    at: datetime,
    data: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
    thread_id: UUID | None = None,
    cause_id: UUID | None = None,
) -> Event:
    """Appends one event about `subject`. Call it last in an action: it locks the end of the chain.

    `data` is kept for good; names, addresses and free text about people go into `personal`, of which the
    chain holds only a salted commitment.
    """
    event = Event(
        workspace_id=current_workspace_id(),
        at=at,
        kind=kind,
        subject_kind=type(subject).__name__.lower(),
        subject_id=subject.pk,
        thread_id=thread_id,
        actor_kind=by.kind,
        actor_id=by.id,
        cause_id=cause_id,
    )
    _append(event, data=data or {}, personal={"actor": by.name, **(personal or {})})
    return event


def _append(event: Event, *, data: Mapping[str, Any], personal: Mapping[str, Any]) -> None:
    salt = secrets.token_hex(16)
    told = plain(personal)
    event.body = canonical(_content(event, data=data, commitment=commitment(salt, told)))
    values = {name: getattr(event, name) for name in COLUMNS}
    values |= {"personal_id": uuid7(), "salt": salt, "personal": encoded(told)}
    with connection.cursor() as cursor:
        cursor.execute(APPEND, values)
        if (row := cursor.fetchone()) is None:
            raise LookupError(
                f"Workspace {event.workspace_id} has no journal; `journal.actions.begin` makes it."
            )
    event.seq, event.previous, event.hash = row
    event._state.adding = False


def _content(event: Event, *, data: Mapping[str, Any], commitment: str) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at,
        "kind": event.kind,
        "subject": {"kind": event.subject_kind, "id": event.subject_id},
        "thread": event.thread_id,
        "actor": {"kind": event.actor_kind, "id": event.actor_id},
        "cause": event.cause_id,
        "data": data,
        "personal": commitment,
    }
