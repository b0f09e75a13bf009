"""Reads of blockers for pages. Call them inside the workspace's door."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from escalation.clocks import end_of, is_critical
from escalation.models import Blocker

ASKED = (
    *("number", "type", "title", "stops_path", "opened_at", "version", "response_contact__name"),
    *("milestone__code", "milestone__name", "milestone__forecast_date"),
    *("milestone__project__name", "milestone__project__account__name"),
)
OWNERS = ("response_contact", "response_member__user", "decision_request")


def blockers_of(milestone_id: UUID) -> QuerySet[Blocker]:
    """A milestone's blockers: open ones first, the oldest on top; then the resolved, newest first."""
    return (
        Blocker.objects.filter(milestone=milestone_id)
        .select_related(*OWNERS)
        .order_by(F("resolved_at").desc(nulls_first=True), "opened_at", "id")
    )


def waiting_for_clients() -> QuerySet[Blocker]:
    """Open blockers that a contact has not answered yet, the oldest first."""
    return (
        Blocker.objects.filter(resolved_at=None, responded_at=None, response_contact__isnull=False)
        .filter(milestone__project__archived_at=None)
        .exclude(milestone__stage="closed")
        .select_related("response_contact", "milestone__project__account")
        .only(*ASKED)
        .order_by("opened_at", "id")
    )


def asks() -> QuerySet[Any]:
    """What clients owe an answer to, with the names that a row shows."""
    rows: QuerySet[Any] = waiting_for_clients().values(
        *("id", "number", "type", "title", "opened_at", "version", "milestone_id"),
        contact=F("response_contact__name"),
        code=F("milestone__code"),
        milestone_name=F("milestone__name"),
        forecast_date=F("milestone__forecast_date"),
        account_name=F("milestone__project__account__name"),
    )
    return rows


def asked_of_client(project_id: UUID) -> QuerySet[Blocker]:
    """What a project's client still owes an answer to, the oldest first."""
    return waiting_for_clients().filter(milestone__project=project_id)


def blockers(*, state: str = "open", after: tuple[datetime, UUID] | None = None) -> QuerySet[Blocker]:
    """Blockers of the workspace; `state` is open (the oldest first: it hurts most), resolved or all."""
    sign, beyond = ("", "gt") if state == "open" else ("-", "lt")
    rows = Blocker.objects.select_related("milestone__project__account", *OWNERS).order_by(
        f"{sign}opened_at", f"{sign}id"
    )
    if state != "all":
        rows = rows.filter(resolved_at__isnull=state == "open")
    if after:
        opened_at, pk = after
        same = Q(opened_at=opened_at, **{f"pk__{beyond}": pk})
        rows = rows.filter(Q(**{f"opened_at__{beyond}": opened_at}) | same)
    return rows


def shows_critical(blocker: Blocker, *, forecast: date | None, zone: ZoneInfo, now: datetime) -> bool:
    """Whether a row reads “critical”: still open, and by the very rule of the milestone's record."""
    if blocker.resolved_at is not None:
        return False
    return is_critical(
        blocker.on_clocks(), forecast_ends_at=end_of(forecast, zone) if forecast else None, now=now
    )
