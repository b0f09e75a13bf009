"""The tab “Proof” and the list of packets."""

from django.urls import reverse

from tenancy.door import inside
from tests import factories


def test_the_tab_shows_every_part(founder, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_execution(by)

    response = founder.get(reverse("milestone_proof", args=["studio", milestone.pk]))

    assert response.status_code == 200


def test_the_list_says_that_nothing_is_there_yet(founder):
    response = founder.get(reverse("proof", args=["studio"]))

    assert "No packet yet" in response.content.decode()
