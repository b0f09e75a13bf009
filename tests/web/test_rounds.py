"""The review tab of a milestone: preparing a round, sending it, and what each one ended in."""

import pytest

from milestones.actions import comments
from milestones.models import ChangeRequest, Comment, Contact, DecisionRequest, Milestone, Review
from milestones.words import RequestState, Stage
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import answer, by_link, pending
from tests.web.conftest import page

WRITTEN = {
    "ask": "acceptance",
    "question": "Do you accept it?",
    "context": "",
    "caveats": "none",
    "decide_by": "2026-03-09T17:00",
    "first_outcome": "needs_revisions",
    "second_outcome": "blocked_by_dependency",
    "recommended": "",
}


@pytest.fixture
def milestone(studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_qa(by)
        factories.checklist_run(milestone)
        return milestone


def _at(milestone, then=""):
    return f"/w/studio/milestones/{milestone.pk}/review/{then}"


def test_the_question_stands_there_ready_to_be_sent(founder, milestone):
    said = page(founder.get(_at(milestone)))

    assert "Do you accept “Onboarding dashboard published” as delivered?" in said.replace("&quot;", '"')
    assert 'value="2026-03-09T17:00"' in said
    assert "from round 1 on" in said


def test_a_question_is_kept_then_sent_through_the_gate(founder, studio, milestone):
    founder.post(_at(milestone, "prepare"), WRITTEN)
    with inside(studio):
        kept = DecisionRequest.objects.get().state

    response = founder.post(_at(milestone, "send"))

    assert kept == RequestState.DRAFT
    assert response.status_code == 302
    with inside(studio):
        assert pending(milestone).question == "Do you accept it?"
        assert Milestone.objects.get().stage == Stage.REVIEW


def test_a_vague_question_is_refused_beside_its_field(founder, studio, milestone):
    response = founder.post(_at(milestone, "prepare"), {**WRITTEN, "question": "Let us know what you think"})

    assert response.status_code == 422
    assert "asks for nothing that can be decided" in page(response)
    with inside(studio):
        assert not Review.objects.exists()


def test_a_dependency_decision_offers_two_ways_on(founder, studio, milestone):
    ways = {
        "ask": "dependency_decision",
        "first_answer": "Deliver without the feed",
        "first_follows": "The work goes on without it.",
        "second_answer": "Wait for the feed",
        "second_follows": "The date moves.",
        "recommended": "first",
    }

    founder.post(_at(milestone, "prepare"), {**WRITTEN, **ways})

    with inside(studio):
        kept = DecisionRequest.objects.get()
    assert [option["code"] for option in kept.options] == ["needs_revisions", "blocked_by_dependency"]
    assert kept.recommended == "needs_revisions"
    assert 'value="Wait for the feed"' in page(founder.get(_at(milestone)))


def test_no_way_on_of_a_dependency_decision_accepts(founder, studio, milestone):
    ways = {"ask": "dependency_decision", "first_outcome": "approved"}

    response = founder.post(_at(milestone, "prepare"), {**WRITTEN, **ways})

    assert response.status_code == 422
    assert '<option value="approved"' not in page(response)
    with inside(studio):
        assert not Review.objects.exists()


def test_whoever_else_is_asked_is_named_with_the_question(founder, studio, milestone):
    with inside(studio):
        carla = Contact.objects.get(name="Carla Client")

    founder.post(_at(milestone, "prepare"), {**WRITTEN, "reviewers": [str(carla.pk)]})

    assert "Carla Client: to be invited" in page(founder.get(_at(milestone)))


def test_what_the_gate_misses_is_listed_and_nothing_is_sent(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_qa(by)
    founder.post(_at(milestone, "prepare"), WRITTEN)

    response = founder.post(_at(milestone, "send"))

    assert response.status_code == 409
    assert "The gate to review is closed" in page(response)
    with inside(studio):
        assert DecisionRequest.objects.get().state == RequestState.DRAFT


def test_sending_what_is_not_prepared_is_refused(founder, milestone):
    response = founder.post(_at(milestone, "send"))

    assert response.status_code == 409
    assert "No review is prepared" in page(response)


def test_sending_what_was_sent_says_that_it_waits(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_review(by)

    response = founder.post(_at(milestone, "send"))

    assert response.status_code == 409
    assert "This round was sent already; it waits for its answer." in page(response)


def test_a_round_says_what_it_ended_in(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_review(by)
        answer(pending(milestone), "needs_revisions", comment="Two figures are missing.")

    said = page(founder.get(_at(milestone)))

    assert "Needs revisions" in said
    assert "Two figures are missing." in said
    assert "Dan Decider: It needs revisions" in said


def test_an_ask_among_the_words_becomes_a_change_request_once(founder, studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_review(by)
        dan = Contact.objects.get(name="Dan Decider")
        said = comments.add(milestone.pk, text="Also in Excel", contact=dan, by=by_link(dan), now=MONDAY)
    address = f"/w/studio/comments/{said.pk}/queue"
    form = {"title": "Export to Excel", "version": said.version}

    first, second = founder.post(address, form), founder.post(address, form)

    assert (first.status_code, second.status_code) == (302, 409)
    with inside(studio):
        request = ChangeRequest.objects.get()
        assert (request.title, request.asked_by) == ("Export to Excel", "Dan Decider")
        assert Comment.objects.get().change_request_id == request.pk
    assert "in the change queue" in page(founder.get(_at(milestone)))
