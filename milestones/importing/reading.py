"""Reading a table from a CSV or JSON file, within bounds and with a sentence for whatever is wrong."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from tenancy.cells import original
from tenancy.refusal import Refused

MOST_BYTES = 5_000_000
MOST_ROWS = 500
MOST_COLUMNS = 100
LONGEST_CELL = 20_000


class Upload(NamedTuple):
    """A file as it was sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Table:
    """Column names, and one mapping of texts for each row."""

    columns: list[str]
    rows: list[dict[str, str]]


def read(name: str, content: bytes) -> Table:
    """The table of a file, by its name JSON or CSV.

    Raises:
        Refused: when it is too large, empty, or no such file.
    """
    if len(content) > MOST_BYTES:
        raise _refused(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("The file is not written in UTF-8. Save it as CSV UTF-8 and try again.") from None
    table = _from_json(text) if name.lower().endswith(".json") else _from_csv(text)
    if not table.rows:
        raise _refused("There is no row below the headings.")
    if len(table.rows) > MOST_ROWS:
        raise _refused(f"There are more than {MOST_ROWS:,} rows. Split the file.")
    if len(table.columns) > MOST_COLUMNS:
        raise _refused(f"There are more than {MOST_COLUMNS} columns. Leave out what is not needed.")
    return table


def _from_csv(text: str) -> Table:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=True)
        heading = [cell.strip() for cell in next(rows, [])]
        body = [row for row in islice(rows, MOST_ROWS + 1) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise _refused(f"The file cannot be read as CSV: {error}.") from None
    columns = _distinct(heading)
    return Table(columns, [_row(columns, row) for row in body])


def _dialect(text: str) -> type[csv.Dialect] | csv.Dialect:
    first, _, _ = text.partition("\n")

    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found


def _row(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {column: _cell(original(cell)) for column, cell in zip(columns, cells, strict=False)}


def _distinct(heading: Sequence[str]) -> list[str]:
    """Headings as keys: unnamed and repeated ones get a number."""
    seen: dict[str, int] = {}
    columns = []
    for position, name in enumerate(heading, start=1):
        base = name or f"Column {position}"
        seen[base] = seen.get(base, 0) + 1
        columns.append(base if seen[base] == 1 else f"{base} ({seen[base]})")
    return columns


def _from_json(text: str) -> Table:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused("The file cannot be read as JSON.") from None
    rows = found.get("milestones") if isinstance(found, Mapping) else found
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise _refused("Give a list of objects, one for each milestone, or an object with such “milestones”.")
    texts = [{str(name): _cell(_text(value)) for name, value in row.items()} for row in rows[: MOST_ROWS + 1]]
    return Table(list(dict.fromkeys(name for row in texts for name in row)), texts)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(_text(each) for each in value)
    if isinstance(value, Mapping):
        return str(value.get("statement", ""))
    return str(value)


def _cell(text: str) -> str:
    if len(text) > LONGEST_CELL:
        raise _refused(f"A cell holds more than {LONGEST_CELL:,} characters.")
    return text.strip()


def _refused(sentence: str) -> Refused:
    return Refused(sentence, code="invalid", fields={"file": [sentence]})
