"""Prometheus metrics: requests by view and status, queues by state, jobs by age."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, Histogram, generate_latest

from journal.models import JobRun
from web.guards import operator

REQUESTS = Histogram("cairn_request_seconds", "Time to answer a request.", ["method", "view", "status"])
JOB_AGE = Gauge("cairn_job_age_seconds", "Seconds since a job last finished.", ["job"])
JOB_OVERDUE = Gauge("cairn_job_overdue", "1 when a job was not run in time.", ["job"])


class RequestMetrics:
    """Times every request under its view's name: addresses hold ids and secrets, names do not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name or match._func_path) if match else "unknown"
        REQUESTS.labels(request.method, view, response.status_code).observe(time.perf_counter() - started)
        return response


@operator
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    _measure_jobs()
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _measure_jobs() -> None:
    now = timezone.now()
    for run in JobRun.objects.all():
        JOB_AGE.labels(run.name).set((now - (run.finished_at or run.started_at)).total_seconds())
        JOB_OVERDUE.labels(run.name).set(run.is_overdue(now=now))
