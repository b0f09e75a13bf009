"""Prometheus metrics: requests by view and status, what waits in each queue, how long ago each job ran.

The web workers of one server share their counters through files (config/counters.py). What waits in all
workspaces only role jobs may see: the worker counts it every few seconds (config/waiting.py).
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis import RedisError

from config import waiting
from config.schedule import task_queues
from journal.models import JobRun, Watch
from web.guards import operator

# The library decides by this variable, when it is imported, whether its counters are shared.
SHARED: Final = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
REQUESTS = Histogram("cairn_request_seconds", "Time to answer a request.", ["method", "view", "status"])
METHODS: Final = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

Families = Iterator[Metric]


class RequestMetrics:
    """Times every request under its view's name: addresses hold ids and secrets, names do not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        labels = (_method(request), _view(request), str(response.status_code))
        REQUESTS.labels(*labels).observe(time.perf_counter() - started)
        return response


def _method(request: HttpRequest) -> str:
    """Anybody may invent methods; each would be a series of its own."""
    return request.method if request.method in METHODS else "other"


def _view(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.view_name or match._func_path) if match else "unknown"


@operator
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    if SHARED:
        MultiProcessCollector(registry, SHARED)  # type: ignore[no-untyped-call]
    registry.register(Installation(now=timezone.now()))
    lines = generate_latest(registry) + (b"" if SHARED else generate_latest(REGISTRY))
    return HttpResponse(lines, content_type=CONTENT_TYPE_LATEST)


class Installation(Collector):
    """What is true of the whole installation now. A part that cannot be asked says so and is left out."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now

    def collect(self) -> Families:
        up = GaugeMetricFamily("cairn_up", "1 when the part answered this scrape.", labels=["part"])
        for part, measure in (("database", self._jobs), ("redis", self._queues)):
            try:
                families = list(measure())
            except (DatabaseError, RedisError):
                up.add_metric([part], 0)
            else:
                up.add_metric([part], 1)
                yield from families
        yield up

    def _jobs(self) -> Families:
        age = GaugeMetricFamily("cairn_job_age_seconds", "Seconds since a job last finished.", labels=["job"])
        overdue = GaugeMetricFamily(
            "cairn_job_overdue", "1 when a job failed or missed two runs.", labels=["job"]
        )
        for run in JobRun.objects.all():
            age.add_metric([run.name], (self.now - (run.finished_at or run.started_at)).total_seconds())
            overdue.add_metric([run.name], run.is_overdue(now=self.now))
        yield from (age, overdue, self._alarms())

    def _alarms(self) -> Metric:
        late = GaugeMetricFamily(
            "cairn_late", "Rows that an alarm of the watchman is about.", labels=["watched"]
        )
        for name, missing, alarm_since in Watch.objects.values_list("name", "missing", "alarm_since"):
            late.add_metric([name], missing if alarm_since else 0)
        return late

    def _queues(self) -> Families:
        rows = GaugeMetricFamily("cairn_waiting", "Rows of a queue in a state.", labels=["queue", "state"])
        oldest = GaugeMetricFamily(
            "cairn_waiting_seconds", "How long the oldest due row of a queue waits.", labels=["queue"]
        )
        bells = GaugeMetricFamily("cairn_bells", "Messages that no worker has taken yet.", labels=["queue"])
        for line in waiting.last_counted():
            rows.add_metric([line.queue, line.state], line.rows)
            if line.since:
                oldest.add_metric([line.queue], max((self.now - line.since).total_seconds(), 0.0))
        for name, length in waiting.bells([queue.name for queue in task_queues]):
            bells.add_metric([name], length)
        yield from (rows, oldest, bells)
