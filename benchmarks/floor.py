"""The floor under the hooks: a Django view that does one durable INSERT of the body, and nothing else.

No middleware, no row-level security, no verification; the same server, pool and database.
"""

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

TABLE = """
CREATE TABLE IF NOT EXISTS bench_floor (
    id uuid PRIMARY KEY DEFAULT uuidv7(), body bytea NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
GRANT INSERT ON bench_floor TO cairn_app;
"""


def insert(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_floor (body) VALUES (%s)", [request.body])
    response = JsonResponse({"detail": "Received."})
    response["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("floor", insert)]


def served() -> WSGIHandler:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = "benchmarks.floor"
    return WSGIHandler()
