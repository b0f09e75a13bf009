"""A copy of everything that a workspace holds, as one archive of plain files.

Built inside the door, so that PostgreSQL itself shows no other workspace's rows; row by row into the file, so
that a large workspace needs no more memory than a small one. Each table is read once, for both its forms.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import TextIOWrapper
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from journal.actions import record
from journal.actors import Actor
from journal.models import ChainHead
from journal.portable import lines
from tenancy.cells import harmless
from tenancy.models import Workspace
from tenancy.portable import Table, tables

IN_MEMORY: Final = 8_000_000  # bytes of an archive before it goes to disk

README: Final = """\
Everything that the workspace “{name}” holds in Cairn, as of {at} (UTC).

export.json     every table as a list of objects
csv/            the same tables, one file each, in UTF-8. A text that a spreadsheet would take for a formula
                has an apostrophe before it; an import into Cairn takes that off again.
journal.jsonl   the journal with its hashes. tools/verify_journal.py in Cairn's source verifies it, with
                nothing but Python:  python verify_journal.py journal.jsonl --head {head}

csv/milestones.csv can be imported again (Projects, Import): what is there already is known.
Passwords, tokens, connection secrets, the keys of links and the bytes of uploaded files are not in here;
csv/artifact_versions.csv names each file with its SHA-256, csv/milestones.csv holds the addresses that open
published packets.

Rows:
"""


def export(workspace: Workspace, file: IO[bytes], *, by: Actor, now: datetime) -> dict[str, int]:
    """Writes the archive into `file`. Returns how many rows each table has."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive, TemporaryFile() as spool:
        counts = _write_tables(archive, spool, workspace, now=now)
        head = ChainHead.objects.get()
        with _text(archive, "journal.jsonl", now) as journal:
            journal.writelines(f"{line}\n" for line in lines(head))
        with _text(archive, "README.txt", now) as readme:
            readme.write(_readme(workspace, head, counts, now=now))
    data = {"tables": len(counts), "rows": sum(counts.values()), "journal": head.seq}
    record(workspace, "workspace.exported", by=by, at=now, data=data)
    return counts


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


def _readme(workspace: Workspace, head: ChainHead, counts: Mapping[str, int], *, now: datetime) -> str:
    said = README.format(
        name=workspace.name, at=f"{now:%Y-%m-%d %H:%M}", head=f"{head.seq}:{bytes(head.hash).hex()}"
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
