"""Is the process alive, and can it do its work."""

from collections.abc import Callable
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from journal.models import JobRun
from web.guards import public

BEAT_SILENT_AFTER = timedelta(minutes=2)


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
    """Database, Redis, migrations and the last beat, each with what is wrong; 503 when any is."""
    faults = {name: _fault(check) for name, check in CHECKS.items()}
    ready = not any(faults.values())
    parts = {name: fault or "ok" for name, fault in faults.items()}
    return JsonResponse({"status": "ok" if ready else "unready", **parts}, status=200 if ready else 503)


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
    with redis.Redis.from_url(settings.CACHES["fast"]["LOCATION"], socket_timeout=2) as client:
        client.ping()
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} wait; run `manage.py migrate --database owner`" if waiting else ""


def _beat() -> str:
    last = JobRun.objects.order_by("-started_at").values_list("started_at", flat=True).first()
    return _silence(last, now=timezone.now())


def _silence(last: datetime | None, *, now: datetime) -> str:
    if last is None:
        return "has not run yet"
    return f"silent since {last:%Y-%m-%d %H:%M:%S} UTC" if now - last > BEAT_SILENT_AFTER else ""


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "migrations": _migrations,
    "beat": _beat,
}
