"""A form that is sent twice, by Back or an impatient hand, is done once."""

import re

import pytest
from django.urls import reverse

from escalation.models import Blocker
from milestones.models import ChangeRequest, ProgressUpdate, QaRun
from tenancy.door import inside
from tests import factories
from tests.plugins.scenes import scene
from tests.web.conftest import page
from web.repeats import SAID
from workspaces.models import ApiToken, Invitation

FORMS = {
    "record_progress": (ProgressUpdate, {"done": "Login works"}),
    "open_blocker": (Blocker, {"title": "Offices?", "type": "input", "severity": "normal"}),
    "record_qa": (QaRun, {"check_name": "Checklist", "score": "90"}),
    "queue_request": (ChangeRequest, {"title": "Export"}),
}


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


def _count(studio, model):
    with inside(studio):
        return model.objects.count()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_sent_twice_makes_one_row(founder, studio, milestone, name):
    model, typed = FORMS[name]
    address = reverse(name, args=["studio", milestone.pk])

    first, second = (founder.post(address, {**typed, "once": "k"}) for _ in range(2))

    assert _count(studio, model) == 1
    assert (first.url, second.status_code) == (second.url, 302)
    assert SAID in page(founder.get(second.url))


@pytest.mark.parametrize(
    ("name", "model", "typed"),
    [
        ("settings_members", Invitation, {"email": "ben@studio.example", "role": "member"}),
        ("settings_tokens", ApiToken, {"name": "n8n", "scopes": ["read"]}),
    ],
)
def test_settings_make_nothing_twice_either(founder, studio, name, model, typed):
    address = reverse(name, args=["studio"])

    answers = [founder.post(address, {**typed, "once": "k"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert _count(studio, model) == 1


@pytest.mark.parametrize("other", [{"once": "l"}, {"done": "Logout works"}])
def test_another_page_or_other_words_are_another_wish(founder, studio, milestone, other):
    address = reverse("record_progress", args=["studio", milestone.pk])
    typed = {"done": "Login works", "once": "k"}

    founder.post(address, typed)
    founder.post(address, {**typed, **other})

    assert _count(studio, ProgressUpdate) == 2


def test_a_refused_form_may_be_sent_again(founder, studio, milestone):
    address = reverse("record_progress", args=["studio", milestone.pk])

    answers = [founder.post(address, {"done": "", "once": "k"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 422]


def test_the_forms_of_a_page_carry_one_key_and_the_next_page_another(founder, milestone):
    address = reverse("milestone", args=["studio", milestone.pk])

    keys = [set(re.findall(r'name="once" value="([^"]+)"', page(founder.get(address)))) for _ in range(2)]

    assert [len(each) for each in keys] == [1, 1]
    assert keys[0] != keys[1]
