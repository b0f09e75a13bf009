"""How a sweep works: it finds what is due as role jobs, in short transactions that give way to people; where
an action has to follow, it acts on row after row, each inside its workspace.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from django.db import connections, transaction

from tenancy.door import inside
from tenancy.refusal import Refused

log = structlog.get_logger(__name__)

# Below PostgreSQL's deadlock_timeout of a second: in a tangle the sweep gives up, never a person's request.
PATIENCE = "SET LOCAL lock_timeout = '500ms'; SET LOCAL work_mem = '64MB'"

FIRST: Final = UUID(int=0)  # before the key of any row

R = TypeVar("R")


@contextmanager
def sweep() -> Iterator[None]:
    """One transaction across workspaces.

    A row that stays locked raises OperationalError; the next run does the work again.
    """
    with transaction.atomic(using="jobs"):
        rows(PATIENCE)
        yield


def rows(statement: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """The rows that a statement returns, if it returns any."""
    with connections["jobs"].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def one(statement: str, values: Mapping[str, Any]) -> Any:
    """The only value that a statement returns."""
    return rows(statement, values)[0][0]


def found(statement: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """What a statement finds, in a transaction of its own."""
    with sweep():
        return rows(statement, values)


def batches(statement: str, values: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Batch after batch of rows that begin with (workspace, milestone), each after all of the one before.

    So each is looked at once in a run, whatever becomes of it.
    """
    after = FIRST, FIRST
    while batch := found(statement, {**values, "after_workspace": after[0], "after": after[1]}):
        yield batch
        after = max((row[0], row[1]) for row in batch)


def each(
    due: Iterable[tuple[UUID, UUID]],
    act: Callable[[UUID], object],
    *,
    failure: str,
    may_refuse: bool = False,
) -> int:
    """Acts on each (workspace, subject) inside its workspace. Returns how many it looked at."""
    looked_at = 0
    for workspace_id, pk in due:
        tried(workspace_id, pk, act, failure=failure, may_refuse=may_refuse)
        looked_at += 1
    return looked_at


def tried(
    workspace_id: UUID, pk: UUID, act: Callable[[UUID], R], *, failure: str, may_refuse: bool = False
) -> R | None:
    """What the act makes of a subject inside its workspace. None when it fails, which is logged: it stays due
    for the next run, and the others go on.
    """
    try:
        with inside(workspace_id):
            return act(pk)
    except Exception as error:
        names = {"workspace_id": str(workspace_id), "subject_id": str(pk)}
        if may_refuse and isinstance(error, Refused):
            # Somebody was faster, or took something back meanwhile.
            log.info(failure, code=error.code, **names)
        else:
            log.exception(failure, **names)
        return None


def in_lanes(lanes: int, work: Callable[[], R]) -> list[R]:
    """Does the same work in several lanes at once, each on a connection of its own.

    PostgreSQL runs a writing statement on one core; work that is claimed piece by piece can use the others.
    """
    with ThreadPoolExecutor(lanes) as pool:
        return list(pool.map(lambda _: _in_lane(work), range(lanes)))


def _in_lane(work: Callable[[], R]) -> R:
    try:
        return work()
    finally:
        connections["jobs"].close()
