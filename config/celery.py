"""Celery: the bell. PostgreSQL is the queue; a message carries an id at most; losing it costs one sweep."""

import os
from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.signals import bind_extra_task_metadata
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("cairn")
app.config_from_object("config.schedule")
app.autodiscover_tasks(
    ["journal", "workspaces", "milestones", "escalation", "telemetry", "proofs", "api", "config"]
)
app.steps["worker"].add(DjangoStructLogInitStep)


@bind_extra_task_metadata.connect
def _name_task(task: Any, **_: Any) -> None:
    structlog.contextvars.bind_contextvars(task=task.name)


@setup_logging.connect
def _use_our_logging(**_: Any) -> None:
    """Django has configured logging already; Celery's own set-up would undo it."""
