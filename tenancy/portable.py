"""What a workspace can take away with it: each app registers its tables, or says why one stays.

A table is plain columns of one model. What opens a door (digests, sealed secrets, link keys) never leaves.
One exception: records name the secret addresses of their published packets, as they do on every page.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.db.models import Field

from tenancy.models import DoorKey, WorkspaceModel

CHUNK: Final = 1_000
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of `model` under `name`. `without` maps a column to why it stays; `beside` adds expressions.

    `told` are columns whose texts leave as `tell` says them, which is asked once a chunk.
    """

    name: str
    model: type[WorkspaceModel]
    without: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    tell: Callable[[Iterable[str]], Mapping[str, str]] | None = None

    @property
    def own(self) -> list[str]:
        """The model's columns that leave, as the database names them."""
        columns = [column.attname for column in _columns(self.model)]
        return [name for name in columns if name != "workspace_id" and name not in self.without]

    @property
    def headings(self) -> list[str]:
        return [*(self.renamed.get(name, name) for name in self.own), *self.beside]

    def rows(self) -> Iterator[Row]:
        """Every row of the open workspace, a chunk at a time from a cursor of the server."""
        # Named apart from the model's own columns, for an expression may be called like one of its keys.
        named = {f"beside_{name}": expression for name, expression in self.beside.items()}
        found = self.model._default_manager.annotate(**named).order_by("pk")
        rows: Iterator[Row] = found.values_list(*self.own, *named).iterator(chunk_size=CHUNK)
        return rows if self.tell is None else self._told(rows, self.tell)

    def _told(self, rows: Iterator[Row], tell: Callable[[Iterable[str]], Mapping[str, str]]) -> Iterator[Row]:
        places = {self.own.index(name) for name in self.told}
        while chunk := list(islice(rows, CHUNK)):
            said = tell(row[place] for row in chunk for place in places)
            for row in chunk:
                yield tuple(
                    said.get(value, "") if place in places else value for place, value in enumerate(row)
                )


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that leaves with its workspace: named by the hash of its bytes, and as people know it."""

    sha256: str
    name: str
    place: Path


def _columns(model: type[WorkspaceModel]) -> Iterable["Field[Any, Any]"]:
    """Without a primary key that is made of other columns."""
    return (column for column in model._meta.concrete_fields if column.column)


_tables: dict[str, Table] = {}
_staying: dict[type[WorkspaceModel], str] = {}
_carried: list[Callable[[], Iterable[Kept]]] = []


def register(
    tables: Iterable[Table] = (),
    *,
    staying: Mapping[type[WorkspaceModel], str] | None = None,
    files: Callable[[], Iterable[Kept]] | None = None,
) -> None:
    """Called once by each app when it is ready; `staying` says why rows of a model do not leave.

    `files` tells the files of the open workspace.
    """
    _tables.update({table.name: table for table in tables})
    _staying.update(staying or {})
    if files:
        _carried.append(files)


def tables() -> list[Table]:
    """In the order of the apps, lowest first."""
    return list(_tables.values())


def files() -> Iterator[Kept]:
    """The files of the open workspace, each content once, under the first name that it has."""
    seen: set[str] = set()
    for told in _carried:
        for file in told():
            if file.sha256 not in seen:
                seen.add(file.sha256)
                yield file


def staying() -> Mapping[type[WorkspaceModel], str]:
    return dict(_staying)


def register_own() -> None:
    register(staying={DoorKey: "digests of secrets, which open doors here and nowhere else"})
