"""Who may open a page. Every URL carries one of these guards; a test refuses one that does not.

| guard | opens to | sets on the request |
|---|---|---|
| `public` | anyone | |
| `signed_in` | a person, before any workspace is chosen | |
| `member` | a member of the workspace in the address, with at least a role | workspace, access, actor |
| `link` | whoever holds the secret address | workspace, link |
| `operator` | whoever runs this installation | |

The API's own doors mark themselves as `token` or `hook`.
"""

import hmac
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Literal, TypeVar, overload
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from tenancy.door import inside
from tenancy.models import Workspace
from web.errors import explained
from web.repeats import once
from workspaces import limits
from workspaces.access import Access, actor_of, workspaces_of
from workspaces.actions.links import open_link
from workspaces.models import Purpose, Role

Guard = Literal["public", "signed_in", "member", "token", "link", "hook", "operator"]
View = Callable[..., HttpResponseBase]
V = TypeVar("V", bound=View)

GUESSES = 20
GUESSING_WINDOW = timedelta(minutes=10)


def guarded(view: V, guard: Guard) -> V:
    """Marks a view with the guard that stands before it."""
    view.guard = guard  # type: ignore[attr-defined]
    return view


def public(view: V) -> V:
    """Open to anyone: shows nothing that belongs to a workspace."""
    return guarded(view, "public")


def signed_in(view: View) -> View:
    """Open to a signed-in person, outside every workspace."""
    return guarded(login_required(view), "signed_in")


@overload
def member(view: V) -> V: ...


@overload
def member(*, role: Role, snapshot: bool = False) -> Callable[[V], V]: ...


def member(view: View | None = None, *, role: Role = Role.VIEWER, snapshot: bool = False) -> Any:
    """Opens the door of the workspace in the address (`slug`) to a member with at least this role.

    A stranger gets 404, so that nobody learns which workspaces exist; a lower role gets 403. With `snapshot`
    everything that the view reads is of one moment.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guard(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            access = _access(request, slug, least=role)
            return _within(
                access.workspace_id,
                request,
                lambda: _as_member(view, request, access, args, kwargs),
                snapshot=snapshot,
            )

        return guarded(login_required(guard), "member")

    return decorate(view) if view else decorate


def _access(request: HttpRequest, slug: str, *, least: Role) -> Access:
    mine = workspaces_of(request.user)  # type: ignore[arg-type]
    request.workspaces = mine  # type: ignore[attr-defined]
    access = next((access for access in mine if access.slug == slug), None)
    if access is None:
        raise Http404("No such workspace.")
    if not access.allows(least):
        raise PermissionDenied(
            f"This needs the role of {least.label.lower()}; ask an owner of {access.name}."
        )
    return access


def _as_member(
    view: View, request: HttpRequest, access: Access, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    request.access = access  # type: ignore[attr-defined]
    request.actor = actor_of(access, request.user)  # type: ignore[attr-defined, arg-type]
    return explained(request, once(request, lambda: view(request, *args, **kwargs)))


def _within(
    workspace_id: UUID,
    request: HttpRequest,
    answer: Callable[[], HttpResponseBase],
    *,
    snapshot: bool = False,
) -> HttpResponseBase:
    """Answers inside the workspace; an answer of 400 or more takes back whatever the view had written.

    What an answer has to write even so, such as the refusal itself, is its `survives`, called afterwards.
    """
    with inside(workspace_id, snapshot=snapshot):
        request.workspace = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: Workspace.objects.get(pk=workspace_id)
        )
        response = answer()
        if response.status_code >= 400:
            transaction.set_rollback(True)
    if survives := getattr(response, "survives", None):
        with inside(workspace_id):
            survives()
    return response


def link(purpose: Purpose) -> Callable[[View], View]:
    """Opens the door to whoever holds the link; the view takes no token but `request.link`.

    Unknown addresses get 404, ended ones 410, and who keeps guessing 429. Nothing of it is
    cached, indexed or told to other sites.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guard(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return _private(_by_link(view, request, purpose, token, args, kwargs))

        return guarded(guard, "link")

    return decorate


def _by_link(
    view: View,
    request: HttpRequest,
    purpose: Purpose,
    token: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponseBase:
    now = timezone.now()
    opened = open_link(purpose, token, now=now)
    if opened.link is None:
        return _unknown(request, now=now)
    if opened.state != "ok":
        return render(request, "410.html", {"state": opened.state}, status=410)
    request.link = opened.link  # type: ignore[attr-defined]
    workspace_id: UUID = opened.link.workspace_id  # type: ignore[assignment]
    return _within(workspace_id, request, lambda: view(request, *args, **kwargs))


def _unknown(request: HttpRequest, *, now: datetime) -> HttpResponse:
    """404, or 429 to who keeps guessing. Right addresses stay open to others behind the same one."""
    visitor = get_adapter().get_client_ip(request)
    if wait := limits.hit(f"unknown link {visitor}", limit=GUESSES, window=GUESSING_WINDOW, now=now):
        response = render(request, "429.html", {"minutes": math.ceil(wait / 60)}, status=429)
        response["Retry-After"] = str(wait)
        return response
    raise Http404("No such link.")


def _private(response: HttpResponseBase) -> HttpResponseBase:
    add_never_cache_headers(response)
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def operator(view: View) -> View:
    """Open to whoever presents METRICS_TOKEN as a bearer; without such a token nobody gets in."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        expected = f"Bearer {settings.METRICS_TOKEN}"
        given = request.headers.get("Authorization", "")
        if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), expected.encode()):
            return HttpResponse(
                "Send METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain"
            )
        return view(request, *args, **kwargs)

    return guarded(guard, "operator")
