"""Never lost, never twice: two who owe the same notice at once, and a worker that dies in between."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal.models import Delivery, Event
from milestones.actions import labels, notices
from milestones.models import LabelChange, Notice
from milestones.sweeps.labels import follow_labels
from milestones.words import NoticeKind
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow


class Died(RuntimeError):
    pass


@pytest.fixture
def owner(fresh_database):
    return factories.person()


@pytest.fixture
def by(owner):
    return factories.actor(owner)


@pytest.fixture
def milestone(owner, by):
    with inside(factories.workspace(owner)):
        made = milestone_in_execution(by)
    follow_labels(now=MONDAY)
    return made


def _owe(milestone, by):
    said = {"project": milestone.project, "milestone": milestone, "subject": milestone}
    return notices.owe(NoticeKind.LATE, **said, title="Late", body="Why.", by=by, now=MONDAY)


def _at_once(milestone, act):
    """Lets two do the same at the same time, each in a transaction of its own."""
    start = Barrier(2)

    def one(_):
        start.wait()
        try:
            with inside(milestone.workspace_id):
                return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def test_two_who_owe_the_same_notice_write_one(milestone, by):
    first, second = _at_once(milestone, lambda: _owe(milestone, by).pk)

    assert first == second
    with inside(milestone.workspace_id):
        assert (Notice.objects.count(), Delivery.objects.count()) == (1, 1)
        assert Event.objects.filter(kind="notice.sent").count() == 1


def test_two_evaluations_warn_once(milestone, by):
    with inside(milestone.workspace_id):
        open_blocker(
            milestone.pk, type=BlockerType.INPUT, title="No data", stops_path=True, by=by, now=MONDAY
        )

    _at_once(milestone, lambda: labels.evaluate(milestone.pk, now=MONDAY))

    with inside(milestone.workspace_id):
        assert list(LabelChange.objects.values_list("before", "after")) == [("on_track", "at_risk")]
        assert Notice.objects.filter(kind=NoticeKind.EARLY_WARNING).count() == 1


def test_a_worker_that_dies_leaves_neither_a_notice_nor_a_message_nor_a_label(milestone, by):
    with inside(milestone.workspace_id):
        open_blocker(
            milestone.pk, type=BlockerType.INPUT, title="No data", stops_path=True, by=by, now=MONDAY
        )

    with pytest.raises(Died), inside(milestone.workspace_id):
        _evaluate_and_die(milestone)

    with inside(milestone.workspace_id):
        milestone.refresh_from_db()
        assert (milestone.colour, Notice.objects.count(), Delivery.objects.count()) == ("on_track", 0, 0)
    assert follow_labels(now=MONDAY) == 1
    with inside(milestone.workspace_id):
        assert (Notice.objects.count(), Delivery.objects.count()) == (1, 1)


def _evaluate_and_die(milestone):
    labels.evaluate(milestone.pk, now=MONDAY)
    raise Died
