"""What the API leaves to the worker."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from api import idempotency
from journal.jobs import stamped


@shared_task(time_limit=60)
def forget_answers() -> None:
    """Removes idempotent answers that nobody can ask for again."""
    now = timezone.now()
    with stamped("idempotent answers", every=timedelta(hours=1), now=now) as stamp:
        stamp.touched = idempotency.forget(now=now)
