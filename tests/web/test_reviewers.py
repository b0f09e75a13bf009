"""Behind a reviewer's link: they look and comment, and decide nothing."""

from urllib.parse import urlsplit

import pytest

from journal.models import Delivery, Event
from milestones.actions import requests, reviews
from milestones.actions.stages import move
from milestones.models import Comment, Contact, Project, Reviewer
from milestones.words import Ask, RequestState, Stage
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.milestones.asking import FRIDAY, answer, pending
from tests.web.conftest import page
from workspaces.actions import address_of
from workspaces.models import Link, Purpose


@pytest.fixture
def question(studio, by, wednesday):
    """What the approver is asked while Carla looks too."""
    with inside(studio):
        milestone = factories.milestone_cleared(by)
        Project.objects.update(feedback_route="Ada collects everything until Thursday.")
        reviews.prepare(
            milestone.pk,
            ask=Ask.ACCEPTANCE,
            question="Do you accept the dashboard?",
            caveats="none",
            decide_by=FRIDAY,
            reviewers=[Contact.objects.get(name="Carla Client")],
            by=by,
            now=MONDAY,
        )
        move(milestone.pk, Stage.REVIEW, by=by, now=MONDAY)
        return pending(milestone)


@pytest.fixture
def at(studio, question):
    with inside(studio):
        return urlsplit(address_of(Link.objects.get(purpose=Purpose.REVIEW))).path


def test_a_reviewer_reads_what_is_asked_and_who_decides(client, at):
    said = page(client.get(at))

    assert "Do you accept the dashboard?" in said
    assert "Your comments go to Ada Agency; Dan Decider decides." in said
    assert "Ada collects everything until Thursday." in said
    assert "Friday, 6 March 2026, 10:00 (Europe/Berlin)" in said
    assert 'name="option"' not in said


def test_a_comment_reaches_the_review_owner_and_decides_nothing(client, studio, at, question):
    response = client.post(f"{at}/comment", {"text": "The totals look odd."}, follow=True)

    assert "Thank you. Your comment went to Ada Agency." in page(response)
    assert "The totals look odd." in page(response)
    with inside(studio):
        assert Comment.objects.get().contact.name == "Carla Client"
        assert Reviewer.objects.get().answered_at
        assert Delivery.objects.get(kind="comment_added").address == "ada@studio.example"
        assert pending(question.milestone).state == RequestState.PENDING


def test_looking_and_pressing_what_stands_there_changes_nothing(client, studio, at):
    with inside(studio):
        before = Event.objects.count()

    looked = [client.get(at), client.head(at), client.get(f"{at}/comment", follow=True)]
    pressed = client.post(f"{at}/comment", {"text": ""})

    assert {response.status_code for response in looked} == {200}
    assert pressed.status_code == 422
    with inside(studio):
        assert Event.objects.count() == before


def test_a_reviewers_link_opens_no_decision(client, at):
    token = at.removeprefix("/r/")

    assert client.get(f"/d/{token}").status_code == 404
    assert client.post(f"/d/{token}/answer", {"option": "approved"}).status_code == 404


def _withdraw(question, by):
    requests.withdraw(question.pk, "Too early", by=by, now=MONDAY)


def _decide(question, by):
    answer(question)


def _archive(question, by):
    Project.objects.update(archived_at=MONDAY)


@pytest.mark.parametrize("end", [_withdraw, _decide, _archive])
def test_when_nothing_is_asked_any_more_comments_are_over(client, studio, by, at, question, end):
    with inside(studio):
        end(question, by)

    responses = client.get(at), client.post(f"{at}/comment", {"text": "Too late"})

    assert [response.status_code for response in responses] == [410, 410]
    assert not any("dashboard" in page(response) for response in responses)


def test_a_newer_question_is_shown_at_the_same_link(client, studio, by, at, question):
    with inside(studio):
        requests.replace(question.pk, decide_by=FRIDAY, question="Do you agree now?", by=by, now=MONDAY)

    assert "Do you agree now?" in page(client.get(at))
