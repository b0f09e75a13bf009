"""The demo workspace as its visitors find it."""

from datetime import UTC, datetime

import pytest

from config import demo
from config.demo.engagements import ENGAGEMENTS
from escalation.models import Blocker
from milestones.models import (
    ChangeRequest,
    DateMove,
    DecisionRequest,
    Milestone,
    Notice,
    ProgressUpdate,
    QaRun,
    WorkItem,
)
from milestones.queries.decisions import is_outdated
from milestones.words import Colour, RequestKind, RequestState, Stage, WorkState
from proofs.models import ProofPacket
from proofs.rendering.paper import pages_of, pdf_of
from proofs.words import PacketState
from tenancy.door import inside
from workspaces.actions.links import address_of
from workspaces.models import Link, Membership

NOW = datetime(2026, 3, 12, 15, tzinfo=UTC)


@pytest.fixture
def told(db, tmp_path):
    return demo.tell(home=tmp_path, now=NOW)


def test_every_engagement_of_the_table_is_told(told):
    with inside(told):
        first = Milestone.objects.filter(is_first=True).order_by("project__created_at", "id")

        assert sorted(first.values_list("project__name", flat=True)) == sorted(
            engagement.project for engagement in ENGAGEMENTS
        )


def test_the_story_has_what_the_pages_show(told):
    with inside(told):
        open_ones = Blocker.objects.filter(resolved_at=None)

        assert (open_ones.count(), Blocker.objects.count()) == (2, 3)
        assert (ProgressUpdate.objects.count(), QaRun.objects.count()) == (6, 13)
        assert (ChangeRequest.objects.count(), WorkItem.objects.count()) == (5, 26)
        assert WorkItem.objects.filter(state=WorkState.DONE).count() == 15
        assert Milestone.objects.filter(stage=Stage.EXECUTION).count() == 5


def test_a_plan_of_the_demo_is_under_control(told):
    with inside(told):
        plan = Milestone.objects.filter(project__name=demo.SHOWN)
        decided = DecisionRequest.objects.filter(state=RequestState.DECIDED)

        stages = list(plan.values_list("stage", flat=True))
        assert (len(stages), stages.count(Stage.CLOSEOUT), stages.count(Stage.CLOSED)) == (20, 1, 3)
        assert (plan.filter(stage=Stage.REVIEW).count(), plan.get(code="2.1").colour) == (1, Colour.AT_RISK)
        assert sorted(decided.values_list("kind", flat=True)) == ["change", *["review"] * 5]
        assert DateMove.objects.exclude(root=None).count() == 14
        assert set(Notice.objects.values_list("kind", "state")) == {
            ("completion", "sent"),
            ("proof_packet", "sent"),
            ("date_move", "sent"),
            ("early_warning", "sent"),
            ("status_update", "sent"),
            ("miss", "draft"),
        }


def test_what_the_client_is_asked_is_still_as_it_was_shown(told):
    with inside(told):
        waiting = list(DecisionRequest.objects.filter(state=RequestState.PENDING))

        assert len(waiting) == 2
        assert [question.question for question in waiting if is_outdated(question)] == []


def test_the_decision_address_is_of_the_question_that_waits(told):
    address = demo.decision_address(told.pk)

    with inside(told):
        question = DecisionRequest.objects.get(kind=RequestKind.REVIEW, state=RequestState.PENDING)
        assert address == address_of(Link.objects.get(pk=question.link_id))


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_its_packets_are_short_enough_to_be_read(told, paper):
    with inside(told):
        packets = list(ProofPacket.objects.filter(state=PacketState.PUBLISHED))

    pages = [pages_of(pdf_of(packet.content, paper)) for packet in packets]

    assert len(pages) > 0
    assert [number for number in pages if number > 6] == []


def test_nothing_is_told_of_the_future(told):
    with inside(told):
        assert not Blocker.objects.filter(opened_at__gt=NOW).exists()
        assert not ProgressUpdate.objects.filter(at__gt=NOW).exists()
        assert not QaRun.objects.filter(at__gt=NOW).exists()


def test_the_people_of_the_demo_are_members(told):
    with inside(told):
        roles = dict(Membership.objects.values_list("user__email", "role"))

    assert roles == {email: role for email, _, role in demo.PEOPLE}


def test_the_portal_address_leads_to_the_shown_project(told, client):
    address = demo.portal_address(told.pk)

    response = client.get("/" + address.split("/", 3)[3])

    assert (response.status_code, demo.SHOWN in response.content.decode()) == (200, True)
