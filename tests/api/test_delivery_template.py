"""The words of the delivery e-mail by API: read, set, held against their version, given back."""

import pytest
from django.test import Client

from proofs import delivery_letters as letters
from proofs.models import DeliveryTemplate
from tenancy.door import inside
from tests.api.conftest import Caller
from workspaces.models import Membership, Role, Scope

AT = "delivery-template"


def test_the_shipped_words_stand_until_others_are_set(caller):
    answer = caller.get(AT)

    body = answer.json()
    assert (body["subject"], body["body"]) == (letters.SUBJECT, letters.BODY)
    assert (body["is_shipped"], body["version"]) == (True, 0)
    assert [each["name"] for each in body["placeholders"]] == list(letters.PLACEHOLDERS)


def test_half_of_the_words_are_set_and_given_back(caller, studio):
    set_to = caller.patch(AT, {"subject": "Done: {milestone}"})
    reset = caller.post(f"{AT}/reset")

    assert (set_to.status_code, set_to.json()["subject"]) == (200, "Done: {milestone}")
    assert (set_to.json()["body"], set_to.json()["is_shipped"]) == (letters.BODY, False)
    assert (reset.status_code, reset.json()["is_shipped"]) == (200, True)
    with inside(studio):
        assert not DeliveryTemplate.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": "For {kontact}"}, "subject"),
        ({"subject": "See {packet}"}, "subject"),
        ({"body": "Hello {contact"}, "body"),
        ({"body": ""}, "body"),
        ({"subject": "x" * 201}, "subject"),
        ({"placeholders": []}, "placeholders"),
    ],
)
def test_words_that_cannot_be_sent_are_refused_at_their_field(caller, studio, body, field):
    answer = caller.patch(AT, body)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    with inside(studio):
        assert not DeliveryTemplate.objects.exists()


def test_what_somebody_set_meanwhile_is_not_overwritten(caller):
    caller.patch(AT, {"subject": "First"})
    seen = caller.get(AT)["ETag"]
    caller.patch(AT, {"subject": "Theirs"})

    answers = [
        caller.patch(AT, {"subject": "Mine"}, If_Match=seen),
        caller.post(f"{AT}/reset", If_Match=seen),
    ]

    assert [answer.status_code for answer in answers] == [412, 412]
    assert caller.get(AT).json()["subject"] == "Theirs"


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 200), (Role.MEMBER, 403), (Role.VIEWER, 403)])
def test_of_people_only_an_owner_words_it(studio, by, ada, role, status):
    with inside(studio):
        Membership.objects.filter(user=ada).update(role=role)
    person = Caller(client=Client())
    person.client.force_login(ada)

    answers = [person.patch(AT, {"subject": "Ours"}), person.post(f"{AT}/reset")]

    assert [answer.status_code for answer in answers] == [status, status]


def test_it_takes_the_scope_of_packets(studio, caller_in):
    assert caller_in(studio, Scope.DELIVERY).patch(AT, {"subject": "Ours"}).status_code == 403
