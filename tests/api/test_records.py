"""The record of a milestone: where its packets are, parts that are taken out again, its end."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from journal.actors import Recipient
from journal.letters import link_placeholder
from milestones.actions.endings import link_packets
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.models import Criterion, Dependency
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.publishing import complete
from workspaces.actions import address_of, make_link, revoke_link, rotate_link
from workspaces.models import Purpose

CLIENT = Recipient("contact", None, "Northwind", "")


def test_a_criterion_is_removed_against_the_version_that_was_read(caller, studio, in_execution):
    with inside(studio):
        first = Criterion.objects.get(position=1)

    stale = caller.post(f"criteria/{first.pk}/remove", {}, If_Match='"7"')
    removed = caller.post(f"criteria/{first.pk}/remove", {}, If_Match='"1"')
    gone = caller.get(f"criteria/{first.pk}")

    assert (stale.status_code, removed.status_code, gone.status_code) == (412, 200, 404)
    assert removed.json()["statement"] == first.statement


def test_a_dependency_is_removed(caller, studio, by, in_execution):
    with inside(studio):
        later = add_milestone(in_execution.project, {"code": "1.2", "name": "Later"}, by=by, now=MONDAY)
        row = add_dependency(later, in_execution, by=by, now=MONDAY)

    removed = caller.post(f"dependencies/{row.pk}/remove", {}, If_Match='"1"')

    assert removed.status_code == 200
    with inside(studio):
        assert not Dependency.objects.exists()


@scene
def proven(studio, by):
    """A milestone with a link to each of its packets, as publishing leaves it."""
    with inside(studio):
        return with_packets(factories.milestone_in_closeout(by), by)


def with_packets(milestone, by):
    links = [
        make_link(purpose, subject=milestone, to=CLIENT, by=by, now=MONDAY)
        for purpose in (Purpose.PROOF, Purpose.HANDOFF)
    ]
    kept = [link_placeholder(link.pk) for link in links]
    link_packets(milestone.pk, proof_packet_url=kept[0], handoff_packet_link=kept[1], by=by, now=MONDAY)
    return milestone, links


def packets_of(caller, milestone):
    said = caller.get(f"milestones/{milestone.pk}/record").json()
    return [said["proof_packet_url"], said["handoff_packet_link"]]


def addresses(studio, links):
    with inside(studio):
        return [address_of(link) for link in links]


def test_the_record_serves_the_addresses_of_its_packets(caller, studio, proven):
    milestone, links = proven

    (listed,) = caller.get("records").json()["results"]

    assert packets_of(caller, milestone) == addresses(studio, links)
    assert [listed["proof_packet_url"], listed["handoff_packet_link"]] == addresses(studio, links)


def test_a_new_address_is_served_and_a_revoked_one_stays_told(caller, studio, by, proven):
    milestone, links = proven
    with inside(studio):
        links = [rotate_link(links[0], by=by, now=MONDAY), revoke_link(links[1], by=by, now=MONDAY)]

    assert packets_of(caller, milestone) == addresses(studio, links)


def test_a_packet_whose_key_is_lost_has_no_address(caller, studio, proven, settings):
    settings.LINK_KEYS = [b"n" * 32]

    assert packets_of(caller, proven[0]) == [None, None]


def test_the_journal_and_the_milestone_serve_no_placeholder(caller, proven):
    told = [caller.get(path).content.decode() for path in ("events", "milestones", "records")]

    assert not [text for text in told if "{link:" in text]


def test_many_records_take_as_many_statements_as_one(caller, studio, by, proven):
    statements_of(caller)  # the first request of a token notes that it was used
    one = statements_of(caller)
    with inside(studio):
        for number in (2, 3):
            name = f"Client {number}"
            made = factories.milestone_in_closeout(by, account_name=name, project_name=name)
            with_packets(made, by)

    assert statements_of(caller) == one


def statements_of(caller):
    with CaptureQueriesContext(connection) as caught:
        assert caller.get("records").status_code == 200
    return len(caught)


def test_closing_names_the_next_milestone_of_the_plan(caller, studio, by):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        complete(milestone, by)
        later = add_milestone(milestone.project, {"code": "1.2", "name": "Later"}, by=by, now=MONDAY)
    words = {"open_dependencies": "none", "next_move_owner": "Ada"}

    closed = caller.post(f"milestones/{milestone.pk}/close", {"outcome": "approved", **words})

    assert (closed.status_code, closed.json()["stage"]) == (200, "closed")
    assert closed.json()["next_milestone_id"] == str(later.pk)
