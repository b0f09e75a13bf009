"""What went wrong outside any view: a problem document under /api/, a page everywhere else."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from api import problems
from web import errors as pages


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return problems.plain(400) if _is_api(request) else pages.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return problems.plain(403) if _is_api(request) else pages.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return problems.plain(404) if _is_api(request) else pages.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return problems.plain(500) if _is_api(request) else pages.server_error(request)
