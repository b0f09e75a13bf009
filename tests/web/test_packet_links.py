"""The addresses of packets on the milestone's tab: shown to who may write, given anew, revoked, replaced."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from milestones.queries.packets import served
from proofs.actions import packets
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import publish
from tests.web.conftest import page
from workspaces.actions import address_of, revoke_link
from workspaces.models import Link, Membership, Purpose, Role


@pytest.fixture
def milestone(studio, by, wednesday):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        publish(milestone, by)
        milestone.refresh_from_db()
        return milestone


@pytest.fixture
def link(studio, milestone):
    with inside(studio):
        return Link.objects.get(purpose=Purpose.PROOF)


def _tab(milestone):
    return reverse("milestone_proof", args=["studio", milestone.pk])


def _act(founder, name, link):
    return founder.post(reverse(name, args=["studio", link.pk]), follow=True)


def _path(studio, link):
    with inside(studio):
        link.refresh_from_db()
        return urlsplit(address_of(link)).path


def test_the_tab_shows_the_address_of_the_packet(founder, studio, milestone, link):
    assert _path(studio, link) in page(founder.get(_tab(milestone)))


def test_a_correction_says_where_to_make_a_new_address(founder, studio, by, milestone, link):
    with inside(studio):
        packets.correct(milestone.pk, correction="A typo.", by=by, now=MONDAY)
    place = f'href="{_tab(milestone)}#packet-links"'

    before = page(founder.get(_tab(milestone)))
    _act(founder, "revoke_packet_link", link)
    after = page(founder.get(_tab(milestone)))

    assert (place in before, place in after) == (False, True)


def test_a_viewer_does_not_see_the_address(studio, milestone, link):
    vera, client = factories.person("vera@studio.example", "Vera"), Client()
    with inside(studio):
        Membership.objects.create(user=vera, role=Role.VIEWER, joined_at=MONDAY)
    client.force_login(vera)

    shown = page(client.get(_tab(milestone)))

    assert "Links to the packets" in shown
    assert "/proof/" not in shown.replace(_tab(milestone), "").replace("/w/studio/proof/", "")


def test_a_new_address_ends_the_one_before_and_the_record_leads_to_it(
    founder, client, studio, milestone, link
):
    old = _path(studio, link)

    answer = _act(founder, "rotate_packet_link", link)

    new = _path(studio, link)
    with inside(studio):
        recorded = served([milestone.proof_packet_url])[milestone.proof_packet_url]
    assert "has a new address" in page(answer)
    assert (client.get(old).status_code, client.get(new).status_code) == (410, 200)
    assert urlsplit(recorded).path == new != old


def test_a_revoked_link_opens_nothing_and_the_packet_stays_published(
    founder, client, studio, milestone, link
):
    path = _path(studio, link)

    answer = _act(founder, "revoke_packet_link", link)

    assert "was revoked" in page(answer)
    assert "Make a new link" in page(answer)
    assert client.get(path).status_code == 410
    with inside(studio):
        milestone.refresh_from_db()
        assert milestone.proof_packet_url


def test_a_new_link_takes_the_place_of_a_revoked_one(founder, client, studio, by, milestone, link):
    with inside(studio):
        revoke_link(link, by=by, now=MONDAY)

    _act(founder, "reopen_packet_link", link)

    with inside(studio):
        made = Link.objects.get(purpose=Purpose.PROOF, revoked_at=None)
        milestone.refresh_from_db()
        recorded = served([milestone.proof_packet_url])[milestone.proof_packet_url]
    path = _path(studio, made)
    assert made.recipient_name == link.recipient_name
    assert client.get(path).status_code == 200
    assert urlsplit(recorded).path == path


def test_a_second_link_beside_one_that_works_is_refused(founder, studio, milestone, link):
    answer = _act(founder, "reopen_packet_link", link)

    assert answer.status_code == 409
    assert "The packet has a link that works." in page(answer)


@pytest.mark.parametrize("name", ["rotate_packet_link", "revoke_packet_link"])
def test_a_revoked_link_is_revoked_once(founder, studio, by, milestone, link, name):
    with inside(studio):
        revoke_link(link, by=by, now=MONDAY)

    answer = _act(founder, name, link)

    assert answer.status_code == 409
    assert "revoked" in page(answer)


@pytest.mark.parametrize("purpose", [Purpose.PORTAL, Purpose.CONFIDENCE, Purpose.DECISION])
def test_links_of_other_kinds_are_not_found_here(founder, studio, link, purpose):
    with inside(studio):
        Link.objects.filter(pk=link.pk).update(purpose=purpose)

    assert _act(founder, "revoke_packet_link", link).status_code == 404
