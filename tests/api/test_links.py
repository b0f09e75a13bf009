"""Links by API: an address is shown once, changed, ended, and made anew for a packet."""

from urllib.parse import urlsplit

import pytest

from milestones.actions.engagements import archive
from milestones.models import Contact
from proofs.actions.links import opened
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from workspaces.models import Link, Purpose, Scope

SERVED = {
    *("id", "purpose", "subject_id", "recipient_id", "recipient_name"),
    *("generation", "created_at", "revoked_at", "last_seen_at"),
}


@scene
def made(studio, by):
    with inside(studio):
        return factories.engagement(by)


@scene
def packet_link(studio, made, by):
    with inside(studio):
        return opened(Purpose.PROOF, made.milestone, by=by, now=MONDAY)


def make(caller, made, **body):
    return caller.post(f"projects/{made.project.pk}/links", {"purpose": "portal", **body})


def status(client, address):
    return client.get(urlsplit(address).path).status_code


@pytest.mark.parametrize(("purpose", "path"), [("portal", "/p/"), ("calendar", "/cal/")])
def test_an_address_is_shown_once_and_opens(caller, client, made, purpose, path):
    answer = make(caller, made, purpose=purpose)

    body = answer.json()
    served = caller.get(f"links/{body['id']}").json()
    assert (answer.status_code, set(body), set(served)) == (201, {*SERVED, "address"}, SERVED)
    assert (body["subject_id"], body["recipient_id"]) == (str(made.project.pk), None)
    assert body["recipient_name"] == made.account.name
    assert path in body["address"]
    assert status(client, body["address"]) == 200


def test_a_link_is_for_the_contact_that_is_named(caller, studio, made):
    with inside(studio):
        dan = Contact.objects.get(email="dan@client.example")

    body = make(caller, made, contact_id=str(dan.pk)).json()

    assert (body["recipient_id"], body["recipient_name"]) == (str(dan.pk), dan.name)


def test_somebody_of_another_client_gets_no_link(caller, studio, made, by):
    with inside(studio):
        other = factories.engagement(by, account_name="Southwind", external_ref="2")
        stranger = Contact.objects.filter(account=other.account).first()

    answer = make(caller, made, contact_id=str(stranger.pk))

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["contact_id"])
    with inside(studio):
        assert not Link.objects.exists()


@pytest.mark.parametrize("purpose", ["proof", "invitation", ""])
def test_only_portal_and_calendar_are_opened_this_way(caller, made, purpose):
    assert make(caller, made, purpose=purpose).status_code == 400


def test_an_archived_project_gets_no_link(caller, studio, made, by):
    with inside(studio):
        archive(made.project.pk, by=by, now=MONDAY)

    answer = make(caller, made)

    assert (answer.status_code, answer.json()["code"]) == (409, "project_archived")


def test_a_new_address_ends_the_one_before(caller, client, made):
    first = make(caller, made).json()

    second = caller.post(f"links/{first['id']}/rotate").json()

    assert (second["id"], second["generation"]) == (first["id"], 2)
    assert (status(client, first["address"]), status(client, second["address"])) == (410, 200)


def test_a_revoked_link_ends_for_good(caller, client, made):
    link = make(caller, made).json()

    revoked = caller.post(f"links/{link['id']}/revoke")
    again = [caller.post(f"links/{link['id']}/{step}").status_code for step in ("revoke", "rotate")]

    assert (revoked.status_code, revoked.json()["revoked_at"] is not None) == (200, True)
    assert "address" not in revoked.json()
    assert (status(client, link["address"]), again) == (410, [409, 409])


def test_the_lists_keep_links_of_packets_apart(caller, made, packet_link):
    portal = make(caller, made).json()

    lists = [
        [row["id"] for row in caller.get(name, asked).json()["results"]]
        for name, asked in (
            ("links", {}),
            ("links", {"purpose": "calendar"}),
            ("links", {"subject_id": str(made.project.pk)}),
            ("packet-links", {}),
            ("packet-links", {"subject_id": str(made.project.pk)}),
        )
    ]

    packet = [str(packet_link.pk)]
    assert lists == [[portal["id"]], [], [portal["id"]], packet, []]


def test_a_packets_link_is_no_link_of_a_project(caller, packet_link):
    assert caller.post(f"links/{packet_link.pk}/revoke").status_code == 404
    assert caller.post(f"packet-links/{packet_link.pk}/revoke").status_code == 200


def test_a_revoked_link_of_a_packet_is_made_anew(caller, packet_link):
    standing = caller.post(f"packet-links/{packet_link.pk}/reissue")
    caller.post(f"packet-links/{packet_link.pk}/revoke")

    answer = caller.post(f"packet-links/{packet_link.pk}/reissue")

    body = answer.json()
    assert (standing.status_code, answer.status_code) == (409, 201)
    assert (body["id"] != str(packet_link.pk), body["revoked_at"]) == (True, None)
    assert "/proof/" in body["address"]


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        (Scope.PROJECTS, "packet-links", 403),
        (Scope.PROOFS, "packet-links", 200),
    ],
)
def test_links_of_packets_take_the_scope_of_packets(studio, caller_in, packet_link, scope, path, status):
    caller = caller_in(studio, scope)

    assert caller.post(f"{path}/{packet_link.pk}/rotate").status_code == status


def test_links_of_projects_take_the_scope_of_projects(studio, caller_in, made):
    answers = [make(caller_in(studio, scope), made).status_code for scope in (Scope.PROOFS, Scope.PROJECTS)]

    assert answers == [403, 201]


def test_links_of_an_archived_project_are_revoked_but_not_renewed(caller, studio, made, by, packet_link):
    paths = [f"links/{make(caller, made).json()['id']}", f"packet-links/{packet_link.pk}"]
    with inside(studio):
        archive(made.project.pk, by=by, now=MONDAY)

    renewed = [caller.post(f"{path}/rotate") for path in paths]
    revoked = [caller.post(f"{path}/revoke").status_code for path in paths]

    assert [(each.status_code, each.json()["code"]) for each in renewed] == [(409, "project_archived")] * 2
    assert revoked == [200, 200]
