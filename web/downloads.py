"""Figures to take along: a table for spreadsheets, or JSON for programs."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse

from tenancy.cells import harmless


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(columns)
    table.writerows([_cell(row[column]) for column in columns] for row in rows)
    return HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8", headers=_attached(name))


def _cell(value: object) -> object:
    """Texts are kept from being formulas; figures stay figures, below zero too."""
    return harmless(value) if isinstance(value, str) else value


def as_json(name: str, told: Mapping[str, Any]) -> HttpResponse:
    return JsonResponse(told, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=_attached(name))


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}
