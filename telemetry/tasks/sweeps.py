"""The bells of the daily rules and the scores. Twice, or twice at once, changes nothing more."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from journal.jobs import stamped
from telemetry.actions.findings import tell_actions, tell_signals
from telemetry.sweeps import heartbeat as rules
from telemetry.sweeps import risk
from telemetry.sweeps.outlooks import foresee

EVERY = timedelta(minutes=1)
# Twice a minute: rows that the heartbeat holds when both ring are skipped, and must not wait another minute.
SCORES_EVERY = timedelta(seconds=30)
OUTLOOKS_EVERY = timedelta(seconds=30)


@shared_task(name="telemetry.tasks.heartbeat", time_limit=120)
def heartbeat() -> None:
    now = timezone.now()
    with stamped("heartbeat", every=EVERY, now=now) as stamp:
        stamp.touched = rules.check_due(now=now)
        tell_signals(now=now)


@shared_task(name="telemetry.tasks.risk_score", time_limit=240)
def risk_score() -> None:
    now = timezone.now()
    with stamped("risk score", every=SCORES_EVERY, now=now) as stamp:
        stamp.touched = risk.score_changed(now=now)
        # At a moment of its own: what changed since may be scored again, and history is kept by the moment.
        stamp.touched += risk.score_days(now=timezone.now())
        tell_actions(now=now)


@shared_task(name="telemetry.tasks.on_time_probability", time_limit=240)
def on_time_probability() -> None:
    now = timezone.now()
    with stamped("on-time probability", every=OUTLOOKS_EVERY, now=now) as stamp:
        stamp.touched = foresee(now=now)
