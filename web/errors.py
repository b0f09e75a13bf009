"""The pages for what went wrong: what, why, what to do."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def explained(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The answer; to who opens an address that only takes a form, a page that leads to the form."""
    if response.status_code != 405 or request.method not in ("GET", "HEAD"):
        return response
    name = request.resolver_match.url_name if request.resolver_match else None
    context = {"does": (name or "a form").replace("_", " "), "back": _nearest(request.path_info)}
    page = render(request, "405.html", context, status=405)
    page["Allow"] = response["Allow"]
    return page


def _nearest(path: str) -> str:
    """The closest page above an address."""
    above = path.rstrip("/").rpartition("/")[0]
    while above:
        try:
            resolve(f"{above}/")
        except Resolver404:
            above = above.rpartition("/")[0]
        else:
            return f"{above}/"
    return "/"


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is away for a moment."""
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "5"
    return response
