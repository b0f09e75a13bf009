"""What Today reads beside the milestones that break next: what waits for somebody, in one statement."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet
from django.db.models.functions import JSONObject

from escalation.pages import waiting_for_clients
from milestones.queries import decisions, notices, weekly
from milestones.queries.today import with_pushes
from milestones.words import Stage
from tenancy.door import current_workspace_id
from tenancy.models import Workspace
from workspaces.queries import calendar_told

SHOWN = 10
OF_MILESTONE = {
    "milestone_id": "milestone_id",
    "code": "milestone__code",
    "milestone": "milestone__name",
    "account": "milestone__project__account__name",
}


def agenda(*, now: datetime, monday: datetime, twice: datetime) -> QuerySet[Any]:
    """One row with a list for each thing that waits, each with one row more than is shown.

    `monday` and `twice` are as in `weekly.perhaps_due`.
    """
    waiting = decisions.waiting().filter(project__archived_at=None, decide_by__gte=now)
    # What does not reach a client about open work stands in that milestone's own row.
    beside = Q(milestone=None) | Q(milestone__stage=Stage.CLOSED)
    rows: QuerySet[Any] = Workspace.objects.filter(pk=current_workspace_id()).values(
        questions=lists(with_pushes(waiting), **QUESTION),
        untold=lists(notices.uninformed().filter(beside), **NOTICE),
        reviews=lists(weekly.perhaps_due(monday=monday, twice=twice), **REVIEW),
        calendar=calendar_told(),
        asks=lists(with_pushes(waiting_for_clients()), **ASK),
    )
    return rows


QUESTION = {
    **OF_MILESTONE,
    **{name: name for name in ("id", "number", "kind", "question", "sent_at", "decide_by", "pushes")},
    "contact": "approver__name",
}
NOTICE = {
    **{name: name for name in ("id", "number", "title", "problem")},
    "account": "project__account__name",
    "project": "project__name",
}
REVIEW = {
    **{name: name for name in ("id", "name", "kickoff_completed_at", "told_at", "has_aggressive")},
    "account": "account__name",
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
