"""What the workspace's closed milestones say about its estimates."""

from zoneinfo import ZoneInfo

from milestones.learning import Lesson, lessons
from milestones.models import Milestone
from milestones.words import Stage
from tenancy.models import Workspace
from workspaces.queries import calendar_of

LATEST = 500  # closed milestones that are looked back upon


def learned(workspace: Workspace) -> list[Lesson]:
    """Planned against actual working days of the latest closed milestones, by kind."""
    calendar, zone = calendar_of(workspace), ZoneInfo(workspace.time_zone)
    closed = (
        Milestone.objects.filter(stage=Stage.CLOSED, completed_at__isnull=False)
        .exclude(planned_start=None)
        .exclude(planned_date=None)
        .order_by("-closed_at")
        .values_list("kind", "planned_start", "planned_date", "execution_started_at", "completed_at")
    )
    return lessons(
        (
            kind,
            calendar.working_days_between(start, planned) + 1,
            calendar.working_days_between(
                begun.astimezone(zone).date() if begun else start, completed.astimezone(zone).date()
            )
            + 1,
        )
        for kind, start, planned, begun, completed in closed[:LATEST]
    )
