"""How a sweep talks to the database: as role jobs, in short transactions that give way to people."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connections, transaction

# Below PostgreSQL's deadlock_timeout of a second: in a tangle the sweep gives up, never a person's request.
PATIENCE = "SET LOCAL lock_timeout = '500ms'; SET LOCAL work_mem = '64MB'"

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
