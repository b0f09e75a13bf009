"""What Today reads beside the milestones that break next: what waits for somebody, in one statement."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from escalation.pages import waiting_for_clients
from milestones.models import Dependency
from milestones.queries import dates, decisions, notices, ways
from tenancy.door import current_workspace_id
from tenancy.models import Workspace
from workspaces.queries import calendar_told

SHOWN = 20
OF_MILESTONE = {
    "milestone_id": "milestone_id",
    "code": "milestone__code",
    "milestone": "milestone__name",
    "account": "milestone__project__account__name",
}


def agenda(*, now: datetime, today: date, weekly: datetime, twice: datetime) -> QuerySet[Any]:
    """One row with a list for each thing that waits, each with one row more than is shown.

    `weekly` and `twice` are as in `dates.unconfirmed`.
    """
    waiting = decisions.waiting().filter(project__archived_at=None)
    rows: QuerySet[Any] = Workspace.objects.filter(pk=current_workspace_id()).values(
        overdue=lists(_costly(waiting.filter(decide_by__lt=now)), **QUESTION),
        questions=lists(_costly(waiting.filter(decide_by__gte=now)), **QUESTION),
        misses=lists(dates.misses_to_acknowledge(), id="id", planned_date="planned_date", **OF_MILESTONE),
        forecasts=lists(dates.unconfirmed(weekly=weekly, twice=twice), **FORECAST),
        ways=lists(ways.to_decide(today), id="id", way="way", until="until", **OF_MILESTONE),
        untold=lists(notices.uninformed(), **NOTICE),
        endings=lists(decisions.to_be_closed().filter(project__archived_at=None), **ENDING),
        calendar=calendar_told(),
        asks=lists(_costly(waiting_for_clients()), **ASK),
    )
    return rows


QUESTION = {
    **OF_MILESTONE,
    **{name: name for name in ("id", "number", "kind", "question", "sent_at", "decide_by", "pushes")},
    "contact": "approver__name",
}
FORECAST = {
    **{name: name for name in ("id", "code", "forecast_date", "said_at")},
    "milestone": "name",
    "account": "project__account__name",
}
ENDING = {"id": "id", "code": "code", "milestone": "name", "account": "project__account__name"}
NOTICE = {
    **{name: name for name in ("id", "number", "title", "problem")},
    "account": "project__account__name",
    "project": "project__name",
}
ASK = {
    **OF_MILESTONE,
    **{name: name for name in ("id", "number", "type", "title", "opened_at", "version", "stops_path")},
    "contact": "response_contact__name",
    "pushes": "pushes",
}


def lists(rows: QuerySet[Any], **fields: str) -> ArraySubquery:
    """One of the lists of an agenda, each row as a JSON object."""
    told = JSONObject(**{name: F(path) for name, path in fields.items()})
    return ArraySubquery(rows.values(told=told)[: SHOWN + 1])


def _costly(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With `pushes`: how many open milestones wait for the one that is held up."""
    waiting = Dependency.objects.filter(
        Q(milestone__completed_at=None, milestone__closed_at=None), needs=OuterRef("milestone")
    )
    count = waiting.order_by().values("needs").annotate(n=Count("pk")).values("n")
    costly: QuerySet[Any] = rows.annotate(pushes=Coalesce(Subquery(count), 0))
    return costly
