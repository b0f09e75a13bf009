"""The bells of proof. Twice, or twice at once, changes nothing more."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from proofs.sweeps.deliveries import follow_deliveries
from proofs.sweeps.opportunities import remind_due
from proofs.sweeps.readings import take_reported
from proofs.sweeps.renderings import render_next

READINGS_EVERY = timedelta(seconds=15)
DELIVERIES_EVERY = timedelta(seconds=30)
NEXT_STEPS_EVERY = timedelta(minutes=5)
RENDERINGS_EVERY = timedelta(seconds=5)
RENDERING_RUN = timedelta(seconds=90)  # leaves room for one more packet within the time limit


@shared_task(time_limit=240)
def readings() -> None:
    now = timezone.now()
    with stamped("readings", every=READINGS_EVERY, now=now) as stamp:
        stamp.touched = take_reported(now=now)


@shared_task(time_limit=120)
def packet_deliveries() -> None:
    now = timezone.now()
    with stamped("packet deliveries", every=DELIVERIES_EVERY, now=now) as stamp:
        stamp.touched = follow_deliveries(now=now)


@shared_task(time_limit=120)
def next_steps() -> None:
    """Every few minutes, as the day begins at another hour in each zone; each date is told once."""
    now = timezone.now()
    with stamped("next steps", every=NEXT_STEPS_EVERY, now=now) as stamp:
        stamp.touched = remind_due(now=now)


@shared_task(time_limit=240)
def render() -> None:
    now = timezone.now()
    until = now + RENDERING_RUN
    with stamped("renderings", every=RENDERINGS_EVERY, now=now) as stamp:
        while now < until and render_next(now=now):
            stamp.touched += 1
            now = timezone.now()
