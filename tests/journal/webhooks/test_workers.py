"""Webhooks sent by several workers: each message once, and nobody held up."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from threading import Event as Signal
from threading import Thread

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from journal import fanout, outbox, webhooks
from journal.models import State, WebhookEndpoint
from journal.tasks import LANES, Shift
from tenancy.door import inside
from tenancy.ids import uuid7
from tenancy.sweep import in_lanes
from tests.factories import MONDAY
from tests.guards.source import ROOT
from tests.journal.webhooks.sending import (
    BUSY,
    HOUR,
    OK,
    SECOND,
    fresh,
    happen,
    made,
    messages,
    ring,
    tell,
    tries,
)
from tests.receiver import in_turn, saying


def test_mails_and_webhooks_do_not_take_each_others_messages(studio, there, mailoutbox):
    there.ways["/hook"] = saying(b"", status=410)
    made(studio, there)
    happen(studio)
    fanout.tell_behind(now=MONDAY)

    by_mail = outbox.send_next(now=MONDAY)
    tell()
    mail_left = outbox.send_next(now=MONDAY)

    assert (by_mail, mail_left, len(there.requests), len(mailoutbox)) == (False, True, 1, 1)


def test_two_workers_send_each_message_once_and_one_at_a_time(studio, there):
    busy, most = [], []

    def answer(handler):
        busy.append(1)
        most.append(len(busy))
        OK(handler)
        busy.pop()

    there.ways["/hook"] = answer
    made(studio, there)
    for n in range(12):
        happen(studio, n=n, thread=uuid7())

    workers = [Thread(target=ring) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tell()

    ids = [request.headers["webhook-id"] for request in there.requests]
    assert (len(ids), len(set(ids)), max(most)) == (12, 12, 1)


@pytest.mark.slow
def test_a_slow_receiver_holds_up_nobody_who_comes_later(studio, there):
    """Its answer waits until a quick one, whose event happens meanwhile, has been told."""
    has_begun, quick_was_told = Signal(), Signal()

    def slowly(handler):
        has_begun.set()
        quick_was_told.wait(20)
        OK(handler)

    def quickly(handler):
        quick_was_told.set()
        OK(handler)

    there.ways |= {"/slow": slowly, "/quick": quickly}
    made(studio, there, "/slow", events=["progress.recorded"])
    made(studio, there, "/quick", events=["blocker.opened"])
    with time_machine.travel(MONDAY, tick=True):
        happen(studio, at=timezone.now())
        fanout.tell_behind(now=timezone.now())
        shift = Thread(target=_shift)
        shift.start()
        assert has_begun.wait(20)
        happen(studio, "blocker.opened", at=timezone.now())
        shift.join()

    assert there.paths() == ["/slow", "/quick"]
    assert {message.state for message in messages(studio)} == {State.SENT}


def _shift():
    now = timezone.now()
    in_lanes(LANES, Shift(now + timedelta(seconds=45), now).work)
    connections.close_all()


def test_endpoints_that_fail_take_two_lanes_at_most(studio, there):
    for n in range(4):
        there.ways[f"/{n}"] = BUSY
        made(studio, there, f"/{n}", events=["progress.recorded"])
    happen(studio)
    tell()
    later = MONDAY + HOUR

    taken = [webhooks.take_turn(now=later) for _ in range(4)]

    assert [turn is not None for turn in taken] == [True, True, False, False]


CHILD = """
import django; django.setup()
from datetime import datetime, UTC
from django.conf import settings
settings.EGRESS_ALLOWED_HOSTS = [{place!r}]
from journal import webhooks
webhooks.send_next(now=datetime(2026, 3, 2, 9, tzinfo=UTC))
"""


@pytest.mark.slow
@pytest.mark.faults
def test_a_worker_killed_after_sending_costs_one_repetition_under_the_same_id(studio, there, fresh_database):
    made(studio, there)
    happen(studio)
    fanout.tell_behind(now=MONDAY)
    children: list[subprocess.Popen[bytes]] = []
    there.ways["/hook"] = lambda _: os.kill(children[0].pid, signal.SIGKILL)
    children.append(_start_child(fresh_database, there))
    assert children[0].wait(timeout=60) == -signal.SIGKILL
    there.ways["/hook"] = OK

    held = tell()
    _let_leases_end()
    again = tell()

    [message] = messages(studio)
    assert (held, again) == (0, 1)
    assert (message.state, message.possibly_twice, message.attempts) == (State.SENT, True, 2)
    assert [request.headers["webhook-id"] for request in there.requests] == [str(message.pk)] * 2


def _start_child(database, there):
    known = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **database.environment, **known}
    child = CHILD.format(place=there.place)
    return subprocess.Popen([sys.executable, "-c", child], env=environment, cwd=ROOT)


def _let_leases_end():
    """As if the time had passed."""
    with connections["jobs"].cursor() as cursor:
        for table in ("journal_delivery", "journal_webhookendpoint"):
            cursor.execute(f"UPDATE {table} SET lease_until = now() - interval '1 second'")


def test_a_line_cut_after_the_message_is_tried_again_as_possibly_twice(studio, there):
    def cut(handler):
        handler.connection.close()

    there.ways["/hook"] = in_turn(cut, OK)
    made(studio, there)
    happen(studio)

    tell()
    tell(MONDAY + 10 * SECOND)

    [message] = messages(studio)
    assert (message.state, message.possibly_twice) == (State.SENT, True)
    assert [outcome for outcome, _ in tries(studio)] == ["unknown", "sent"]


def test_a_message_that_cannot_be_signed_is_parked_and_the_endpoint_not_blamed(studio, there):
    endpoint, _ = made(studio, there)
    happen(studio)
    with inside(studio):
        WebhookEndpoint.objects.update(secret="sealed by a key that is lost")

    tell()

    [message] = messages(studio)
    assert (message.state, fresh(studio, endpoint).failures) == (State.PARKED, 0)
    assert "FIELD_KEYS" in message.last_error
