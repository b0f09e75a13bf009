"""What the API says of itself: the OpenAPI document, its page, the schemas of contracts. Open to anyone."""

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from api import problems
from milestones import record

SCHEMAS = {record.NAME: record.SERVED, f"{record.NAME}.input": record.INPUT}


@cache
def _openapi() -> bytes:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    return json.dumps(generator.get_schema(request=None, public=True)).encode()  # type: ignore[no-untyped-call]


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The document, made once for each process."""
    return HttpResponse(_openapi(), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The document as a page to read and try, with nothing from other hosts."""
    return render(request, "api/docs.html")


@require_safe
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The JSON Schema of a contract, under its own address as `$id`."""
    if name not in SCHEMAS:
        return problems.plain(404, code="not_found")
    identified = {"$id": f"{settings.PUBLIC_URL}{request.path}", **SCHEMAS[name]}
    return JsonResponse(identified, content_type="application/schema+json")


OPEN: tuple[Any, ...] = (openapi, docs, schema)
for view in OPEN:
    view.guard = "public"
