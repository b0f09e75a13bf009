"""Reads what strangers send: strict JSON, and fields that are checked and cleaned on the way in."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from telemetry.providers.events import Headers
from tenancy.text import one_line

Payload = Mapping[str, Any]

MAX_DEPTH = 32
MAX_DIGITS = 20
MAX_TITLE = 500
MAX_LABELS = 50
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
VISIBLE = re.compile(r"[!-~]{1,200}")
ADDRESS = re.compile(r"https?://[!-~]{1,480}")
FIGURE = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,40})?")
PLACES = Decimal("0.0001")
LARGEST = Decimal(10) ** 14


class Malformed(Exception):
    """The body cannot be used; the text says why, to the person who set up the sender."""


def header(headers: Headers, name: str) -> str:
    """A header by its name in any case, empty when absent."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def load(body: bytes) -> Payload:
    """The JSON object of a body. Raises Malformed for anything that another reader could see differently."""
    try:
        payload = _decoder().decode(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed("The body is not UTF-8.") from error
    except RecursionError as error:
        raise Malformed("The JSON is nested too deeply.") from error
    except ValueError as error:
        raise Malformed("The body is not JSON.") from error
    _check_everything_inside(payload)
    if not isinstance(payload, dict):
        raise Malformed("The body is not a JSON object.")
    return payload


def section(payload: Payload, name: str) -> Payload:
    found = payload.get(name)
    if not isinstance(found, dict):
        raise Malformed(f"`{name}` is missing or not an object.")
    return found


def part(payload: Payload, name: str) -> Payload:
    """An optional section: empty when absent."""
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def identifier(payload: Payload, name: str) -> str:
    found = payload.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not (clean := one_line(found, limit=201)) or len(clean) > 200:
        raise Malformed(f"`{name}` is missing or no text of at most 200 characters.")
    return clean


def instant(payload: Payload, name: str) -> datetime:
    found = payload.get(name)
    try:
        moment = datetime.fromisoformat(found) if isinstance(found, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Malformed(f"`{name}` is missing or no time with a zone (RFC 3339).")


def figure(payload: Payload, name: str) -> Decimal:
    """A number, or its digits as text, kept to four decimals."""
    found = payload.get(name)
    if isinstance(found, str) and FIGURE.fullmatch(found):
        found = Decimal(found)
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        raise Malformed(f"`{name}` is missing or not a number.")
    exact = Decimal(found)
    kept = exact.quantize(PLACES, ROUND_HALF_UP) if abs(exact) < LARGEST else LARGEST
    if abs(kept) >= LARGEST:
        raise Malformed(f"`{name}` has more than 14 digits before the point.")
    return kept


def line(payload: Payload, name: str, *, limit: int = MAX_TITLE) -> str | None:
    found = payload.get(name)
    return one_line(found, limit=limit) or None if isinstance(found, str) else None


def address(payload: Payload, name: str) -> str | None:
    """A web address. Anything else, such as a script, is dropped."""
    found = payload.get(name)
    return found if isinstance(found, str) and ADDRESS.fullmatch(found) else None


def day(payload: Payload, name: str) -> date | None:
    found = payload.get(name)
    try:
        return date.fromisoformat(found[:10]) if isinstance(found, str) else None
    except ValueError:
        return None


def lines(values: Iterable[Any]) -> tuple[str, ...]:
    """Labels: clean, not empty, at most 50 of at most 100 characters."""
    texts = (one_line(value, limit=100) for value in values if isinstance(value, str))
    return tuple(text for text in texts if text)[:MAX_LABELS]


def visible(text: str) -> bool:
    """Whether a header's id is fit to be kept and compared."""
    return VISIBLE.fullmatch(text) is not None


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("The JSON names a member twice.")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Malformed("The JSON holds a number that is too large.")
    return int(digits)


def _float(digits: str) -> Decimal:
    """Exactly what was written: a figure that is measured must not change on its way."""
    if not math.isfinite(float(digits)):
        raise Malformed("The JSON holds a number that is too large.")
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise Malformed("The JSON holds a number that is too small.") from error


def _constant(name: str) -> float:
    raise Malformed(f"{name} is not JSON.")


def _check_everything_inside(payload: Any) -> None:
    """Level by level, so that no nesting can exhaust the stack."""
    level = [payload]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise Malformed("The JSON is nested too deeply.")


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, dict):
        yield from value
        yield from value.values()


def _check_text(text: str) -> None:
    if UNSTORABLE.search(text):
        raise Malformed("The JSON holds text that cannot be stored (NUL or half a character).")
