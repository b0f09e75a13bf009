"""The bells of what comes in."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from telemetry import apply
from telemetry.retention import tidy

APPLY_EVERY = timedelta(seconds=5)
TIDY_EVERY = timedelta(hours=1)


@shared_task(name="telemetry.tasks.apply_received", time_limit=120)
def apply_received() -> None:
    now = timezone.now()
    with stamped("deliveries", every=APPLY_EVERY, now=now) as stamp:
        stamp.touched = apply.apply_received(now=now)


@shared_task(name="telemetry.tasks.tidy_inbound", time_limit=300)
def tidy_inbound() -> None:
    now = timezone.now()
    with stamped("tidying", every=TIDY_EVERY, now=now) as stamp:
        stamp.touched = tidy(now=now)
