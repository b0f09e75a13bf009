"""One point of each KPI for every workspace and day, soon after its day has begun."""

from datetime import datetime
from uuid import UUID

import structlog

from proofs.actions.kpis import keep_points
from tenancy.door import inside
from tenancy.models import Workspace
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

AT_ONCE = 1000

DUE = """
SELECT w.id FROM tenancy_workspace w
WHERE NOT EXISTS (
    SELECT FROM proofs_kpipoint p
    WHERE p.workspace_id = w.id AND p.day = (%(now)s AT TIME ZONE w.time_zone)::date
)
ORDER BY w.id LIMIT %(at_once)s
"""


def keep_due(*, now: datetime) -> int:
    """Keeps the points of workspaces that have none of their day yet. Returns how many it looked at."""
    with sweep():
        due = rows(DUE, {"now": now, "at_once": AT_ONCE})
    for (workspace_id,) in due:
        _keep(workspace_id, now=now)
    return len(due)


def _keep(workspace_id: UUID, *, now: datetime) -> None:
    try:
        with inside(workspace_id):
            keep_points(Workspace.objects.get(pk=workspace_id), now=now)
    except Exception:
        # It stays due for the next run; the others go on.
        log.exception("kpis.not_kept", workspace=str(workspace_id))
