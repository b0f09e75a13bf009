"""Migrations that fill in what was there before them: in each workspace, and kept workspace by workspace."""

from importlib import import_module

import pytest
from django.db import OperationalError, connections

from milestones.actions.engagements import archive
from milestones.actions.work import add_work_item
from milestones.models import Pulse
from milestones.words import WorkState
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY

pytestmark = pytest.mark.slow

EMPTY = {"done_days": [], "done_sums": [], "rests": False}


@pytest.fixture
def studios(fresh_database):
    """Two workspaces, the first one's project archived; their pulses are as before the columns were kept."""
    ada = factories.person()
    made = [factories.workspace(ada, name=f"Studio {number}") for number in (1, 2)]
    for number, studio in enumerate(made):
        by = factories.actor(ada)
        with inside(studio):
            milestone = factories.milestone_in_execution(by)
            add_work_item(milestone.pk, title="Export", state=WorkState.DONE, by=by, now=MONDAY)
            if not number:
                archive(milestone.project_id, by=by, now=MONDAY)
            Pulse.objects.update(**EMPTY)
    return made


def fill_in(name):
    migration = import_module(f"milestones.migrations.{name}").Migration
    with connections["owner"].schema_editor(atomic=migration.atomic) as editor:
        for operation in migration.operations:
            operation.database_forwards("milestones", editor, None, None)


def kept(studios, *columns):
    found: list[tuple[object, ...]] = []
    for studio in studios:
        with inside(studio):
            found += Pulse.objects.values_list(*columns)
    return found


def test_completions_are_summed_in_every_workspace(studios):
    fill_in("0024_completions_until_now")

    assert kept(studios, "done_days", "done_sums") == [([MONDAY.date()], [1])] * 2


def test_what_is_archived_rests_and_nothing_else(studios):
    fill_in("0015_what_is_archived_already_rests")

    assert kept(studios, "rests") == [(True,), (False,)]


def test_a_workspace_that_is_filled_in_stays_so_when_a_later_one_fails(studios):
    """Somebody holds the second one's rows; the next attempt fills in what is left."""
    with inside(studios[1]):
        Pulse.objects.select_for_update().get()
        with pytest.raises(OperationalError, match="lock timeout"):
            fill_in("0024_completions_until_now")
    assert kept(studios, "done_sums") == [([1],), ([],)]

    fill_in("0024_completions_until_now")

    assert kept(studios, "done_sums") == [([1],), ([1],)]
