"""What went wrong outside any view: a problem document under /api/ and /hooks/, a page everywhere else."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import problems
from web import errors as pages


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/api/", "/hooks/"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return problems.plain(400) if _is_api(request) else pages.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return problems.plain(403) if _is_api(request) else pages.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return problems.plain(404) if _is_api(request) else pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    error = sys.exception()
    if isinstance(error, OperationalError | InterfaceError):
        return problems.of_database(error) if _is_api(request) else pages.unavailable(request)
    return problems.plain(500) if _is_api(request) else pages.server_error(request)
