"""The outbox's bells."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import get_ident

from celery import shared_task
from django.db import connections
from django.utils import timezone

from journal import fanout, outbox, retention, webhooks
from journal.jobs import stamped
from tenancy.sweep import in_lanes

EVERY = timedelta(seconds=5)
FORGET_EVERY = timedelta(hours=1)
RUN = timedelta(seconds=45)  # leaves room for one more hand-over within the time limit
LANES = 8
LOOK_AGAIN = timedelta(seconds=1)


@shared_task(time_limit=120)
def send_due() -> None:
    now = timezone.now()
    until = now + RUN
    with stamped("outbox", every=EVERY, now=now) as stamp:
        while now < until and outbox.send_next(now=now):
            stamp.touched += 1
            now = timezone.now()


@shared_task(time_limit=120)
def tell_endpoints() -> None:
    now = timezone.now()
    with stamped("webhooks", every=EVERY, now=now) as stamp:
        fanout.tell_behind(now=now)
        if webhooks.is_due(now=now):
            stamp.touched = sum(in_lanes(LANES, Shift(now + RUN, now + LOOK_AGAIN).work))


@shared_task(time_limit=120)
def forget_messages() -> None:
    now = timezone.now()
    with stamped("old messages", every=FORGET_EVERY, now=now) as stamp:
        stamp.touched = retention.forget(now=now)


@dataclass
class Shift:
    """Lanes that tell endpoints. As long as one is busy, the idle ones serve whoever comes meanwhile."""

    until: datetime
    look_at: datetime
    idle: set[int] = field(default_factory=set)

    def work(self) -> int:
        """Returns how many messages this lane sent."""
        sent, me = 0, get_ident()
        try:
            while (now := timezone.now()) < self.until:
                self._look(now)
                if webhooks.send_next(now=now):
                    sent += 1
                    self.idle.discard(me)
                    continue
                self.idle.add(me)
                if len(self.idle) == LANES:
                    break
                time.sleep(LOOK_AGAIN.total_seconds())
        finally:
            self.idle.add(me)
            connections["default"].close()
        return sent

    def _look(self, now: datetime) -> None:
        """Whether something has happened meanwhile; now and then, whichever lane comes by."""
        if now >= self.look_at:
            self.look_at = now + LOOK_AGAIN
            fanout.tell_behind(now=now)
