"""What a row says about a milestone, or what is wrong with it, cell by cell."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.words import Kind
from tenancy.text import LINE, TEXT, one_line

LIMITS = {
    "reference": 120,
    "account": 120,
    "project": 120,
    "phase": 80,
    "code": 12,
    "name": 80,
    "output": 200,
    "description": 2000,
    "notes": 5000,
}
SEVERAL_LINES = {"description", "notes"}
MOST_CRITERIA = 30
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y")
# Linear and ClickUp write times: "Mon Mar 02 2026 …", "2026-03-02T…", "Monday, March 2nd 2026, 9:00:00 am".
ORDINAL = re.compile(r"(\d)(st|nd|rd|th)\b")
WORDY = re.compile(r"^(?:[A-Za-z]+,? )?([A-Z][a-z]+) (\d{1,2}),? (\d{4})")
MILLISECONDS = re.compile(r"^\d{12,13}$")


class Unclear(ValueError):
    """Why a cell cannot be taken, in words."""


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the row's place in the file, the heading being 1. `faults` name cells by our field."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return bool(self.values.get("done"))

    @property
    def completed_on(self) -> date | None:
        """The day on which it was completed, where the row says one."""
        said = self.values.get("done")
        return said if isinstance(said, date) else self.values.get("accepted")


def understand(number: int, cells: Mapping[str, str], mapping: Mapping[str, str]) -> Row:
    """The row by the mapping of our fields to columns; an empty cell says nothing."""
    row = Row(number)
    for name, column in mapping.items():
        text = cells.get(column, "").strip()
        try:
            value = READERS.get(name, _plain(name))(text) if text else None
        except Unclear as unclear:
            row.faults[name] = str(unclear)
        else:
            if value not in (None, "", []):
                row.values[name] = value
    if "name" not in row.values and "name" not in row.faults:
        row.faults["name"] = "A milestone needs a name."
    return row


def day(text: str) -> date:
    """A day as people and tools write it; of a time only the day."""
    found = _day(text)
    if found is None:
        raise Unclear(f"“{one_line(text, limit=40)}” is no day we can read. Write it as 2026-03-31.")
    if not is_in_reach(found):
        raise Unclear(OUT_OF_REACH)
    return found


def _day(text: str) -> date | None:
    if MILLISECONDS.match(text):
        return datetime.fromtimestamp(int(text) / 1000, UTC).date()
    # Notion writes a range as "March 2, 2026 → March 9, 2026": what counts is the end.
    text = ORDINAL.sub(r"\1", text.rpartition("→")[2].strip())
    if wordy := WORDY.match(text):
        text = f"{wordy[1]} {wordy[2]}, {wordy[3]}"
    for form in DAYS:
        for piece in (text, text.partition("T")[0], text.partition(" ")[0]):
            try:
                return datetime.strptime(piece, form).date()  # noqa: DTZ007 - only the day counts
            except ValueError:
                continue
    return None


def _plain(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        unsafe = TEXT if name in SEVERAL_LINES else LINE
        if found := unsafe.search(text):
            raise Unclear(f"Remove the invisible character U+{ord(found.group()):04X}.")
        limit = LIMITS.get(name, 200)
        if len(text) > limit:
            raise Unclear(f"This is {len(text)} characters long; at most {limit} fit.")
        return text

    return read


def _weight(text: str) -> Decimal:
    try:
        weight = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Unclear("Give the weight as a number.") from None
    if not weight.is_finite() or not Decimal("0.01") <= weight < 100_000:
        raise Unclear("Give a weight above zero.")
    return weight


def _kind(text: str) -> str:
    if text.lower() not in Kind.values:
        raise Unclear(f"Give one of {', '.join(Kind.values)}.")
    return text.lower()


def _address(text: str) -> str:
    """Tools write "Ada Lind <ada@…>" or several people; one is the owner."""
    found = re.search(r"[^\s<>,;\[\]]+@[^\s<>,;\[\]]+", text)
    return found[0].lower() if found else ""


def _criteria(text: str) -> list[str]:
    lines = [part.strip(" -*•\t") for part in re.split(r"[\n;]+", text)]
    found = [line for line in lines if line]
    if len(found) > MOST_CRITERIA:
        raise Unclear(f"There are {len(found)} criteria; at most {MOST_CRITERIA} are taken.")
    return [_plain("criterion")(line[:300]) for line in found]


def _done(text: str) -> date | bool:
    """On which day it was completed where that is said, else whether it is."""
    return _day(text) or text.lower() not in ("", "0", "no", "false", "open")


def _web_address(text: str) -> str:
    try:
        URLValidator(schemes=["https", "http"])(text)
    except ValidationError:
        raise Unclear("This is no web address.") from None
    return _plain("address")(text)


READERS: Mapping[str, Callable[[str], Any]] = {
    "planned_start": day,
    "planned_date": day,
    "weight": _weight,
    "kind": _kind,
    "owner_primary": _address,
    "criteria": _criteria,
    "done": _done,
    "started": day,
    "accepted": day,
    "proof_packet_url": _web_address,
    "handoff_packet_link": _web_address,
}
