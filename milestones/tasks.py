"""The bells of labels, notices, figures, misses and reminders. Twice, or at once, changes nothing more."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from milestones.sweeps.figures import evaluate_figures
from milestones.sweeps.labels import follow_labels
from milestones.sweeps.misses import open_due
from milestones.sweeps.notices import follow_messages
from milestones.sweeps.reminders import remind_due

LABELS_EVERY = timedelta(seconds=30)
NOTICES_EVERY = timedelta(seconds=30)
FIGURES_EVERY = timedelta(hours=1)
MISSES_EVERY = timedelta(hours=1)
REMINDERS_EVERY = timedelta(minutes=1)


@shared_task(time_limit=240)
def labels() -> None:
    now = timezone.now()
    with stamped("labels", every=LABELS_EVERY, now=now) as stamp:
        stamp.touched = follow_labels(now=now)


@shared_task(time_limit=120)
def notices() -> None:
    now = timezone.now()
    with stamped("notices", every=NOTICES_EVERY, now=now) as stamp:
        stamp.touched = follow_messages(now=now)


@shared_task(time_limit=240)
def figures() -> None:
    """Hourly, as the day begins at another hour in each zone; each milestone counts once a day."""
    now = timezone.now()
    with stamped("figures", every=FIGURES_EVERY, now=now) as stamp:
        stamp.touched = evaluate_figures(now=now)


@shared_task(time_limit=240)
def misses() -> None:
    """Hourly, as the day ends at another hour in each zone."""
    now = timezone.now()
    with stamped("misses", every=MISSES_EVERY, now=now) as stamp:
        stamp.touched = open_due(now=now)


@shared_task(time_limit=240)
def reminders() -> None:
    now = timezone.now()
    with stamped("reminders", every=REMINDERS_EVERY, now=now) as stamp:
        stamp.touched = remind_due(now=now)
