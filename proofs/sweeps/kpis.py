"""One point of each KPI for every workspace and day, soon after its day has begun."""

from datetime import datetime
from uuid import UUID

from proofs.actions.kpis import keep_points
from tenancy.models import Workspace
from tenancy.sweep import each, found

AT_ONCE = 1000

DUE = """
SELECT w.id, w.id FROM tenancy_workspace w
WHERE NOT EXISTS (
    SELECT FROM proofs_kpipoint p
    WHERE p.workspace_id = w.id AND p.day = (%(now)s AT TIME ZONE w.time_zone)::date
)
ORDER BY w.id LIMIT %(at_once)s
"""


def keep_due(*, now: datetime) -> int:
    """Keeps the points of workspaces that have none of their day yet. Returns how many it looked at."""

    def keep(workspace_id: UUID) -> None:
        keep_points(Workspace.objects.get(pk=workspace_id), now=now)

    return each(found(DUE, {"now": now, "at_once": AT_ONCE}), keep, failure="kpis.not_kept")
