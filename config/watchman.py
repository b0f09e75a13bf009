"""The watchman: once a minute it looks whether everything happened that ought to have happened by itself.

A process of its own (`manage.py watch`), so that it sees a worker, a beat or a broker that stands still. It
re-derives what is due from the rows that call for it (`config/watched.py`) and from the stamps of the jobs.
What stays missing for longer than its patience is an alarm: in the log, at /readyz and /metrics, on pages,
and by mail to the operator, past the outbox, which may be what stands still.

While there is no alarm it also calls HEARTBEAT_URL: who listens there hears of an alarm, and of a watchman
that is gone, by silence.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError

from config.schedule import RUNG
from config.watched import WATCHED, Watched
from journal.egress import NotReached, fetch
from journal.jobs import JOBS, WATCHMAN, stamped
from journal.models import GRACE, JobRun, Watch
from tenancy.sweep import rows, sweep

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(minutes=1)
MOST: Final = 500
LONGEST_LOOK: Final = "SET LOCAL statement_timeout = '5s'"
# Who has not looked for that long knows nothing of what was missing meanwhile, and counts anew: after a
# restart the jobs, which stood still with it, have their time to make up for it.
FORGETS_AFTER: Final = timedelta(minutes=3)
JOBS_PATIENCE: Final = timedelta(minutes=2)
REFUSES: Final = 300  # who answers the heartbeat with that or more did not take it

BEGUN: Final = """
UPDATE journal_watch SET told_at = %(now)s WHERE alarm_since IS NOT NULL AND told_at IS NULL RETURNING name
"""
ENDED: Final = """
UPDATE journal_watch SET told_at = NULL WHERE alarm_since IS NULL AND told_at IS NOT NULL RETURNING name
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one thing found missing, or why it found nothing."""

    name: str
    patience: timedelta
    late: Sequence[str]
    error: str = ""


def watch(*, now: datetime) -> list[Watch]:
    """One look at everything. Returns the alarms that stand."""
    with stamped(WATCHMAN, every=EVERY, now=now) as stamp:
        seen = [_noted(look, now=now) for look in _looks(now)]
        alarms = [each for each in seen if each.alarm_since]
        _tell_operator(now=now)
        if not alarms:
            _beat()
        stamp.touched = len(alarms)
    return alarms


def _looks(now: datetime) -> Iterator[Look]:
    for thing in WATCHED:
        yield _look(thing, now=now)
    yield Look(JOBS, JOBS_PATIENCE, sorted(_overdue_jobs(now)))


def _look(thing: Watched, *, now: datetime) -> Look:
    try:
        with sweep():
            rows(LONGEST_LOOK)
            late = [name for (name,) in rows(thing.late, {"now": now, "most": MOST})]
    except DatabaseError as error:
        log.exception("watch.failed", watched=thing.name)
        return Look(thing.name, thing.patience, [], type(error).__name__)
    return Look(thing.name, thing.patience, late)


def _overdue_jobs(now: datetime) -> Iterator[str]:
    """Every job of the schedule that failed or missed two runs. Of those that never ran, only what is rung
    every minute can be missed at once; the others count from the first run of any.
    """
    runs = {run.name: run for run in JobRun.objects.using("jobs").exclude(name=WATCHMAN)}
    first = min((run.started_at for run in runs.values()), default=now)
    for name, _, seconds, _ in RUNG:
        every = timedelta(seconds=seconds)
        never = every <= EVERY or now - first > 2 * every + GRACE
        if runs[name].is_overdue(now=now) if name in runs else never:
            yield name


def _noted(look: Look, *, now: datetime) -> Watch:
    """Keeps what is missing with the look that first missed it, and says when an alarm begins or ends."""
    before = Watch.objects.using("jobs").filter(name=look.name).first()
    since = _first_missed(look, before, now=now)
    waited = now - min(map(datetime.fromisoformat, since.values()), default=now)
    stands = waited > look.patience
    found = {
        "looked_at": now,
        "late": since,
        "missing": len(since),
        "error": look.error,
        "alarm_since": _since(before, now=now) if stands else None,
    }
    seen, _ = Watch.objects.using("jobs").update_or_create(name=look.name, defaults=found)
    _log(before, seen)
    return seen


def _since(before: Watch | None, *, now: datetime) -> datetime:
    """When the alarm began that stands."""
    return before.alarm_since if before and before.alarm_since else now


def _first_missed(look: Look, before: Watch | None, *, now: datetime) -> dict[str, str]:
    known: Mapping[str, str] = {}
    if before and now - before.looked_at <= FORGETS_AFTER:
        known = before.late
    # Not to know is to miss whatever there may be.
    return {name: known.get(name, now.isoformat()) for name in (look.late or [look.error]) if name}


def _log(before: Watch | None, seen: Watch) -> None:
    told = {"watched": seen.name, "missing": seen.missing, "error": seen.error}
    stood = before and before.alarm_since
    if seen.alarm_since and not stood:
        log.error("watch.alarm", **told)
    if stood and not seen.alarm_since:
        log.warning("watch.all_clear", **told)


def _tell_operator(*, now: datetime) -> None:
    """One mail for what began, one for what ended since the last one. A mail that fails is tried again.

    What is to be told is claimed before: of two watchmen one tells it.
    """
    if not settings.OPERATOR_EMAIL:
        return
    with sweep():
        begun, ended = _claimed(BEGUN, now=now), _claimed(ENDED, now=now)
    if not begun and not ended:
        return
    watches = Watch.objects.using("jobs")
    standing = list(watches.filter(alarm_since__isnull=False).order_by("name"))
    if not _mailed([each for each in standing if each.name in begun], ended, standing):
        watches.filter(name__in=begun).update(told_at=None)
        watches.filter(name__in=ended).update(told_at=now)


def _claimed(statement: str, *, now: datetime) -> list[str]:
    return sorted(name for (name,) in rows(statement, {"now": now}))


def _mailed(begun: Sequence[Watch], ended: Sequence[str], standing: Sequence[Watch]) -> bool:
    subject = "Cairn: something that ought to happen does not" if begun else "Cairn: an alarm has ended"
    if not standing:
        subject = "Cairn: everything happens again"
    paragraphs = [
        _paragraph("New alarms:", map(told, begun)),
        _paragraph("Ended:", ended),
        _paragraph("Still standing:", (told(each) for each in standing if each not in begun)),
        f"Settings, Jobs, shows them in every workspace at {settings.PUBLIC_URL}.",
    ]
    body = "\n\n".join(filter(None, paragraphs)) + "\n"
    try:
        EmailMessage(subject, body, to=[settings.OPERATOR_EMAIL]).send()
    except (OSError, ValueError):  # no server, or no address
        log.exception("watch.not_mailed")
        return False
    return True


def _paragraph(heading: str, lines: Iterable[str]) -> str:
    found = [f"- {line}" for line in lines]
    return "\n".join([heading, *found]) if found else ""


def told(alarm: Watch) -> str:
    """An alarm in a line."""
    how_many = f"{MOST} or more" if alarm.missing >= MOST else str(alarm.missing)
    since = f"alarm since {alarm.alarm_since:%Y-%m-%d %H:%M} UTC"
    what = f"could not be looked at ({alarm.error})" if alarm.error else f"{how_many} late"
    return f"{alarm.name}: {what}, {since}"


def _beat() -> None:
    if not settings.HEARTBEAT_URL:
        return
    try:
        answer = fetch(settings.HEARTBEAT_URL, allow_http=True, limit=0)
    except NotReached as silence:
        log.warning("watch.heartbeat_failed", reason=silence.reason)
    else:
        (log.warning if answer.status >= REFUSES else log.debug)("watch.heartbeat", status=answer.status)
