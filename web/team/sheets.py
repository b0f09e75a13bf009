"""Which checklists an engagement has, and how far each is."""

from typing import Any

from django.utils.dateparse import parse_datetime

from milestones.worksheets import SHEETS, state
from web.here import Here


def listed(here: Here, project: Any) -> list[dict[str, Any]]:
    """Every checklist of an engagement with its latest state; `with_checklists` has read the project."""
    latest: dict[str, dict[str, Any]] = {}
    for filled in project.sheets:
        latest.setdefault(filled["kind"], filled)
    return [
        {
            "words": kind.label,
            "when": sheet.when,
            "url": here.url(f"checklist_{kind}", project.pk),
            "filled": _filled(latest[kind]) if kind in latest else None,
        }
        for kind, sheet in SHEETS.items()
    ]


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "at": parse_datetime(row["filled_at"]), "state": state(row["answers"])}
