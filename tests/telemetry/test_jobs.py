"""The beat jobs as beat rings them: they stamp themselves, and a second ring changes nothing."""

import pytest

from escalation.tasks import blocker_age
from journal.models import Event, JobRun
from telemetry.tasks import heartbeat, on_time_probability, risk_score
from tenancy.door import inside
from tests.factories import milestone_in_execution

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("job", "name"),
    [
        (heartbeat, "heartbeat"),
        (risk_score, "risk score"),
        (on_time_probability, "on-time probability"),
        (blocker_age, "blocker age"),
    ],
)
def test_a_job_stamps_its_run(fresh_database, job, name):
    job()

    run = JobRun.objects.get(name=name)
    assert (run.finished_at is not None, run.error) == (True, "")


def test_a_second_ring_changes_nothing(workspace, by):
    with inside(workspace):
        milestone_in_execution(by)
    events = []
    for _ in range(2):
        for job in (heartbeat, risk_score, on_time_probability, blocker_age):
            job()
        with inside(workspace):
            events.append(Event.objects.count())

    assert events[0] == events[1]
