"""Settings → Delivery e-mail: words with placeholders, a preview, and the way back."""

import pytest
from django.test import Client
from django.urls import reverse

from proofs import delivery_letters as letters
from proofs.models import DeliveryTemplate
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.web.conftest import page
from workspaces.models import Membership, Role

AT = "/w/studio/settings/delivery/"
MINE = {"subject": "{client}: ready", "body": "Dear {contact}, see {packet}.", "version": "0"}


def _kept(studio):
    with inside(studio):
        return list(DeliveryTemplate.objects.values_list("subject", "body"))


def test_the_shipped_words_stand_first_with_a_preview(founder):
    said = page(founder.get(AT))

    assert "{milestone}: what was delivered, and the proof" in said
    assert "Onboarding dashboard published: what was delivered, and the proof" in said
    assert "these are the shipped words" in said
    assert "Go back to the shipped words" not in said


def test_words_are_saved_and_shown(founder, studio):
    response = founder.post(AT, MINE)

    assert response.status_code == 302
    assert _kept(studio) == [(MINE["subject"], MINE["body"])]
    assert "Northwind: ready" in page(founder.get(AT))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"body": "{nobody}"}, "{nobody} is not known"),
        ({"subject": "{packet}"}, "{packet} is an address"),
        ({"subject": ""}, "This field is required"),
        ({"body": "x\u202ey"}, "invisible character"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field(founder, studio, wrong, said):
    response = founder.post(AT, MINE | wrong)

    assert response.status_code == 422
    assert said in page(response)
    assert _kept(studio) == []


@pytest.mark.parametrize("way", ["script", "button"])
def test_a_preview_shows_what_is_typed_and_saves_nothing(founder, studio, way):
    at, typed = (
        (reverse("preview_delivery", args=["studio"]), MINE)
        if way == "script"
        else (AT, MINE | {"preview": "y"})
    )

    response = founder.post(at, typed | {"body": "Dear {contact} <script>alert(1)</script>"})

    said = page(response)
    assert response.status_code == 200
    assert "Dear Carla Client &lt;script&gt;" in said
    assert "How confident are you in this work?" in said
    assert _kept(studio) == []


def test_a_preview_names_what_is_not_known(founder):
    response = founder.post(reverse("preview_delivery", args=["studio"]), MINE | {"body": "{x}"})

    assert "{x} is not known" in page(response)


def test_the_shipped_words_come_back(founder, studio):
    founder.post(AT, MINE)

    founder.post(AT, MINE | {"reset": "yes", "version": "1"})

    assert _kept(studio) == []
    assert letters.SUBJECT in page(founder.get(AT))


def test_words_that_somebody_saved_meanwhile_are_not_overwritten(founder, studio):
    founder.post(AT, MINE)

    response = founder.post(AT, MINE | {"subject": "Other"})

    assert response.status_code == 409
    assert _kept(studio) == [(MINE["subject"], MINE["body"])]


def test_words_that_somebody_saved_meanwhile_stay(founder, studio):
    founder.post(AT, MINE)
    founder.post(AT, MINE | {"subject": "Other", "version": "1"})

    response = founder.post(AT, MINE | {"reset": "yes", "version": "1"})

    assert response.status_code == 409
    assert "was changed by someone else meanwhile" in page(response)
    assert _kept(studio) == [("Other", MINE["body"])]


def test_only_an_owner_words_it(studio, founder):
    ben = factories.person("ben@studio.example", "Ben")
    with inside(studio):
        Membership.objects.create(user=ben, role=Role.MEMBER, joined_at=MONDAY)
    member = Client()
    member.force_login(ben)

    assert [member.get(AT).status_code, member.post(AT, MINE).status_code] == [403, 403]
    assert _kept(studio) == []
