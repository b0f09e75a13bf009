"""Each job says when it ran: health that was not evaluated in time is shown as such, never as green."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from journal.models import JobRun

JOBS: Final = "jobs"  # under which the watchman notes those that did not run in time
WATCHMAN: Final = "watchman"  # the one that no bell rings


@dataclass(slots=True)
class Stamp:
    """What a running job reports: how many rows it touched."""

    touched: int = 0


@contextmanager
def stamped(name: str, *, every: timedelta, now: datetime) -> Iterator[Stamp]:
    """Stamps the start and the end of a job's run, or the error that ended it."""
    runs = JobRun.objects.using("jobs")
    runs.update_or_create(name=name, defaults={"every": every, "started_at": now})
    stamp = Stamp()
    try:
        yield stamp
    except Exception as error:
        # Its text stands in the log only: every workspace sees the stamps, and it may quote another's row.
        runs.filter(name=name).update(error=type(error).__name__)
        raise
    runs.filter(name=name).update(finished_at=timezone.now(), touched=stamp.touched, error="")
