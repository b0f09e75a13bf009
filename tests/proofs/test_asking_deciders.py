"""Deciders whose answer came another way than by their link: asked once, by mail, while it is fresh."""

from datetime import timedelta

import pytest

from journal.letters import message
from journal.models import Delivery
from milestones.actions import decisions
from milestones.models import Milestone
from milestones.words import ApprovalChannel
from proofs.models import Confidence
from proofs.sweeps.confidence import FRESH, ask_deciders
from proofs.words import AskedAbout
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import asked
from workspaces.actions import address_of
from workspaces.models import Link

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def workspace(ada):
    return factories.workspace(ada)


def noted(milestone, by):
    """A decision that came by e-mail and was written down by the team."""
    Milestone.objects.filter(pk=milestone.pk).update(approval_channel=ApprovalChannel.EMAIL)
    request = asked(Milestone.objects.get(pk=milestone.pk), by)
    said = {"option": "vendor", "name": "Dan Decider", "evidence": "Mail of 2 March: “We wait.”"}
    return decisions.record(request.pk, **said, channel=ApprovalChannel.EMAIL, by=by, now=MONDAY)


def test_whose_answer_came_by_mail_is_asked_by_mail_once(workspace, by):
    with inside(workspace):
        decision = noted(factories.milestone_in_execution(by), by)

    looked_at = [ask_deciders(now=LATER) for _ in range(2)]

    with inside(workspace):
        question = Confidence.objects.get()
        sent = message(Delivery.objects.get(kind="confidence_asked"))
        address = address_of(Link.objects.get(pk=question.link_id))
    assert looked_at == [1, 0]
    assert (question.subject_id, question.about) == (decision.pk, AskedAbout.DECISION)
    assert f"Say how confident you are:\n{address}" in sent.body
    assert "You answered question 1 about “Onboarding dashboard published”." in sent.body


def test_what_was_taken_back_meanwhile_is_not_asked_about(workspace, by):
    with inside(workspace):
        decision = noted(factories.milestone_in_execution(by), by)
        decisions.countermand(decision.pk, reason="It was another question.", by=by, now=MONDAY)

    ask_deciders(now=LATER)

    with inside(workspace):
        assert not Confidence.objects.exists()


def test_an_answer_behind_a_link_is_asked_on_its_receipt_alone(workspace, by):
    with inside(workspace):
        factories.milestone_in_closeout(by)

    assert ask_deciders(now=LATER) == 0


def test_what_was_decided_long_ago_is_not_asked_about(workspace, by):
    with inside(workspace):
        noted(factories.milestone_in_execution(by), by)

    assert ask_deciders(now=MONDAY + FRESH) == 0
    assert ask_deciders(now=MONDAY + FRESH - timedelta(seconds=1)) == 1
