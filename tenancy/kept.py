"""Queries whose SQL is put together once in a process, and planned once in a connection.

For a large query both take longer than its answer: PostgreSQL plans Today's for 11 ms and runs it for 2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

import psycopg
import psycopg.sql
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from tenancy.door import current_workspace_id

WORKSPACE: Final = "workspace"
LIMIT: Final = "limit"
ESCAPED: Final = "%%s"
YEAR = 1


class _Prepared(psycopg.RawCursor[Any]):
    """Sends parameters beside the statement and has the server keep it; Django's own cursors never do.

    The statement says $1 where Django's say %s, and is not read through again at every use.
    """

    def execute(self, query: Any, params: Any = None, **_: Any) -> "_Prepared":
        super().execute(query, params, prepare=True)
        # Where Django's log of statements looks; psycopg leaves it empty for what the server has kept.
        self._query = self._convert_query(query, params)
        return self


@dataclass(frozen=True, slots=True)
class _Text:
    """SQL that takes the values of `slots` in their order; `compiler` knows how its columns are read."""

    sql: str
    slots: tuple[str, ...]
    columns: tuple[str, ...]
    compiler: Any
    converters: Any


class Kept:
    """A `.values()` query of tenant rows, kept as text after its first use.

    `build` hands its arguments to the query as they come: what it computes from them would be kept as well.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self._build = build
        self._texts: dict[frozenset[str], _Text] = {}

    def rows(self, *, limit: int, **values: Any) -> list[Any]:
        """The first rows in the open workspace, each with its columns as attributes."""
        shape = frozenset(values)
        if (text := self._texts.get(shape)) is None:
            text = self._texts[shape] = _text(self._build, values)
        given = {**values, WORKSPACE: current_workspace_id(), LIMIT: limit}
        with _cursor() as cursor:
            cursor.execute(text.sql, [given[slot] for slot in text.slots])
            found = text.compiler.apply_converters(cursor.fetchall(), text.converters)
            return [SimpleNamespace(**dict(zip(text.columns, row, strict=True))) for row in found]


def _cursor() -> CursorWrapper:
    """Seen by whoever watches statements, as every cursor of Django's is."""
    connection.ensure_connection()
    made: Any = _Prepared(connection.connection)
    return connection.make_debug_cursor(made) if connection.queries_logged else connection.make_cursor(made)


def _text(build: Callable[..., QuerySet[Any, Any]], values: Mapping[str, Any]) -> _Text:
    samples = {name: _sample(value, number) for number, (name, value) in enumerate(values.items(), 1)}
    query = build(**samples).query
    compiler = query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    names = {sample: name for name, sample in samples.items()} | {current_workspace_id(): WORKSPACE}
    wanted = [names.get(param, "") for param in params]
    if missing := set(names.values()) - set(wanted):
        raise TypeError(f"The query leaves out {', '.join(sorted(missing))}, or computes with it.")
    slots = tuple(sorted({*names.values(), LIMIT}))
    parts = [
        f"${slots.index(slot) + 1}" if slot else _literal(param)
        for slot, param in zip(wanted, params, strict=True)
    ]
    written = _filled(f"{sql} LIMIT %s", [*parts, f"${slots.index(LIMIT) + 1}"])
    converters = compiler.get_converters([column[0] for column in compiler.select])
    return _Text(written, slots, tuple(query.selected or ()), compiler, converters)


def _literal(constant: Any) -> str:
    """Written into the statement: the planner counts with it, and nothing has to be sent."""
    return psycopg.sql.Literal(constant).as_string(connection.connection)


def _filled(sql: str, parts: list[str]) -> str:
    """The statement as the server takes it, each %s filled."""
    if ESCAPED in sql:
        raise TypeError("The query says %%s itself; a kept one cannot tell that from a place for a value.")
    first, *others = (part.replace("%%", "%") for part in sql.split("%s"))
    return first + "".join(part + text for part, text in zip(parts, others, strict=True))


def _sample(value: Any, number: int) -> Any:
    """A value of the same type that no query means: by it the parameter is found."""
    if isinstance(value, datetime):
        return datetime(YEAR, 1, number, tzinfo=UTC)
    if isinstance(value, date):
        return date(YEAR, 2, number)
    if isinstance(value, UUID):
        return UUID(int=number)
    return f"sample {number}" if isinstance(value, str) else -1000 - number
