"""No address without a guard."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

GUARDS = {"public", "signed_in", "member", "token", "link", "hook", "operator"}

# Views of packages, which bring their own guards.
OF_PACKAGES = {
    "allauth.account": "sign-in, before anybody is known; its own checks guard what is behind",
    "allauth.mfa": "as above; each asks for a recent sign-in",
}


def test_every_address_carries_a_guard():
    bare = [
        f"/{route} → {view}"
        for route, view, guard in _addresses()
        if guard not in GUARDS and not _package(view)
    ]

    assert bare == []


def test_listed_packages_serve_something():
    served = {_package(view) for _, view, _ in _addresses()}

    assert OF_PACKAGES.keys() - served == set()


def test_a_workspace_opens_to_its_members_only():
    wrong = [
        (route, guard) for route, _, guard in _addresses() if "<slug:slug>" in route and guard != "member"
    ]

    assert wrong == []


def _package(view: str) -> str:
    return next((package for package in OF_PACKAGES if view.startswith(package)), "")


def _addresses(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = ""
) -> Iterator[tuple[str, str, str]]:
    """(route, view, guard) of every address."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, route)
        else:
            yield route, pattern.lookup_str, _guard(pattern)


def _guard(pattern: URLPattern) -> str:
    view = pattern.callback
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return getattr(view, "guard", "") or getattr(kind, "guard", "")
