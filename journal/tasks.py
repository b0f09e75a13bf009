"""The outbox's bell."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal import outbox
from journal.jobs import stamped

EVERY = timedelta(seconds=5)


@shared_task(time_limit=120, queue="mail")
def send_due() -> None:
    now = timezone.now()
    with stamped("outbox", every=EVERY, now=now) as stamp:
        stamp.touched = outbox.send_due(now=now)
