"""How sweeps go on: what fails stays due and is logged by name, what a batch showed is not shown again."""

from uuid import UUID

import pytest
from structlog.testing import capture_logs

from tenancy.door import current_workspace_id
from tenancy.models import Workspace
from tenancy.refusal import Refused
from tenancy.sweep import batches, each, tried
from tests import factories

# Workspaces stand for what is due: a row, its key, and whose it is.
DUE = """
SELECT id, id FROM tenancy_workspace WHERE (id, id) > (%(after_workspace)s, %(after)s)
ORDER BY id LIMIT %(batch)s
"""


pytestmark = pytest.mark.slow


@pytest.fixture
def five(fresh_database) -> list[Workspace]:
    ada = factories.person()
    return [factories.workspace(ada, name=f"Studio {n}") for n in range(5)]


def test_each_is_acted_on_inside_its_own_workspace_and_one_that_fails_stops_no_other(five):
    acted_on = []

    def act(pk: UUID) -> None:
        if pk == five[1].pk:
            raise ValueError("broken")
        acted_on.append((pk, current_workspace_id()))

    with capture_logs() as lines:
        looked_at = each([(one.pk, one.pk) for one in five], act, failure="thing.not_done")

    assert looked_at == 5
    assert acted_on == [(one.pk, one.pk) for one in five if one != five[1]]
    names = {"workspace_id": str(five[1].pk), "subject_id": str(five[1].pk)}
    assert lines == [{"event": "thing.not_done", "log_level": "error", "exc_info": True, **names}]


def test_what_an_act_wrote_before_it_failed_is_undone(five):
    def act(pk: UUID) -> None:
        Workspace.objects.filter(pk=pk).update(name="Half done")
        raise ValueError("broken")

    with capture_logs():
        tried(five[0].pk, five[0].pk, act, failure="thing.not_done")

    assert Workspace.objects.get(pk=five[0].pk).name == "Studio 0"


def test_an_act_returns_what_it_made_and_none_where_it_failed(five):
    def fail(pk: UUID) -> str:
        raise ValueError(pk)

    with capture_logs():
        made = [tried(five[0].pk, five[0].pk, act, failure="thing.not_done") for act in (str, fail)]

    assert made == [str(five[0].pk), None]


@pytest.mark.parametrize(("may_refuse", "level"), [(True, "info"), (False, "error")])
def test_a_refusal_is_a_fault_only_where_none_is_expected(five, may_refuse, level):
    def act(pk: UUID) -> None:
        raise Refused("Somebody was faster.", code="taken")

    with capture_logs() as lines:
        each([(five[0].pk, five[0].pk)], act, failure="thing.not_done", may_refuse=may_refuse)

    assert [line["log_level"] for line in lines] == [level]


@pytest.mark.parametrize("batch", [1, 2, 5, 6])
def test_batches_show_each_row_once_though_all_stay_due(five, batch):
    shown = list(batches(DUE, {"batch": batch}))

    assert [row[0] for rows in shown for row in rows] == sorted(one.pk for one in five)
    assert max(map(len, shown)) == min(batch, 5)
