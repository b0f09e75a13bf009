"""The bell of blocker ages. Twice, or twice at once, changes nothing more."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from escalation.sweeps import age_blockers
from journal.jobs import stamped

EVERY = timedelta(minutes=1)


@shared_task(time_limit=120)
def blocker_age() -> None:
    now = timezone.now()
    with stamped("blocker age", every=EVERY, now=now) as stamp:
        stamp.touched = age_blockers(now=now)
