"""How often something guarded may be tried."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connections

from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from workspaces import limits
from workspaces.models import Attempt

TEN_MINUTES = timedelta(minutes=10)


def _hit(key="door", *, limit=3, now=MONDAY):
    return limits.hit(key, limit=limit, window=TEN_MINUTES, now=now)


def test_one_too_many_waits_for_the_end_of_the_window(db):
    waits = [_hit(now=MONDAY + timedelta(minutes=2)) for _ in range(4)]

    assert waits == [0, 0, 0, 480]


def test_a_new_window_counts_anew(db):
    for _ in range(4):
        _hit()

    assert _hit(now=MONDAY + TEN_MINUTES) == 0


def test_each_key_counts_for_itself(db):
    for _ in range(4):
        _hit("one")

    assert _hit("other") == 0


def test_a_count_cannot_be_taken_back_by_the_request_it_belongs_to(fresh_database):
    studio = factories.workspace()

    with pytest.raises(RuntimeError, match="durable"), inside(studio):
        _hit()


def test_tries_at_once_are_all_counted(fresh_database):
    threads = [Thread(target=_hit_and_leave) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Attempt.objects.get().count == 8


def _hit_and_leave():
    _hit()
    connections.close_all()


def test_old_counts_are_forgotten(db):
    _hit()
    _hit(now=MONDAY + timedelta(days=3))

    assert limits.forget(now=MONDAY + timedelta(days=3)) == 1
    assert Attempt.objects.count() == 1
