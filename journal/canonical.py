"""Canonical JSON: one text for one value, so that its hash can be made again anywhere.

Keys sorted, no blanks, UTF-8 as it is; whole numbers only (RFC 8785 without its hard part: floats are
refused, figures with decimals travel as text).
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
"""The text of a value that is in JSON's own types already."""


def plain(value: Any) -> Any:  # noqa: PLR0911 – one type, one line
    """The value in JSON's own types.

    Raises:
        TypeError: for a float or any other type that has no one text.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value)
        case str() | int():
            return value
        case datetime():
            if value.tzinfo is None:
                raise TypeError("A time without a zone has no canonical text.")
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID() | Decimal():
            return str(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted(plain(item) for item in value)
    raise TypeError(f"{type(value).__name__} has no canonical text; give it as text or a whole number.")


def canonical(value: Any) -> str:
    return encoded(plain(value))
