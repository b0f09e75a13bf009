"""What every page knows: where one is, where one may go, and what one may do."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse

from workspaces.access import Access
from workspaces.models import Role

RAIL = [
    ("today", "Today", "sun"),
    ("projects", "Projects", "folder-kanban"),
    ("blockers", "Blockers", "octagon-alert"),
    ("decisions", "Decisions", "badge-check"),
    ("changes", "Change queue", "list-plus"),
    ("proof", "Proof", "shield-check"),
    ("notices", "Notices", "mail"),
    ("reports", "Reports", "chart-line"),
    ("settings", "Settings", "settings"),
]


def page(request: HttpRequest) -> dict[str, Any]:
    """`development` everywhere; inside a workspace also the shell's parts (templates/web/team/base.html)."""
    known: dict[str, Any] = {"development": settings.DEVELOPMENT}
    access: Access | None = getattr(request, "access", None)
    return known | _shell(request, access) if access else known


def _shell(request: HttpRequest, access: Access) -> dict[str, Any]:
    return {
        "workspace": {"name": access.name, "slug": access.slug, "initials": initials(access.name)},
        "workspaces": [_switch(other, access) for other in request.workspaces],  # type: ignore[attr-defined]
        "rail": _rail(request, access),
        "kickoff_url": reverse("kickoff", args=[access.slug]),
        "connections_url": reverse("settings_connections", args=[access.slug]),
        "places_url": reverse("places", args=[access.slug]),
        "csrf_token": get_token(request),  # one for all forms of a page; each would mask another
        "may_write": access.allows(Role.MEMBER),
        "may_own": access.allows(Role.OWNER),
    }


def _switch(other: Access, here: Access) -> dict[str, Any]:
    return {
        "name": other.name,
        "initials": initials(other.name),
        "url": reverse("today", args=[other.slug]),
        "current": other.workspace_id == here.workspace_id,
    }


def _rail(request: HttpRequest, access: Access) -> list[dict[str, Any]]:
    here, slug = request.path, access.slug
    places = list(_places(slug))
    root, projects, settings_root = places[0][0], places[1][0], places[-1][0]
    if here.startswith((f"{root}milestones/", f"{root}kickoff/", f"{root}imports/")):
        here = projects
    if not access.allows(Role.OWNER):
        # The first section of the settings is the owner's; the menu leads to one that is open.
        first_open = reverse("settings_connections", args=[slug])
        places[-1] = (first_open, *places[-1][1:])
        here = first_open if here.startswith(settings_root) else here
    return [
        {
            "url": url,
            "label": label,
            "icon": icon,
            "current": here == url or (url != root and here.startswith(url)),
        }
        for url, label, icon in places
    ]


@lru_cache(maxsize=1024)
def _places(slug: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((reverse(name, args=[slug]), label, icon) for name, label, icon in RAIL)


def initials(name: str) -> str:
    """At most two letters that stand for a name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
