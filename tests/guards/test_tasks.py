"""Every task has a queue, a time limit, and arguments that survive a lost message."""

import ast
import inspect
from typing import Any, cast

import pytest

from config import schedule
from config.celery import app
from tests.guards.source import RANK, files, tree

PLAIN = {"int", "str", "UUID"}
VISIBLE = cast(int, schedule.broker_transport_options["visibility_timeout"])
QUEUES = {queue.name for queue in schedule.task_queues}

app.loader.import_default_modules()
TASKS = {name: task for name, task in sorted(app.tasks.items()) if name.partition(".")[0] in RANK}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_a_queue_and_a_time_limit(name):
    assert schedule.task_routes[name]["queue"] in QUEUES
    assert 0 < (TASKS[name].time_limit or 0) <= VISIBLE


@pytest.mark.parametrize("name", TASKS)
def test_a_task_takes_ids_and_dates_only(name):
    parameters = inspect.signature(TASKS[name].run).parameters.values()

    assert [str(p) for p in parameters if getattr(p.annotation, "__name__", p.annotation) not in PLAIN] == []


def test_who_waits_for_other_peoples_servers_keeps_nothing_else_waiting():
    sent = {name for name, route in schedule.task_routes.items() if route["queue"] == "webhooks"}

    assert sent == {"journal.tasks.tell_endpoints", "proofs.tasks.artifact_checks"}


def test_every_route_and_bell_leads_to_a_task():
    rung = {entry["task"] for entry in schedule.beat_schedule.values()}

    assert rung | schedule.task_routes.keys() == TASKS.keys()


def test_every_bell_stamps_its_runs_under_its_own_name():
    """By that name the watchman misses a job."""
    stamped = [
        str(node.args[0].value)
        for app in RANK
        for path in files(app)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "stamped"
        if isinstance(node.args[0], ast.Constant)
    ]

    assert sorted(stamped) == sorted(schedule.beat_schedule)


@pytest.mark.parametrize("name", schedule.beat_schedule)
def test_a_bell_that_nobody_heard_is_not_rung_again(name):
    entry: dict[str, Any] = schedule.beat_schedule[name]

    assert entry["options"]["expires"] <= entry["schedule"]
