"""The record knows which open rules hold its label, and asks for a new label when that changes."""

from datetime import timedelta

import pytest

from escalation.actions import open_blocker, resolve
from escalation.models import BlockerType
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.models import Milestone, Pulse
from milestones.sweeps.labels import follow_labels
from telemetry.sweeps.heartbeat import check_due
from tenancy.door import inside
from tests.factories import MONDAY, milestone_in_execution

pytestmark = pytest.mark.slow
HOUR = timedelta(hours=1)


@pytest.fixture
def milestone(workspace, by):
    with inside(workspace):
        return milestone_in_execution(by)


@pytest.fixture
def rules(workspace, milestone):
    """Lets the heartbeat and the labels run; what the record says then, and whether a label was asked for."""

    def beat(now):
        follow_labels(now=now)
        check_due(now=now)
        with inside(workspace):
            asked = Pulse.objects.get(milestone=milestone).needs_label
            return Milestone.objects.get(pk=milestone.pk).open_rules, asked

    return beat


def test_rules_that_open_and_close_are_kept_and_ask_for_a_label(workspace, milestone, rules, by):
    with inside(workspace):
        blocker = open_blocker(
            milestone.pk, type=BlockerType.INPUT, title="No data", stops_path=False, by=by, now=MONDAY
        )

    seen = [rules(MONDAY + hours * HOUR) for hours in (1, 19, 20, 25)]
    with inside(workspace):
        resolve(blocker.pk, resolution="It came.", by=by, now=MONDAY + 26 * HOUR)
        record_progress(milestone.pk, done="A page", by=by, now=MONDAY + 26 * HOUR)
    seen.append(rules(MONDAY + 27 * HOUR))

    assert seen == [
        ([], False),
        (["blocker_aging"], True),
        (["blocker_aging"], False),
        (["blocker_aging", "no_progress"], True),
        ([], True),
    ]


def test_an_unplanned_request_holds_no_label(workspace, milestone, rules, by):
    with inside(workspace):
        queue_request(milestone.pk, title="PDF as well", by=by, now=MONDAY)

    assert rules(MONDAY + HOUR) == ([], False)


def test_a_kept_rule_keeps_the_next_time_the_rules_are_due(workspace, milestone, rules, by):
    with inside(workspace):
        open_blocker(
            milestone.pk, type=BlockerType.INPUT, title="No data", stops_path=False, by=by, now=MONDAY
        )

    rules(MONDAY + 19 * HOUR)

    with inside(workspace):
        due_at = Pulse.objects.get(milestone=milestone).check_due_at
    assert due_at == MONDAY + 24 * HOUR + timedelta(microseconds=1)


def test_a_silence_turns_the_label_yellow(workspace, milestone, rules):
    rules(MONDAY + 25 * HOUR)

    follow_labels(now=MONDAY + 25 * HOUR)

    with inside(workspace):
        assert Milestone.objects.get(pk=milestone.pk).colour == "at_risk"
