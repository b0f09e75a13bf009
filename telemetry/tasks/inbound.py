"""The bells of what comes in."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from telemetry import apply
from telemetry.retention import tidy

APPLY_EVERY = timedelta(seconds=5)
TIDY_EVERY = timedelta(hours=1)


@shared_task(time_limit=120, queue="work")
def apply_received() -> None:
    now = timezone.now()
    with stamped("deliveries", every=APPLY_EVERY, now=now) as stamp:
        stamp.touched = apply.apply_received(now=now)


@shared_task(time_limit=300, queue="work")
def tidy_inbound() -> None:
    now = timezone.now()
    with stamped("tidying", every=TIDY_EVERY, now=now) as stamp:
        stamp.touched = tidy(now=now)
