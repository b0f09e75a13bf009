"""A copy of everything that a workspace holds, as one archive of plain files.

What the database holds is read inside the door, so that PostgreSQL itself shows no other workspace's rows,
and row by row into a file, so that a large workspace needs no more memory than a small one. Each table is
read once, for both its forms; whoever opens the door with `snapshot` has all of them as of one moment. The
files that people uploaded follow while the archive leaves: their bytes never change and need no door.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from journal.actions import record
from journal.actors import Actor
from journal.models import ChainHead
from journal.portable import lines
from tenancy.cells import harmless
from tenancy.models import Workspace
from tenancy.portable import Kept, Table, files, tables

IN_MEMORY: Final = 8_000_000  # bytes of the tables before they go to disk
PIECE: Final = 64 * 1024

README: Final = """\
Everything that the workspace “{name}” holds in Cairn, as of {at} (UTC).

export.json     every table as a list of objects
csv/            the same tables, one file each, in UTF-8. A text that a spreadsheet would take for a formula
                has an apostrophe before it; an import into Cairn takes that off again.
journal.jsonl   the journal with its hashes. tools/verify_journal.py in Cairn's source verifies it, with
                nothing but Python:  python verify_journal.py journal.jsonl --head {head}

files/          uploaded files and those of published packets, each content once, as
                files/<SHA-256>/<name>; csv/artifact_versions.csv and csv/packet_files.csv say which is which

csv/milestones.csv can be imported again (Projects, Import): what is there already is known. It holds the
addresses that open published packets. Passwords, tokens, connection secrets and the keys of links are not in
here.
{missing}
Rows:
"""
MISSING: Final = """
Of these files the bytes are lost, so they are not in here:
{names}
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """How many rows each table has, how many files there are, where the journal ends, and the archive."""

    counts: Mapping[str, int]
    files: int
    head: ChainHead
    archive: Iterator[bytes]


def export(workspace: Workspace, *, now: datetime) -> Copy:
    """Reads what the database holds, inside the door. The archive is then read outside of it."""
    written = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 – closed once the archive has been read
    outlet = _Outlet(written)
    archive = ZipFile(outlet, "w", ZIP_DEFLATED)
    with TemporaryFile() as spool:
        counts = _write_tables(archive, spool, workspace, now=now)
    head = ChainHead.objects.get()
    with _text(archive, "journal.jsonl", now) as journal:
        journal.writelines(f"{line}\n" for line in lines(head))
    kept = list(files())
    there = [file for file in kept if file.place.exists()]
    lost = [f"{file.sha256}  {file.name}" for file in kept if file not in there]
    with _text(archive, "README.txt", now) as readme:
        readme.write(_readme(workspace, head, counts, lost, now=now))
    return Copy(counts, len(there), head, _pieces(archive, outlet, written, there, now=now))


def tell_export(workspace: Workspace, copy: Copy, *, by: Actor, now: datetime) -> None:
    """Says in the journal who takes a copy, before its first byte leaves.

    Apart from `export`: in its snapshot nothing can be written that others write at the same time.
    """
    rows = sum(copy.counts.values())
    data = {"tables": len(copy.counts), "rows": rows, "files": copy.files, "journal": copy.head.seq}
    record(workspace, "workspace.exported", by=by, at=now, data=data)


class _Outlet:
    """Where the archive is written to: never read, never gone back in."""

    def __init__(self, into: IO[bytes]) -> None:
        self.into = into

    def write(self, data: bytes) -> int:
        return self.into.write(data)

    def flush(self) -> None:
        self.into.flush()

    def close(self) -> None:
        self.into.close()


def _pieces(
    archive: ZipFile, outlet: _Outlet, written: IO[bytes], kept: Iterable[Kept], *, now: datetime
) -> Iterator[bytes]:
    """The archive in pieces: what is written already, then file after file as it is read."""
    try:
        written.seek(0)
        while piece := written.read(PIECE):
            yield piece
        outlet.into = waiting = BytesIO()
        for file in kept:
            with _opened(archive, f"files/{file.sha256}/{file.name}", now) as entry:
                for piece in _read(file.place):
                    entry.write(piece)
                    yield _taken(waiting)
        archive.close()
        yield _taken(waiting)
    finally:
        written.close()


def _read(place: Path) -> Iterator[bytes]:
    with place.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _taken(waiting: BytesIO) -> bytes:
    piece = waiting.getvalue()
    waiting.seek(0)
    waiting.truncate()
    return piece


def _write_tables(
    archive: ZipFile, spool: IO[bytes], workspace: Workspace, *, now: datetime
) -> dict[str, int]:
    """An archive takes one file at a time, so the document is put together beside it meanwhile."""
    counts = {}
    document = TextIOWrapper(spool, "utf-8", newline="\n", write_through=True)
    document.write(f'{{"workspace": {_json(_about(workspace, now))},\n"tables": {{')
    for place, table in enumerate(tables()):
        document.write(f'{"," if place else ""}\n"{table.name}": [')
        with _text(archive, f"csv/{table.name}.csv", now) as sheet:
            counts[table.name] = _write_rows(table, sheet, document)
        document.write("]")
    document.write("\n}}\n")
    document.detach()
    spool.seek(0)
    with _opened(archive, "export.json", now) as whole:
        copyfileobj(spool, whole)
    return counts


def _write_rows(table: Table, sheet: TextIOWrapper, document: TextIOWrapper) -> int:
    headings, count = table.headings, 0
    cells = csv.writer(sheet)
    cells.writerow(headings)
    for count, row in enumerate(table.rows(), start=1):
        cells.writerow([cell(value) for value in row])
        document.write(f"{',' if count > 1 else ''}\n{_json(dict(zip(headings, row, strict=True)))}")
    return count


def cell(value: Any) -> Any:
    """A value as a cell of a spreadsheet, with texts kept from being formulas."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return harmless(value)
        case dict() | list():
            return harmless(_json(value))
        case int() | float() | Decimal():
            return value
    return _told(value)


def _told(value: Any) -> Any:
    match value:
        case datetime() | date():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case timedelta():
            return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no plain form.")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_told)


def _about(workspace: Workspace, now: datetime) -> Mapping[str, Any]:
    columns = ("id", "slug", "name", "time_zone", "created_at")
    return {**{name: getattr(workspace, name) for name in columns}, "exported_at": now}


def _readme(
    workspace: Workspace, head: ChainHead, counts: Mapping[str, int], lost: Sequence[str], *, now: datetime
) -> str:
    said = README.format(
        name=workspace.name,
        at=f"{now:%Y-%m-%d %H:%M}",
        head=f"{head.seq}:{bytes(head.hash).hex()}",
        missing=MISSING.format(names="\n".join(lost)) if lost else "",
    )
    return said + "".join(_counted({**counts, "journal entries": head.seq}.items()))


def _counted(counts: Iterable[tuple[str, int]]) -> Iterator[str]:
    return (f"{count:>12,}  {name}\n" for name, count in counts)


@contextmanager
def _text(archive: ZipFile, name: str, now: datetime) -> Iterator[TextIOWrapper]:
    with _opened(archive, name, now) as entry, TextIOWrapper(entry, "utf-8", newline="") as text:
        yield text


def _opened(archive: ZipFile, name: str, now: datetime) -> IO[bytes]:
    about = ZipInfo(name, date_time=now.timetuple()[:6])
    about.compress_type = ZIP_DEFLATED
    about.external_attr = 0o644 << 16
    return archive.open(about, "w", force_zip64=True)
