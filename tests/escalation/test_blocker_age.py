"""Ages by the hour, and the step to critical: by working hours, by severity, by a date that comes near."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from escalation.actions import open_blocker, resolve, respond
from escalation.models import Blocker, BlockerType, Severity
from escalation.sweeps import age_blockers
from journal.actors import Actor
from journal.models import Event
from milestones.actions.milestone import change_milestone
from milestones.models import Milestone
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories
from tests.factories import MONDAY, engagement, milestone_in_execution

pytestmark = pytest.mark.slow
INSTANT = timedelta(microseconds=1)
WORKED_48_HOURS = datetime(2026, 3, 9, 17, tzinfo=UTC)  # six working days of eight hours after Monday, 9:00
LAST_CALL = datetime(2026, 3, 12, tzinfo=UTC)  # 48 hours before the forecast, Friday the 13th, ends


@pytest.fixture
def milestone(workspace: Workspace, by: Actor) -> Milestone:
    with inside(workspace):
        return milestone_in_execution(by)


@pytest.fixture
def blocked(workspace: Workspace, milestone: Milestone, by: Actor) -> Callable[..., Blocker]:
    def block(*, now: datetime = MONDAY, severity: Severity = Severity.NORMAL) -> Blocker:
        with inside(workspace):
            return open_blocker(
                milestone.pk, type=BlockerType.INPUT, title="No logo", severity=severity, by=by, now=now
            )

    return block


@pytest.fixture
def record(workspace: Workspace) -> Callable[[datetime], tuple[str, float | None]]:
    """What the record says after the job ran at `now`."""

    def look(now: datetime) -> tuple[str, float | None]:
        age_blockers(now=now)
        with inside(workspace):
            milestone = Milestone.objects.get()
        return milestone.blocker_status, milestone.blocker_age_hours

    return look


def test_the_last_48_hours_are_hours_that_pass_even_where_clocks_jump(owner, by):
    """Berlin's clocks jump on the 29th of March: 48 hours before that day ends are 23:00 of the 27th."""
    berlin = factories.workspace(owner, time_zone="Europe/Berlin")
    with inside(berlin):
        due = milestone_in_execution(by, record={"first_milestone_due_at": "2026-03-29T12:00:00Z"})
        open_blocker(
            due.pk, type=BlockerType.INPUT, title="No logo", by=by, now=datetime(2026, 3, 26, 9, tzinfo=UTC)
        )

        due.refresh_from_db()

    assert due.critical_at == datetime(2026, 3, 27, 22, tzinfo=UTC)


def test_a_plan_that_moves_moves_the_last_call(workspace, by, record):
    with inside(workspace):
        planned = engagement(by).milestone
        open_blocker(planned.pk, type=BlockerType.INPUT, title="No logo", by=by, now=MONDAY)
        change_milestone(planned.pk, {"planned_date": date(2026, 3, 4)}, by=by, now=MONDAY)
    last_call = datetime(2026, 3, 3, tzinfo=UTC)

    statuses = [record(at)[0] for at in (MONDAY, last_call, last_call + INSTANT)]
    with inside(workspace):
        change_milestone(planned.pk, {"planned_date": date(2026, 3, 20)}, by=by, now=last_call)

    assert statuses == ["open", "open", "critical"]
    assert record(last_call + timedelta(minutes=1))[0] == "open"


def test_the_age_moves_by_whole_hours(blocked, record):
    blocked()

    ages = [record(MONDAY + timedelta(minutes=minutes)) for minutes in (59, 60, 119, 600)]

    assert ages == [("open", 0), ("open", 1), ("open", 1), ("open", 10)]


def test_a_blocker_turns_critical_beyond_48_working_hours(blocked, record):
    blocked()

    assert record(WORKED_48_HOURS)[0] == "open"
    assert record(WORKED_48_HOURS + INSTANT)[0] == "critical"


def test_a_critical_severity_is_critical_at_once(workspace, blocked):
    blocked(severity=Severity.CRITICAL)

    with inside(workspace):
        assert Milestone.objects.get().blocker_status == "critical"


def test_an_unanswered_blocker_turns_critical_as_the_forecast_comes_near(blocked, record):
    blocked(now=datetime(2026, 3, 11, 9, tzinfo=UTC))

    assert record(LAST_CALL)[0] == "open"
    assert record(LAST_CALL + INSTANT)[0] == "critical"


def test_an_answered_one_does_not(workspace, blocked, record, by):
    opened = datetime(2026, 3, 11, 9, tzinfo=UTC)
    blocker = blocked(now=opened)
    with inside(workspace):
        respond(blocker.pk, response="Tomorrow", by=by, now=opened)

    assert record(LAST_CALL + INSTANT)[0] == "open"


def test_the_step_to_critical_is_journalled_once(workspace, milestone, blocked, record):
    blocked()
    for minutes in (1, 1, 2, 120):
        record(WORKED_48_HOURS + timedelta(minutes=minutes))

    with inside(workspace):
        event = Event.objects.get(kind="milestone.blocker_status_changed")
    assert (event.thread_id, event.at) == (milestone.pk, WORKED_48_HOURS + timedelta(minutes=1))
    assert '"from":"open","to":"critical"' in event.body


def test_a_resolved_blocker_is_looked_at_no_more(workspace, blocked, by):
    blocker = blocked()
    with inside(workspace):
        resolve(blocker.pk, resolution="It came", by=by, now=MONDAY)

    assert age_blockers(now=MONDAY + timedelta(days=9)) == 0


def test_a_second_run_looks_at_nothing(blocked):
    blocked()
    later = MONDAY + timedelta(hours=2)

    assert (age_blockers(now=later), age_blockers(now=later)) == (1, 0)
