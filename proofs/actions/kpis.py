"""Keeps what the KPIs were on a day, so that their course can be shown.

No event: nothing was decided, and the figures can be made again from what the journal holds.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from proofs.models import KpiPoint
from proofs.queries.kpis import figures
from tenancy.models import Workspace


def keep_points(workspace: Workspace, *, now: datetime) -> None:
    """Writes one point of each KPI for the workspace's day. Twice, or twice at once, the first one stays."""
    today = now.astimezone(ZoneInfo(workspace.time_zone)).date()
    points = [
        KpiPoint(kpi=kpi, day=today, value=figure.value, n=figure.n)
        for kpi, figure in figures(now=now).items()
    ]
    KpiPoint.objects.bulk_create(points, ignore_conflicts=True)
