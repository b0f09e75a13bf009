"""Celery: the bell. PostgreSQL is the queue; a message carries an id or nothing, and losing it costs one sweep."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("cairn")
app.config_from_object("config.schedule")
app.autodiscover_tasks(["journal", "workspaces", "milestones", "escalation", "telemetry"])


@setup_logging.connect
def _use_our_logging(**_: Any) -> None:
    """Django has configured logging already; Celery's own set-up would undo it."""


@worker_process_init.connect
def _open_own_connections(**_: Any) -> None:
    """A pool inherited from the parent process would be shared by two processes."""
    from django.db import connections

    connections.close_all()
