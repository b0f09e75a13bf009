"""The outbox's bell."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal import outbox
from journal.jobs import stamped

EVERY = timedelta(seconds=5)
RUN = timedelta(seconds=45)  # leaves room for one more hand-over within the time limit


@shared_task(time_limit=120)
def send_due() -> None:
    now = timezone.now()
    until = now + RUN
    with stamped("outbox", every=EVERY, now=now) as stamp:
        while now < until and outbox.send_next(now=now):
            stamp.touched += 1
            now = timezone.now()
