"""The bells of proof. Twice, or twice at once, changes nothing more."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from proofs.sweeps.assembling import assemble_due
from proofs.sweeps.checks import look_due, watch_all, watch_new
from proofs.sweeps.deliveries import follow_deliveries
from proofs.sweeps.handoffs import follow_handoffs
from proofs.sweeps.kpis import keep_due
from proofs.sweeps.opportunities import remind_due
from proofs.sweeps.readings import take_reported
from proofs.sweeps.renderings import render_next

PACKETS_EVERY = timedelta(seconds=5)
HANDOFFS_EVERY = timedelta(seconds=15)
READINGS_EVERY = timedelta(seconds=15)
KPIS_EVERY = timedelta(hours=1)
DELIVERIES_EVERY = timedelta(seconds=30)
CHECKS_EVERY = timedelta(seconds=30)
WATCHES_EVERY = timedelta(hours=1)
NEXT_STEPS_EVERY = timedelta(minutes=5)
RENDERINGS_EVERY = timedelta(seconds=5)
RENDERING_RUN = timedelta(seconds=60)  # leaves room for one more packet within the time limit


@shared_task(time_limit=240)
def proof_packets() -> None:
    now = timezone.now()
    with stamped("proof packets", every=PACKETS_EVERY, now=now) as stamp:
        stamp.touched = assemble_due(now=now)


@shared_task(time_limit=240)
def handoff_packets() -> None:
    now = timezone.now()
    with stamped("handoff packets", every=HANDOFFS_EVERY, now=now) as stamp:
        stamp.touched = follow_handoffs(now=now)


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


@shared_task(time_limit=280)
def render() -> None:
    now = timezone.now()
    until = now + RENDERING_RUN
    with stamped("renderings", every=RENDERINGS_EVERY, now=now) as stamp:
        while now < until and render_next(now=now):
            stamp.touched += 1
            now = timezone.now()


@shared_task(time_limit=180)
def artifact_checks() -> None:
    now = timezone.now()
    with stamped("artifact checks", every=CHECKS_EVERY, now=now) as stamp:
        watch_new(now=now)
        stamp.touched = look_due(now=now)


@shared_task(time_limit=120)
def artifact_watches() -> None:
    """Finds what became due to be watched without being new: artifacts of a milestone whose work began."""
    now = timezone.now()
    with stamped("artifact watches", every=WATCHES_EVERY, now=now) as stamp:
        stamp.touched = watch_all(now=now)


@shared_task(time_limit=240)
def kpis() -> None:
    """Hourly, as the day begins at another hour in each zone; each workspace's day is kept once."""
    now = timezone.now()
    with stamped("kpis", every=KPIS_EVERY, now=now) as stamp:
        stamp.touched = keep_due(now=now)
