"""Cursor pages: `{"results", "next", "previous"}`, by keyset on (sort key, id), so inserts shift nothing.

A cursor says where a page begins or ends: ordering, direction, sort key and id of the row beside it.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ParseError
from rest_framework.exceptions import ValidationError as Invalid
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from api.parsers import loads

MOST = 200
USUAL = 50
DIGITS = 9  # more of them would only cost time to read
PARAMETERS = ("limit", "cursor", "ordering")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`back` looks from the row towards the beginning."""

    ordering: str
    back: bool
    key: Any
    id: UUID

    def text(self) -> str:
        key = self.key.isoformat() if isinstance(self.key, date) else self.key
        parts = [self.ordering, int(self.back), key, str(self.id)]
        return urlsafe_b64encode(json.dumps(parts, default=str).encode()).decode().rstrip("=")


def read_cursor(text: str, model: type[Model]) -> Cursor:
    """The cursor of this text.

    Raises:
        Invalid: when we did not make it.
    """
    try:
        ordering, back, key, pk = loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        field: Any = model._meta.get_field(ordering.lstrip("-"))
        return Cursor(ordering, bool(back), field.to_python(key), UUID(pk))
    except (ValueError, TypeError, AttributeError, ParseError, FieldDoesNotExist, ValidationError) as error:
        raise _invalid("cursor", "Take cursors from “next” and “previous” as they are.") from error


def _invalid(name: str, sentence: str) -> Invalid:
    return Invalid({name: [sentence]})


class CursorPages(BasePagination):
    """`orderings` of the view are the fields it may be sorted by, the first by default; `tie` ends ties."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        limit = _limit(request)
        self.ordering = _ordering(request, view.orderings)
        cursor = self._cursor(queryset)
        back = cursor is not None and cursor.back
        self.tie = view.tie
        rows: list[Any] = view.rows(_from(queryset, self.ordering, self.tie, cursor)[: limit + 1])
        page = rows[:limit][::-1] if back else rows[:limit]
        more = len(rows) > limit
        self.next = self._link(page, back=False) if page and (more or back) else None
        self.previous = self._link(page, back=True) if page and (more if back else cursor) else None
        return page

    def _cursor(self, queryset: QuerySet[Any]) -> Cursor | None:
        if not (text := self.request.query_params.get("cursor")):
            return None
        cursor = read_cursor(text, queryset.model)
        if cursor.ordering != self.ordering:
            raise _invalid("cursor", "This cursor belongs to another ordering; begin at the first page.")
        return cursor

    def _link(self, page: list[Any], *, back: bool) -> str:
        row = page[0 if back else -1]
        key = _value(row, self.ordering.lstrip("-"))
        cursor = Cursor(self.ordering, back, key, _value(row, self.tie))
        return str(replace_query_param(self.request.build_absolute_uri(), "cursor", cursor.text()))

    def answer(self, results: list[Any]) -> dict[str, Any]:
        return {"results": results, "next": self.next, "previous": self.previous}

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        names = {"results": {"type": "array", "items": schema["items"]}, "next": link, "previous": link}
        return {"type": "object", "properties": names, "required": list(names)}

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        fields = [name.lstrip("-") for name in view.orderings]
        words = [*fields, *(f"-{name}" for name in fields)]
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
        ordering = {"type": "string", "enum": words, "default": view.orderings[0]}
        return [
            _parameter("limit", limit, "Rows in a page."),
            _parameter("cursor", {"type": "string"}, "From “next” or “previous”."),
            _parameter("ordering", ordering, "A field to sort by, with “-” for the largest first."),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(USUAL))
    if not (given.isascii() and given.isdigit() and len(given) <= DIGITS and 1 <= int(given) <= MOST):
        raise _invalid("limit", f"Give a whole number from 1 to {MOST}.")
    return int(given)


def _ordering(request: Request, orderings: tuple[str, ...]) -> str:
    given = request.query_params.get("ordering", orderings[0])
    fields = [name.lstrip("-") for name in orderings]
    if given.removeprefix("-") not in fields:
        raise _invalid("ordering", f"Sort by one of {', '.join(fields)}, with “-” before it to turn round.")
    return given


def _from(queryset: QuerySet[Any], ordering: str, tie: str, cursor: Cursor | None) -> QuerySet[Any]:
    """The rows beyond the cursor. A missing sort key counts as the largest, as PostgreSQL sorts it."""
    name, falling = ordering.lstrip("-"), ordering.startswith("-")
    if cursor:
        falling ^= cursor.back
        nullable = queryset.model._meta.get_field(name).null
        queryset = queryset.filter(_beyond(name, tie, cursor, falling=falling, nullable=nullable))
    sign = "-" if falling else ""
    return queryset.order_by(f"{sign}{name}", f"{sign}{tie}")


def _beyond(name: str, tie: str, cursor: Cursor, *, falling: bool, nullable: bool) -> Q:
    step = "lt" if falling else "gt"
    by_id = Q(**{f"{tie}__{step}": cursor.id})
    if cursor.key is None:
        missing = Q(**{f"{name}__isnull": True}) & by_id
        return missing | Q(**{f"{name}__isnull": False}) if falling else missing
    # The first condition is one that an index can start from.
    beyond = Q(**{f"{name}__{step}e": cursor.key}) & (Q(**{f"{name}__{step}": cursor.key}) | by_id)
    return beyond | Q(**{f"{name}__isnull": True}) if nullable and not falling else beyond


def _value(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)
