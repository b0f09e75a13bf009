"""Settings of a workspace, by subject."""

from typing import Any, Final

from web.here import Here
from workspaces.models import Role

Section = tuple[str, str, Role]

# What stands together, and of each section its address, its words, and who may open it (each view asks
# for the same role).
GROUPS: Final[tuple[tuple[str, tuple[Section, ...]], ...]] = (
    (
        "Workspace",
        (
            ("settings", "General", Role.OWNER),
            ("settings_brand", "Portal", Role.OWNER),
            ("settings_calendar", "Calendar", Role.OWNER),
        ),
    ),
    ("People", (("settings_members", "Members", Role.OWNER),)),
    (
        "Delivery",
        (
            ("settings_templates", "Templates", Role.VIEWER),
            ("settings_thresholds", "Thresholds", Role.OWNER),
            ("settings_delivery", "Delivery e-mail", Role.OWNER),
        ),
    ),
    (
        "Tools and developers",
        (
            ("settings_connections", "Connections", Role.VIEWER),
            ("settings_inbound", "Deliveries in", Role.MEMBER),
            ("settings_webhooks", "Webhooks", Role.MEMBER),
            ("settings_tokens", "API tokens", Role.OWNER),
        ),
    ),
    (
        "Records",
        (
            ("settings_deliveries", "Deliveries out", Role.MEMBER),
            ("settings_journal", "Journal", Role.VIEWER),
            ("settings_export", "Export", Role.OWNER),
            ("settings_jobs", "Jobs", Role.VIEWER),
        ),
    ),
)
SECTIONS: Final = tuple(section for _, sections in GROUPS for section in sections)


def frame(here: Here, current: str) -> dict[str, Any]:
    """What every page of the settings shows: its sections in groups, and where it stands."""
    groups, words = grouped(here, current), {name: label for name, label, _ in SECTIONS}[current]
    crumbs = [{"label": "Settings", "url": groups[0]["sections"][0]["url"]}, {"label": words}]
    return {"here": here, "groups": groups, "section": words, "breadcrumbs": crumbs}


def grouped(here: Here, current: str = "") -> list[dict[str, Any]]:
    """The sections that are open to who looks, in their groups."""
    groups = [{"name": name, "sections": _open_to(here, sections, current)} for name, sections in GROUPS]
    return [group for group in groups if group["sections"]]


def _open_to(here: Here, sections: tuple[Section, ...], current: str) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": here.url(name), "current": name == current}
        for name, label, least in sections
        if here.access.allows(least)
    ]
