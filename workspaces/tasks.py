"""The calendar's bell, and the broom for old counts."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from tenancy.door import inside
from tenancy.models import Workspace
from tenancy.refusal import Refused
from workspaces import limits
from workspaces.actions.calendars import lay_out_calendar
from workspaces.models import WorkingCalendar

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
BATCH = 200
LEFT = timedelta(days=370)  # a month less than is laid out, so that each workspace comes up once a month


@shared_task(time_limit=120)
def extend_calendars() -> None:
    """Lays calendars out further where the days ahead run short. Twice writes the same rows."""
    now = timezone.now()
    with stamped("calendars", every=EVERY, now=now) as stamp:
        due = WorkingCalendar.everywhere.using("jobs").filter(laid_out_until__lt=now.date() + LEFT)
        for workspace_id in due.values_list("workspace_id", flat=True)[:BATCH]:
            stamp.touched += _extend(workspace_id, now=now)


def _extend(workspace_id: UUID, *, now: datetime) -> bool:
    """Whether it went well. One calendar that cannot be laid out must not keep the others short."""
    try:
        with inside(workspace_id):
            lay_out_calendar(Workspace.objects.get(pk=workspace_id), now=now)
    except (Refused, ValueError, NotImplementedError):
        log.exception("calendar.not_extended", workspace_id=str(workspace_id))
        return False
    return True


@shared_task(time_limit=60)
def forget_attempts() -> None:
    now = timezone.now()
    with stamped("attempts", every=EVERY, now=now) as stamp:
        stamp.touched = limits.forget(now=now)
