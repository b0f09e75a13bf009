"""The hourly look at planned dates that have ended, in every workspace's own zone."""

from datetime import UTC, datetime

import pytest

from milestones.models import Milestone, Miss
from milestones.sweeps.misses import open_due
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow
FRIDAY_EVENING = datetime(2026, 3, 13, 23, 30, tzinfo=UTC)  # the planned day; in Berlin it is over


def missed(workspace):
    with inside(workspace):
        return Miss.objects.filter(closed_at=None).count()


def test_a_pause_suspends_it(fresh_database):
    ada = factories.person()
    workspace = factories.workspace(ada)
    with inside(workspace):
        milestone_in_execution(factories.actor(ada))
        Milestone.objects.update(
            paused_at=MONDAY, paused_until=FRIDAY_EVENING.date(), pause_reason="No access."
        )

    open_due(now=FRIDAY_EVENING)

    assert missed(workspace) == 0


def test_each_day_ends_in_its_own_zone_and_completion_settles_it(fresh_database):
    ada = factories.person()
    berlin, london = (factories.workspace(ada, time_zone=zone) for zone in ("Europe/Berlin", "Europe/London"))
    for each in (berlin, london):
        with inside(each):
            milestone_in_execution(factories.actor(ada))

    open_due(now=FRIDAY_EVENING)
    first = (missed(berlin), missed(london))
    open_due(now=FRIDAY_EVENING)
    with inside(berlin):
        Milestone.objects.update(stage="review", completed_at=FRIDAY_EVENING)
    open_due(now=FRIDAY_EVENING)

    assert first == (1, 0)
    assert missed(berlin) == 0
