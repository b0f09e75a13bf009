"""An approval blocker on its milestone's page: two options for the client's approver."""

from django.urls import reverse

from escalation.actions import open_blocker
from escalation.models import Blocker, BlockerType
from milestones.models import DecisionRequest
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import page

WAYS = {
    "question": "Which logo do we go live with?",
    "first_label": "Wait for the new one",
    "first_consequence": "Every page carries it.",
    "first_days": "2",
    "second_label": "Take the old one",
    "second_consequence": "It is exchanged afterwards.",
    "second_days": "0",
    "recommended": "second",
    "decide_by": "2026-03-06T17:00",
}
OPENED = {"title": "No logo", "type": "approval", "severity": "normal"}


def address(name, row):
    return reverse(name, args=["studio", row.pk])


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


@scene
def blocker(studio, milestone, by):
    with inside(studio):
        return open_blocker(milestone.pk, type=BlockerType.APPROVAL, title="No logo", by=by, now=MONDAY)


def count(studio, model):
    with inside(studio):
        return model.objects.count()


def test_the_approver_is_asked_from_the_blocker(founder, studio, milestone, blocker):
    response = founder.post(address("ask_about_blocker", blocker), {**WAYS, "version": 1}, follow=True)

    assert "The client is asked about blocker 1." in page(response)
    assert "Which logo do we go live with?" in page(response)
    assert address("ask_about_blocker", blocker) not in page(response)
    with inside(studio):
        assert DecisionRequest.objects.get().options[0]["consequence"].endswith("to 17 March 2026.")


def test_half_a_choice_comes_back_with_what_was_typed(founder, studio, blocker):
    response = founder.post(address("ask_about_blocker", blocker), {**WAYS, "second_label": "", "version": 1})

    [shown] = response.context["blockers"]
    assert response.status_code == 422
    assert list(shown["ask"].errors) == ["second_label"]
    assert shown["ask"]["first_label"].value() == "Wait for the new one"


def test_a_blocker_opens_with_its_question(founder, studio, milestone):
    founder.post(address("open_blocker", milestone), {**OPENED, **WAYS})

    with inside(studio):
        assert Blocker.objects.get().decision_request == DecisionRequest.objects.get()


def test_a_blocker_opens_without_a_question(founder, studio, milestone):
    untouched = {
        "first_days": "0",
        "second_days": "0",
        "recommended": "first",
        "decide_by": WAYS["decide_by"],
    }

    founder.post(address("open_blocker", milestone), {**OPENED, **untouched})

    assert (count(studio, Blocker), count(studio, DecisionRequest)) == (1, 0)


def test_what_is_begun_of_a_question_is_finished(founder, studio, milestone):
    response = founder.post(address("open_blocker", milestone), {**OPENED, "question": WAYS["question"]})

    assert response.status_code == 422
    assert {"first_label", "second_consequence", "decide_by"} < set(response.context["blocker_form"].errors)
    assert count(studio, Blocker) == 0


def test_a_question_about_another_type_is_refused_whole(founder, studio, milestone):
    response = founder.post(address("open_blocker", milestone), {**OPENED, **WAYS, "type": "input"})

    assert response.status_code == 409
    assert count(studio, Blocker) == 0
