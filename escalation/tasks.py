"""The bells of blocker ages and of answers. Twice, or twice at once, changes nothing more."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from escalation.sweeps import age_blockers, follow_answers
from journal.jobs import stamped

EVERY = timedelta(minutes=1)
ANSWERS_EVERY = timedelta(seconds=5)


@shared_task(time_limit=120)
def blocker_age() -> None:
    now = timezone.now()
    with stamped("blocker age", every=EVERY, now=now) as stamp:
        stamp.touched = age_blockers(now=now)


@shared_task(time_limit=120)
def blocker_answers() -> None:
    now = timezone.now()
    with stamped("blocker answers", every=ANSWERS_EVERY, now=now) as stamp:
        stamp.touched = follow_answers(now=now)
