"""Who calls: a token of a workspace, or a signed-in person in one of theirs; and what they may do."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotFound, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.problems import Problem
from journal.actors import Actor
from workspaces import limits
from workspaces.access import Access, actor_of, workspaces_of
from workspaces.actions.tokens import actor_of_token, open_token
from workspaces.models import Role, Scope
from workspaces.queries import owners

SCHEME = "Bearer"
WORKSPACE_HEADER = "Cairn-Workspace"
WRONG_TOKENS = 30
GUESSING_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Entry:
    """The right to enter one workspace: as whom, and for what."""

    workspace_id: UUID
    actor: Actor
    scopes: frozenset[str]

    @property
    def key(self) -> str:
        """What requests are counted by."""
        return f"{self.workspace_id}:{self.actor.id}"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cairn_…`. Wrong tokens are counted in PostgreSQL by address."""

    def authenticate(self, request: Request) -> tuple[Actor, Entry] | None:
        given = get_authorization_header(request).decode("latin-1").split()
        if not given:
            return None
        token = open_token(given[1], now=timezone.now()) if _is_bearer(given) else None
        if token is None:
            raise _wrong(request)
        scopes = frozenset(token.scopes)
        entry = Entry(token.workspace_id, actor_of_token(token), scopes)  # type: ignore[arg-type]
        return entry.actor, entry

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


def _is_bearer(given: list[str]) -> bool:
    return len(given) == 2 and given[0].lower() == SCHEME.lower()


def _wrong(request: Request) -> Exception:
    visitor = get_adapter().get_client_ip(request._request)
    wait = limits.hit(
        f"wrong api token {visitor}", limit=WRONG_TOKENS, window=GUESSING_WINDOW, now=timezone.now()
    )
    if wait:
        return Problem(429, "Too many wrong tokens from this address.", code="throttled", wait=wait)
    return AuthenticationFailed(
        "This token is unknown, expired or revoked. Send “Authorization: Bearer cairn_…”."
    )


class MemberSession(SessionAuthentication):
    """A signed-in person. `Cairn-Workspace` names the workspace; who is in one only may leave it out."""

    def authenticate(self, request: Request) -> tuple[Actor, Entry] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active:
            return None
        self.enforce_csrf(request)
        access = _chosen(workspaces_of(user), request.headers.get(WORKSPACE_HEADER))
        entry = Entry(access.workspace_id, actor_of(access, user), SCOPES_OF[access.role])
        return entry.actor, entry


def _chosen(open_to: list[Access], slug: str | None) -> Access:
    if slug is None and len(open_to) > 1:
        detail = f"You are a member of several workspaces: name one in the header {WORKSPACE_HEADER}."
        raise Problem(400, detail, code="which_workspace")
    found = [access for access in open_to if slug in (None, access.slug)]
    if not found:
        raise NotFound("You are a member of no such workspace.")
    return found[0]


# As on the pages: connections, with their secrets, and a copy of everything are the owner's.
SCOPES_OF = {
    Role.VIEWER: frozenset([Scope.READ]),
    Role.MEMBER: frozenset(Scope) - {Scope.CONNECTIONS, Scope.EXPORT},
    Role.OWNER: frozenset(Scope),
}


def check_is_owner(actor: Actor, sentence: str) -> None:
    """Refuses a signed-in member who is no owner. A token speaks for the owner who issued it."""
    if actor.kind == "user" and actor.id not in {owner.id for owner in owners()}:
        raise PermissionDenied(sentence)


class HasScope(BasePermission):
    """Closed by default: an action that a view's `scopes` does not name is a KeyError."""

    def has_permission(self, request: Request, view: Any) -> bool:
        entry: Any = request.auth
        if entry is None:
            return False
        if view.action in (None, "metadata"):
            return True  # no such method here, OPTIONS included: 405 comes next
        if (needed := view.scopes[view.action]) not in entry.scopes:
            raise PermissionDenied(f"This needs the scope “{needed}”, which you do not have.")
        return True


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes a token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of a workspace: cairn_…"}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the OpenAPI document describes a signed-in person."""

    target_class = MemberSession
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        said = f"A signed-in person, with CSRF; {WORKSPACE_HEADER} names the workspace."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": said}
