from datetime import timedelta

import pytest

from milestones.models import Milestone
from telemetry.actions.findings import tell_signals
from telemetry.actions.thresholds import set_thresholds
from telemetry.models import Signal
from telemetry.sweeps.heartbeat import check_due
from tenancy.door import inside
from tenancy.refusal import Refused
from tests.factories import MONDAY, milestone_in_execution
from workspaces.models import WorkspaceSettings

pytestmark = pytest.mark.slow


def beat(now):
    check_due(now=now)
    tell_signals(now=now)


def test_a_lower_figure_that_was_passed_already_fires_at_the_next_heartbeat(workspace, by):
    later = MONDAY + timedelta(hours=11)
    with inside(workspace):
        milestone = milestone_in_execution(by)
    beat(MONDAY)
    with inside(workspace):
        set_thresholds({"no_progress_hours": 10}, by=by, now=later)

    beat(later)

    with inside(workspace):
        signal = Signal.objects.get(closed_at=None)
        assert (signal.milestone, signal.rule, signal.threshold) == (
            Milestone.objects.get(pk=milestone.pk),
            "no_progress",
            10,
        )


@pytest.mark.parametrize(
    ("figure", "value"),
    [("no_progress_hours", 0), ("blocker_aging_hours", 721), ("failing_runs", 6), ("mood", 3)],
)
def test_a_figure_out_of_bounds_is_refused_by_name(workspace, by, figure, value):
    with pytest.raises(Refused) as refusal, inside(workspace):
        set_thresholds({figure: value}, by=by, now=MONDAY)

    with inside(workspace):
        assert list(refusal.value.fields) == [figure]
        assert WorkspaceSettings.objects.get().thresholds == {}
