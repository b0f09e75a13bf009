"""Looks go on whatever one of them meets, and two workers make each once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event as Signal

import pytest
from django.db import connections
from django.utils import timezone

from milestones.actions.artifacts import Upload, add_file
from proofs.actions.checks import finish, look_now, mark_living
from proofs.checking import Look
from proofs.models import ArtifactCheck, ArtifactWatch
from proofs.sweeps.checks import look_due, watch_all
from proofs.words import Found
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.proofs.looks.looking import TUESDAY, linked, looked, mails, only_watch
from tests.receiver import saying

pytestmark = pytest.mark.slow


def test_one_look_that_cannot_begin_keeps_no_other_waiting(studio, milestone, by, there, settings):
    with inside(studio):
        add_file(milestone.pk, title="Report", file=Upload("r.txt", [b"figures"]), by=by, now=MONDAY)
        linked(milestone, by, there.url("/"))
    settings.FILES_ROOT = "not a folder"  # whatever it is that a file stumbles over

    assert looked() == 1

    with inside(studio):
        assert ArtifactCheck.objects.get().watch.artifact_version.url == there.url("/")


def test_two_workers_look_once(studio, milestone, by, there):
    with inside(studio):
        for n in range(5):
            there.ways[f"/{n}"] = saying(b"x")
            linked(milestone, by, there.url(f"/{n}"))
    watch_all(now=MONDAY)

    with ThreadPoolExecutor(2) as workers:
        finished = sum(workers.map(lambda _: _in_thread(), range(2)))

    with inside(studio):
        assert (finished, ArtifactCheck.objects.count(), len(there.requests)) == (5, 5, 10)


def _in_thread(*, now: datetime = MONDAY) -> int:
    try:
        return look_due(now=now)
    finally:
        connections.close_all()


def test_a_claim_that_was_taken_over_finishes_nothing(studio, milestone, by, there):
    """The worker is held up in its fetch while a person says what changes everything."""
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    asked, go_on = Signal(), Signal()

    def held_up(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        go_on.wait(10)
        saying(b"something else")(handler)

    there.ways["/"] = held_up
    with ThreadPoolExecutor(1) as worker:
        run = worker.submit(_in_thread, now=TUESDAY)
        asked.wait(10)
        with inside(studio):
            mark_living(version.pk, by=by, now=TUESDAY)
        go_on.set()
        run.result(30)

    with inside(studio):
        assert set(ArtifactCheck.objects.values_list("found", flat=True)) == {Found.OK}
        assert (only_watch().is_living, only_watch().found, mails()) == (True, Found.OK, [])


def test_a_flooding_workspace_does_not_keep_another_waiting(studio, milestone, by, ada, there, settings):
    with inside(studio):
        for n in range(20):
            linked(milestone, by, there.url(f"/flood/{n}"))
    watch_all(now=MONDAY)
    other = factories.workspace(ada, slug="other")
    with inside(other):
        linked(factories.milestone_in_execution(by), by, there.url("/"))
    watch_all(now=MONDAY + timedelta(seconds=1))

    look_due(now=MONDAY + timedelta(seconds=1))

    assert "/" in there.paths()[:16]


def test_another_workspace_sees_nothing_of_it(studio, milestone, by, ada, there):
    with inside(studio):
        version = linked(milestone, by, there.url("/"))
    looked()
    other = factories.workspace(ada, slug="other")

    with inside(other):
        assert (ArtifactWatch.objects.count(), ArtifactCheck.objects.count()) == (0, 0)
        with pytest.raises(version.DoesNotExist):
            look_now(version.pk, by=by, now=MONDAY)
        with pytest.raises(ArtifactWatch.DoesNotExist):
            mark_living(version.pk, by=by, now=MONDAY)


def test_a_look_whose_worker_died_is_made_by_the_next(studio, milestone, by, there):
    with inside(studio):
        linked(milestone, by, there.url("/"))
    watch_all(now=MONDAY)
    with inside(studio):
        lease = timezone.now() + timedelta(minutes=1)
        ArtifactWatch.objects.update(lease_until=lease, fence=1)  # as a worker leaves it that is killed

    assert look_due(now=MONDAY) == 0
    with inside(studio):
        ArtifactWatch.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert look_due(now=MONDAY) == 1

    with inside(studio):
        late = finish(only_watch().pk, 1, [Look(found=Found.UNREACHABLE)], now=MONDAY)
        assert (late, only_watch().found, ArtifactCheck.objects.count()) == (False, Found.OK, 1)
