"""Every error of the API as a problem document (RFC 9457): what went wrong, and what to do.

Beside `type`, `title`, `status` and `detail` a document may carry `code` (for machines), `errors` (sentences
by field) or `unmet` (what a gate still misses).
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from tenancy.refusal import Collided, Refused, Stale, TooLarge

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SOON = "5"
SENTENCES = {
    400: "The request could not be understood.",
    403: "This is not allowed.",
    404: "There is nothing at this address, or not for you.",
    405: "This address does not take this method.",
    413: "The request is too large.",
    500: "Something broke on our side. It was logged; try again, and tell us if it stays.",
}


class Problem(exceptions.APIException):
    """An error with its own status and code."""

    def __init__(self, status: int, detail: str, *, code: str, wait: int | None = None) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.wait = wait


class Replayed(Exception):
    """Not an error: this very request was answered before, and gets the same answer."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


def document(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """The body of a problem; members without a value are left out."""
    title = HTTPStatus(status).phrase
    given = {name: value for name, value in more.items() if value}
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, **given}


def handle(error: Exception, context: Mapping[str, Any]) -> Any:
    """DRF's exception handler. What it does not know is ours to mend, and becomes a 500."""
    match error:
        case Replayed():
            return error.response
        case Refused():
            return _refused(error)
        case Http404() | ObjectDoesNotExist():
            return _raised(exceptions.NotFound(SENTENCES[404]))
        case exceptions.ValidationError():
            return _answer(400, "Some fields need another look.", code="invalid", errors=flat(error.detail))
        case exceptions.APIException():
            return _raised(error)
    return None


def _refused(refusal: Refused) -> Response:
    status = 400 if refusal.fields else 409
    status = {Stale: 412, TooLarge: 413}.get(type(refusal), status)
    unmet = [asdict(item) for item in refusal.unmet]
    return _answer(status, str(refusal), code=refusal.code, errors=refusal.fields, unmet=unmet)


def _raised(error: exceptions.APIException) -> Response:
    headers = {}
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if scheme := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = scheme
    code = error.detail.code if isinstance(error.detail, exceptions.ErrorDetail) else None
    return _answer(error.status_code, str(error.detail), headers, code=code)


def _answer(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    body = document(status, detail, **more)
    return Response(body, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def flat(detail: Any) -> dict[str, list[str]]:
    """DRF's nested errors as sentences by dotted field; what concerns the whole body stands under `body`."""
    found: dict[str, list[str]] = {}
    for place, sentence in _sentences(detail, ()):
        found.setdefault(".".join(place) or "body", []).append(sentence)
    return found


def _sentences(detail: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _sentences(inner, place if name == "non_field_errors" else (*place, str(name)))
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _sentences(inner, (*place, str(position)) if nested else place)
    else:
        yield place, str(detail)


def of_database(error: DatabaseError | InterfaceError) -> JsonResponse:
    """A transaction that the database ended: by a constraint, by a value it cannot hold, or by going away."""
    log.warning("api.database_refused", exc_info=error)
    if isinstance(error, IntegrityError):
        collided = Collided()
        return plain(409, str(collided), code=collided.code)
    if isinstance(error, DataError):
        return plain(400, "A value is too large to be stored.", code="invalid")
    response = plain(503, "The database is busy or away for a moment; try again.", code="unavailable")
    response["Retry-After"] = RETRY_SOON
    return response


def plain(status: int, detail: str = "", **more: Any) -> JsonResponse:
    """A problem outside any API view."""
    body = document(status, detail or SENTENCES[status], **more)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


@csrf_exempt
def unknown(request: HttpRequest, rest: str = "") -> JsonResponse:
    """What is not in the document of the API, whatever was sent there."""
    return plain(404, code="not_found")


unknown.guard = "public"  # type: ignore[attr-defined]
