"""Settings of a workspace, by subject."""

from typing import Any

from web.here import Here

SECTIONS = (
    ("settings", "Workspace"),
    ("settings_brand", "Portal"),
    ("settings_calendar", "Calendar"),
    ("settings_thresholds", "Thresholds"),
    ("settings_members", "Members"),
    ("settings_connections", "Connections"),
    ("settings_tokens", "API tokens"),
    ("settings_inbound", "Deliveries in"),
    ("settings_deliveries", "Deliveries out"),
    ("settings_journal", "Journal"),
    ("settings_jobs", "Jobs"),
)


def frame(here: Here, current: str) -> dict[str, Any]:
    """What every page of the settings shows: its tabs, and where it stands."""
    tabs = [{"label": label, "url": here.url(name), "current": name == current} for name, label in SECTIONS]
    words = dict(SECTIONS)[current]
    crumbs = [{"label": "Settings", "url": here.url("settings")}, {"label": words}]
    return {"here": here, "tabs": tabs, "section": words, "breadcrumbs": crumbs}
