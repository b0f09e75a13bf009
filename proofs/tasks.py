"""The bells of proof. Twice, or twice at once, changes nothing more."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from proofs.sweeps.readings import take_reported

READINGS_EVERY = timedelta(seconds=15)


@shared_task(time_limit=240)
def readings() -> None:
    now = timezone.now()
    with stamped("readings", every=READINGS_EVERY, now=now) as stamp:
        stamp.touched = take_reported(now=now)
