"""The look at handoffs that are missing or whose plan moved on, across workspaces."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections

from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal.models import Event
from milestones.actions import decisions
from milestones.actions.endings import link_packets
from milestones.actions.engagements import archive
from milestones.actions.forecasts import move_forecast
from milestones.actions.milestone import add_milestone
from milestones.models import Milestone
from milestones.words import MoveReason
from proofs.actions import handoffs
from proofs.handing import ACCEPTED, SHORT_OF_HANDS
from proofs.models import HandoffPacket
from proofs.queries.packets import acceptance_of
from proofs.sweeps.handoffs import SETTLES, follow_handoffs
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from workspaces.models import Link, Purpose

pytestmark = pytest.mark.slow
LATER = MONDAY + timedelta(hours=1)
SETTLED = LATER + SETTLES
AT_ONCE = 8


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def by(ada):
    return factories.actor(ada)


@pytest.fixture
def studio(ada):
    return factories.workspace(ada)


def versions(workspace):
    with inside(workspace):
        rows = HandoffPacket.objects.order_by("milestone_id", "number")
        return [(row.number, row.state, row.reason) for row in rows]


def publish(milestone, by):
    (draft,) = HandoffPacket.objects.filter(milestone=milestone, state="draft")
    words = {"next_move_owner": "Ada", "recommendation": "none"}
    handoffs.write(draft.pk, words, by=by, now=LATER)
    handoffs.publish(draft.pk, by=by, now=LATER)


def test_each_accepted_milestone_gets_its_draft_once_in_every_workspace(ada, by, studio):
    other = factories.workspace(ada)
    for each in (studio, other):
        with inside(each):
            factories.milestone_in_closeout(by)

    follow_handoffs(now=LATER)
    follow_handoffs(now=LATER)

    assert versions(studio) == versions(other) == [(1, "draft", ACCEPTED)]


def test_what_is_not_accepted_or_in_the_archive_or_linked_already_gets_none(by, studio):
    with inside(studio):
        factories.milestone_in_review(by, account_name="A", project_name="A")
        resting = factories.milestone_in_closeout(by, account_name="B", project_name="B")
        archive(resting.project_id, by=by, now=LATER)
        linked = factories.milestone_in_closeout(by, account_name="C", project_name="C")
        link_packets(linked.pk, handoff_packet_link="https://old.example/1", by=by, now=LATER)

    assert follow_handoffs(now=LATER) == 0

    assert versions(studio) == []


def test_a_new_acceptance_after_one_that_was_taken_back_gets_a_draft(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
    follow_handoffs(now=LATER)
    with inside(studio):
        publish(milestone, by)
        mistaken = acceptance_of(milestone.pk)
        decisions.countermand(mistaken.pk, reason="Recorded too early.", by=by, now=LATER)
    follow_handoffs(now=LATER)
    assert [number for number, *_ in versions(studio)] == [1]

    with inside(studio):
        Milestone.objects.filter(pk=milestone.pk).update(stage="closeout", accepted_at=LATER)
    follow_handoffs(now=LATER)

    assert [(number, state) for number, state, _ in versions(studio)] == [(1, "published"), (2, "draft")]


def test_a_moved_date_makes_one_more_version_and_then_rests(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        day = MONDAY.date() + timedelta(days=14)
        fields = {"code": "1.2", "name": "Alerting", "planned_date": day}
        later = add_milestone(milestone.project, fields, by=by, now=MONDAY)
    follow_handoffs(now=LATER)
    with inside(studio):
        publish(milestone, by)
        said = {"code": MoveReason.THIRD_PARTY, "reason": "The feed comes late."}
        move_forecast(later.pk, day + timedelta(days=7), **said, by=by, now=LATER)

    looked_at = [follow_handoffs(now=SETTLED) for _ in range(3)]

    assert looked_at == [1, 0, 0]
    assert [(number, state) for number, state, _ in versions(studio)] == [(1, "published"), (2, "published")]
    assert "1.2 moves from 16 March 2026 to 23 March 2026" in versions(studio)[1][2]


def test_moves_in_a_row_become_one_version_once_the_plan_has_rested(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        day = MONDAY.date() + timedelta(days=14)
        fields = {"code": "1.2", "name": "Alerting", "planned_date": day}
        later = add_milestone(milestone.project, fields, by=by, now=MONDAY)
    follow_handoffs(now=LATER)
    said = {"code": MoveReason.THIRD_PARTY, "reason": "The feed comes late."}
    with inside(studio):
        publish(milestone, by)
        move_forecast(later.pk, day + timedelta(days=7), **said, by=by, now=LATER)

    too_early = follow_handoffs(now=SETTLED - timedelta(seconds=1))
    with inside(studio):
        meanwhile = SETTLED - timedelta(seconds=1)
        move_forecast(later.pk, day + timedelta(days=9), **said, by=by, now=meanwhile)
    looked_at = [follow_handoffs(now=SETTLED), follow_handoffs(now=SETTLED + SETTLES)]

    assert (too_early, looked_at) == (0, [1, 0])
    assert [number for number, *_ in versions(studio)] == [1, 2]


def test_the_news_of_one_project_moves_no_handoff_of_another(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        other = factories.engagement(by, account_name="B", project_name="B").project
    follow_handoffs(now=LATER)
    with inside(studio):
        publish(milestone, by)
        add_milestone(other, {"code": "1.2", "name": "Alerting"}, by=by, now=LATER)

    assert follow_handoffs(now=SETTLED) == 0


def test_hands_that_are_missing_after_a_second_version_are_told_once(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
    follow_handoffs(now=LATER)
    with inside(studio):
        publish(milestone, by)
        add_milestone(milestone.project, {"code": "1.2", "name": "Alerting"}, by=by, now=LATER)
    follow_handoffs(now=SETTLED)
    with inside(studio):
        open_blocker(milestone.pk, type=BlockerType.CAPACITY, title="Ill", by=by, now=LATER)

    looked_at = [follow_handoffs(now=SETTLED) for _ in range(2)]

    assert looked_at == [1, 0]
    assert versions(studio)[2:] == [(3, "published", SHORT_OF_HANDS)]


def test_a_milestone_that_is_added_to_the_plan_is_told(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
    follow_handoffs(now=LATER)
    with inside(studio):
        publish(milestone, by)
        add_milestone(milestone.project, {"code": "1.2", "name": "Alerting"}, by=by, now=LATER)

    follow_handoffs(now=SETTLED)

    assert versions(studio)[1:] == [(2, "published", "A milestone was added to the plan.")]


def test_a_capacity_blocker_begins_a_draft_once(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        open_blocker(milestone.pk, type=BlockerType.CAPACITY, title="Ill", by=by, now=LATER)

    looked_at = [follow_handoffs(now=LATER) for _ in range(3)]

    assert looked_at == [1, 0, 0]
    assert versions(studio) == [(1, "draft", SHORT_OF_HANDS)]


def test_a_blocker_of_another_kind_begins_none(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)
        open_blocker(milestone.pk, type=BlockerType.INPUT, title="List", by=by, now=LATER)

    assert follow_handoffs(now=LATER) == 0


def test_published_at_once_by_many_and_by_the_plan_one_version_wins(by, studio):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        draft = handoffs.begin(milestone.pk, now=LATER)
        words = {"next_move_owner": "Ada", "recommendation": "none"}
        handoffs.write(draft.pk, words, by=by, now=LATER)
    start = Barrier(AT_ONCE)

    def one(number):
        try:
            start.wait()
            with inside(studio):
                if number:
                    handoffs.publish(draft.pk, by=by, now=LATER)
                else:
                    handoffs.follow_plan(milestone.pk, now=LATER)
            return "done"
        except Refused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        said = sorted(pool.map(one, range(AT_ONCE)))

    assert said == ["done", "done", *["published"] * (AT_ONCE - 2)]
    assert [(number, state) for number, state, _ in versions(studio)] == [(1, "published")]
    with inside(studio):
        assert Event.objects.filter(kind="handoff_packet.published").count() == 1
        assert Link.objects.filter(purpose=Purpose.HANDOFF).count() == 1
