"""Settings of a workspace, by subject."""

from typing import Any

from web.here import Here
from workspaces.models import Role

# Address, words, and who may open it (each view asks for the same role).
SECTIONS = (
    ("settings", "Workspace", Role.OWNER),
    ("settings_brand", "Portal", Role.OWNER),
    ("settings_delivery", "Delivery e-mail", Role.OWNER),
    ("settings_calendar", "Calendar", Role.OWNER),
    ("settings_thresholds", "Thresholds", Role.OWNER),
    ("settings_templates", "Templates", Role.VIEWER),
    ("settings_members", "Members", Role.OWNER),
    ("settings_connections", "Connections", Role.VIEWER),
    ("settings_webhooks", "Webhooks", Role.MEMBER),
    ("settings_tokens", "API tokens", Role.OWNER),
    ("settings_inbound", "Deliveries in", Role.MEMBER),
    ("settings_deliveries", "Deliveries out", Role.MEMBER),
    ("settings_journal", "Journal", Role.VIEWER),
    ("settings_export", "Export", Role.OWNER),
    ("settings_jobs", "Jobs", Role.VIEWER),
)


def frame(here: Here, current: str) -> dict[str, Any]:
    """What every page of the settings shows: its tabs, and where it stands."""
    open_to = [(name, label) for name, label, least in SECTIONS if here.access.allows(least)]
    tabs = [{"label": label, "url": here.url(name), "current": name == current} for name, label in open_to]
    words = dict(open_to)[current]
    crumbs = [{"label": "Settings", "url": tabs[0]["url"]}, {"label": words}]
    return {"here": here, "tabs": tabs, "section": words, "breadcrumbs": crumbs}
