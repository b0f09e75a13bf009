"""Is the process alive, and can it do its work."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import redis
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.settings import ENV
from journal.jobs import WATCHMAN
from journal.models import JobRun
from journal.pages import alarms
from web.guards import public

BEAT_SILENT_AFTER: Final = timedelta(minutes=2)
PATIENCE: Final = 2  # seconds


@public
@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@public
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, Redis, migrations and the last beat, each with what is wrong; 503 when any is.

    What the watchman says stands beside them.
    """
    parts = {"redis": _fault(_redis), "database": _fault(_database)}
    for name, check in (("migrations", _migrations), ("beat", _beat)):
        parts[name] = "unknown without the database" if parts["database"] else _fault(check)
    ready = not any(parts.values())
    # An alarm takes no process out of service: what is late would only wait longer.
    parts["watchman"] = "unknown without the database" if parts["database"] else _fault(_watchman)
    shown = {name: fault or "ok" for name, fault in parts.items()}
    return JsonResponse({"status": "ok" if ready else "unready", **shown}, status=200 if ready else 503)


def _fault(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, redis.RedisError) as error:
        return f"cannot be reached ({type(error).__name__})"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _redis() -> str:
    with redis.Redis.from_url(
        ENV.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=None
    ) as client:
        client.ping()
    return ""


def _migrations() -> str:
    waiting = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    return f"{len(waiting)} wait; run `manage.py migrate --database owner`" if waiting else ""


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Read once: the files of a running process do not change, and reading them takes a while."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _beat() -> str:
    rung = JobRun.objects.exclude(name=WATCHMAN)
    last = rung.order_by("-started_at").values_list("started_at", flat=True).first()
    return _silence(last, now=timezone.now())


def _watchman() -> str:
    """Its alarms, or since when it has not looked itself."""
    last = JobRun.objects.filter(name=WATCHMAN).values_list("started_at", flat=True).first()
    if silence := _silence(last, now=timezone.now()):
        return silence
    late = alarms().values_list("name", "alarm_since")
    return ", ".join(f"{name} late, alarm since {since:%Y-%m-%d %H:%M:%S} UTC" for name, since in late)


def _silence(last: datetime | None, *, now: datetime) -> str:
    if last is None:
        return "has not run yet"
    return f"silent since {last:%Y-%m-%d %H:%M:%S} UTC" if now - last > BEAT_SILENT_AFTER else ""
