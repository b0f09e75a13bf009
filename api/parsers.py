"""JSON as we take it: small, shallow, unambiguous, and nothing in it that cannot be stored as it is."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from api.problems import Problem

LARGEST = 1024 * 1024
DEEPEST = 32
LONGEST_NUMBER = 18  # digits that any 64-bit reader keeps
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def check_size(request: HttpRequest, largest: int = LARGEST) -> None:
    """Refuses a body by its announced length, before a byte of it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > largest:
        raise Problem(413, f"A request may hold at most {largest // 1024} KiB.", code="too_large")


class UploadParser(MultiPartParser):
    """A form with one file, where a view takes files."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        check_upload((parser_context or {})["request"])
        return super().parse(stream, media_type, parser_context)


def check_upload(request: HttpRequest) -> None:
    """Refuses a form that is larger than one file and the words beside it."""
    check_size(request, settings.FILE_LARGEST + LARGEST)


class StrictJSONParser(BaseParser):
    """Refuses with a sentence what other parsers quietly change."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        check_size((parser_context or {})["request"])
        return loads(stream.read())


def loads(raw: bytes) -> Any:
    """The value.

    Raises:
        ParseError: with what is wrong with the text.
    """
    try:
        value = json.loads(
            raw.decode(),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_whole,
            parse_float=_float,
        )
        _check(value, depth=0)
    except UnicodeDecodeError as error:
        raise ParseError("The body is not UTF-8.") from error
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error}.") from error
    except RecursionError as error:
        raise _too_deep() from error
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"The name “{_shown(twice)}” stands twice in one object.")
    return found


def _constant(name: str) -> NoReturn:
    raise ParseError(f"{name} is not JSON.")


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_NUMBER:
        raise ParseError(f"A number has more than {LONGEST_NUMBER} digits.")
    return int(digits)


def _float(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ParseError("A number is too large.")
    return number


def _check(value: Any, *, depth: int) -> None:
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise ParseError("A text holds NUL or half a surrogate pair.")
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for inner in value:
            _check(inner, depth=depth + 1)


def _too_deep() -> ParseError:
    return ParseError(f"The body is nested deeper than {DEEPEST} levels.")


def _shown(name: str) -> str:
    return name[:40].encode(errors="replace").decode()
