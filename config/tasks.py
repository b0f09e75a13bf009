"""The bell of the figures on /metrics."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from config import waiting
from journal.jobs import stamped

EVERY = timedelta(seconds=15)


@shared_task(time_limit=60)
def count_waiting() -> None:
    with stamped("waiting", every=EVERY, now=timezone.now()) as stamp:
        lines = waiting.count()
        waiting.keep(lines)
        stamp.touched = len(lines)
