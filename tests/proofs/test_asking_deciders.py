"""Whoever decides is asked with the decision itself, whichever way it came: on the receipt, or by mail."""

import pytest

from journal.letters import message
from journal.models import Delivery, Event, State
from milestones.actions import decisions
from milestones.models import Decision, Milestone
from milestones.words import ApprovalChannel, RequestState
from proofs.models import Confidence
from proofs.words import AskedAbout
from tenancy.door import inside
from tenancy.refusal import Refused
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import asked
from workspaces.actions import address_of
from workspaces.models import Link


def noted(milestone, by):
    """A decision that came by e-mail and was written down by the team."""
    Milestone.objects.filter(pk=milestone.pk).update(approval_channel=ApprovalChannel.EMAIL)
    request = asked(Milestone.objects.get(pk=milestone.pk), by)
    said = {"option": "vendor", "name": "Dan Decider", "evidence": "Mail of 2 March: “We wait.”"}
    return decisions.record(request.pk, **said, channel=ApprovalChannel.EMAIL, by=by, now=MONDAY)


def letters():
    return Delivery.objects.filter(kind="confidence_asked")


def test_whose_answer_came_by_mail_is_asked_by_mail(studio, by):
    decision = noted(factories.milestone_in_execution(by), by)

    question = Confidence.objects.get()
    sent = message(letters().get())
    address = address_of(Link.objects.get(pk=question.link_id))
    assert (question.subject_id, question.about) == (decision.pk, AskedAbout.DECISION)
    assert f"Say how confident you are:\n{address}" in sent.body
    assert "You answered question 1 about “Onboarding dashboard published”." in sent.body


def test_who_answered_behind_a_link_is_asked_on_the_receipt_alone(studio, by):
    factories.milestone_in_closeout(by)

    assert Confidence.objects.get().subject_id == Decision.objects.get().pk
    assert not letters().exists()


def test_the_question_stands_in_the_journal_after_the_decision(studio, by):
    decision = noted(factories.milestone_in_execution(by), by)

    kinds = ["decision.made", "confidence.asked"]
    assert list(Event.objects.filter(kind__in=kinds).order_by("seq").values_list("kind", flat=True)) == kinds
    assert Event.objects.get(kind="decision.made").subject_id == decision.pk


def test_of_what_is_taken_back_no_letter_leaves(studio, by):
    decision = noted(factories.milestone_in_execution(by), by)

    decisions.countermand(decision.pk, reason="It was another question.", by=by, now=MONDAY)

    assert letters().get().state == State.WITHDRAWN
    assert Confidence.objects.count() == 1


def test_an_answer_that_is_refused_asks_nobody(studio, by):
    request = asked(factories.milestone_in_execution(by), by)

    said = {"option": "vendor", "name": "Dan", "evidence": "Mail.", "channel": ApprovalChannel.EMAIL}
    with pytest.raises(Refused), inside(studio):
        decisions.record(request.pk, **said, by=by, now=MONDAY)

    request.refresh_from_db()
    assert request.state == RequestState.PENDING
    assert not Confidence.objects.exists()
