"""The one door into a workspace.

Inside it PostgreSQL shows and accepts rows of that workspace only; outside it the default managers raise.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import connection, transaction

if TYPE_CHECKING:
    from tenancy.models import Workspace

_workspace_id: ContextVar[UUID | None] = ContextVar("workspace_id", default=None)

SET = "SELECT set_config('app.workspace_id', %s, true)"
AS_OF_NOW = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"


class NoWorkspace(RuntimeError):
    """Tenant data was touched outside `inside(workspace)`."""


class TooLate(RuntimeError):
    """A snapshot was asked for within a transaction that has begun."""


class AnotherWorkspace(RuntimeError):
    """One workspace's door was opened inside another's."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a secret opens, before any workspace is known."""

    workspace_id: UUID
    subject_id: UUID


def current_workspace_id() -> UUID:
    """The workspace whose door is open.

    Raises:
        NoWorkspace: when none is.
    """
    if (workspace_id := _workspace_id.get()) is None:
        raise NoWorkspace("Tenant data was used outside `with inside(workspace):`.")
    return workspace_id


@contextmanager
def inside(workspace: "Workspace | UUID", *, snapshot: bool = False) -> Iterator[None]:
    """One transaction in one workspace; nested in itself, a savepoint.

    With `snapshot` all reads see the moment of the first one. Only whoever opens the transaction can ask for
    it, and nothing that others change at the same time, such as the journal, can be written in it.

    Raises:
        AnotherWorkspace: when the door of another workspace is already open.
        TooLate: when a snapshot is asked for and the door is already open.
    """
    workspace_id = workspace if isinstance(workspace, UUID) else workspace.pk
    already = _workspace_id.get()
    if already is not None and already != workspace_id:
        raise AnotherWorkspace(f"The door of workspace {already} is open; {workspace_id} has to wait.")
    if already is not None and snapshot:
        raise TooLate("The door is open already; only whoever opens it can ask for a snapshot.")
    if already is not None:
        with transaction.atomic():
            yield
        return
    with _opened(workspace_id, snapshot=snapshot):
        yield


@contextmanager
def _opened(workspace_id: UUID, *, snapshot: bool) -> Iterator[None]:
    wrapped = connection.in_atomic_block
    with structlog.contextvars.bound_contextvars(workspace_id=str(workspace_id)), transaction.atomic():
        # Closed before the commit, so that hooks on commit find no door half open and open it themselves.
        token = _workspace_id.set(workspace_id)
        try:
            if snapshot and not wrapped:
                _run(AS_OF_NOW)
            _set(str(workspace_id))
            yield
        finally:
            _workspace_id.reset(token)
        if wrapped and not connection.needs_rollback:
            # The setting outlives RELEASE SAVEPOINT, so an enclosing transaction would stay inside.
            _set("")


def _set(value: str) -> None:
    _run(SET, [value])


def _run(statement: str, values: Sequence[str] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def sha256(secret: str) -> bytes:
    """The digest under which a secret is stored and found."""
    return hashlib.sha256(secret.encode()).digest()


def knock(kind: str, secret: str) -> Found | None:
    """What the secret opens, or None. Works outside every workspace."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id, subject_id FROM door(%s, %s)", [kind, sha256(secret)])
        row = cursor.fetchone()
    return Found(*row) if row else None
