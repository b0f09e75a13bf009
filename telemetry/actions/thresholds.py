"""The workspace's own figures for the daily rules."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Final

from journal.actors import Actor
from milestones.models import Pulse
from telemetry.rules import Thresholds
from tenancy.refusal import Refused
from workspaces.actions import workspaces
from workspaces.models import WorkspaceSettings

HIGHEST: Final = {"no_progress_hours": 720, "blocker_aging_hours": 720, "failing_runs": 5}


def set_thresholds(thresholds: Mapping[str, int | None], *, by: Actor, now: datetime) -> WorkspaceSettings:
    """Sets figures by their names in `telemetry.rules.Thresholds`; None goes back to the default.

    Every milestone is looked at anew: a lower figure may have been passed already.

    Raises:
        Refused: naming a figure that no rule has, or that is out of bounds.
    """
    if wrong := {name: said for name, value in thresholds.items() if (said := _fault(name, value))}:
        raise Refused("Some figures need another look.", code="invalid", fields=wrong)
    settings = workspaces.set_thresholds(thresholds, by=by, now=now)
    Pulse.objects.update(changed_at=now)
    return settings


def _fault(name: str, value: int | None) -> list[str]:
    if name not in {field.name for field in fields(Thresholds)}:
        return ["No daily rule has such a figure."]
    if value is not None and not 1 <= value <= HIGHEST[name]:
        return [f"Give a number from 1 to {HIGHEST[name]}, or leave it empty for the default."]
    return []
