"""Cells of tables that people open in spreadsheets: what looks like a formula is kept from being one. Pure.

A mark before it, an apostrophe, says that a text is a text; reading such a table again takes the mark off.
"""

import re
from typing import Final

MARK: Final = "'"
# Also behind blanks and marks that nobody sees: a spreadsheet looks past them.
UNSEEN: Final = r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
FORMULA: Final = rf"(?:{UNSEEN}[=+\-@\uff0b\uff0d\uff1d\uff20]|[\t\r])"
NEEDS_MARK: Final = re.compile(f"{MARK}*{FORMULA}")
HAS_MARK: Final = re.compile(f"{MARK}+{FORMULA}")


def harmless(text: str) -> str:
    """The text as a cell."""
    return MARK + text if NEEDS_MARK.match(text) else text


def original(cell: str) -> str:
    """The text that became the cell."""
    return cell[len(MARK) :] if HAS_MARK.match(cell) else cell
