"""Handoff packets for programs: drafts, versions, the gate, what a token may do."""

import pytest

from milestones.models import Milestone
from proofs.actions import handoffs
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.proofs.publishing import publish
from workspaces.models import Scope

WORDS = {"next_move_owner": "Ada", "recommendation": "Alert on late figures."}


@scene
def accepted(studio, by):
    with inside(studio):
        return factories.milestone_in_closeout(by)


@pytest.fixture
def draft(caller, accepted):
    return caller.post(f"milestones/{accepted.pk}/handoff-packets").json()


def at(packet, step=""):
    return f"handoff-packets/{packet['id']}{step}"


def test_a_draft_is_begun_once(caller, accepted):
    first, second = (caller.post(f"milestones/{accepted.pk}/handoff-packets") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (first.json()["number"], first.json()["state"]) == (1, "draft")


def test_a_single_draft_tells_what_it_would_say_now(caller, draft):
    said = caller.get(at(draft)).json()["content"]

    assert said["next_stage_trigger"] == "Kick off the alerting milestone"
    assert said["approval_state"].startswith("Approved by Dan Decider")


def test_a_draft_is_written_against_the_version_that_was_read(caller, draft):
    stale = caller.patch(at(draft), WORDS, If_Match='"7"')
    written = caller.patch(at(draft), WORDS, If_Match='"1"')

    assert (stale.status_code, written.status_code) == (412, 200)
    assert caller.get(at(draft)).json()["content"]["next_move_owner"] == "Ada"


@pytest.mark.parametrize(
    "name", ["outcome", "approval_state", "content", "state", "published_at", "planned_through"]
)
def test_what_is_not_written_by_people_is_refused_by_name(caller, draft, name):
    refused = caller.patch(at(draft), {name: "approved"})

    assert (refused.status_code, list(refused.json()["errors"])) == (400, [name])


def test_an_incomplete_draft_answers_everything_that_is_unmet(caller, draft):
    refused = caller.post(at(draft, "/publish"))

    assert refused.status_code == 409
    assert refused.json()["code"] == "packet_incomplete"
    assert [item["code"] for item in refused.json()["unmet"]] == ["next_move_owner", "recommendation"]
    kinds = [event["kind"] for event in caller.get("events").json()["results"]]
    assert kinds[0] == "handoff_packet.refused"


def test_a_published_version_serves_what_it_said(caller, draft):
    caller.patch(at(draft), WORDS)

    published = caller.post(at(draft, "/publish"))

    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert caller.get(at(draft)).json()["content"]["recommendation"] == "Alert on late figures."
    assert "content" not in caller.get("handoff-packets").json()["results"][0]
    again, changed = caller.post(at(draft, "/publish")), caller.patch(at(draft), WORDS)
    assert (again.status_code, changed.status_code) == (409, 409)
    record = caller.get(f"milestones/{draft['milestone_id']}/record").json()
    assert "/handoff/" in record["handoff_packet_link"]


def test_the_next_version_begins_with_what_is_corrected(caller, accepted, draft):
    caller.patch(at(draft), WORDS)
    caller.post(at(draft, "/publish"))

    stands = caller.post(f"milestones/{accepted.pk}/handoff-packets")
    begun = caller.post(f"milestones/{accepted.pk}/handoff-packets", {"correction": "Another owner."})
    listed = caller.get("handoff-packets", {"milestone_id": str(accepted.pk), "ordering": "-number"})
    dropped = caller.post(at(begun.json(), "/drop"))

    assert (stands.json()["number"], begun.json()["number"]) == (1, 2)
    assert [row["state"] for row in listed.json()["results"]] == ["draft", "published"]
    assert dropped.status_code == 200
    drafts = caller.get(f"milestones/{accepted.pk}/handoff-packets", {"state": "draft"})
    assert drafts.json()["results"] == []


def test_nothing_is_handed_over_before_work_has_begun(caller, kickoff):
    refused = caller.post(f"milestones/{kickoff.milestone.pk}/handoff-packets")

    assert (refused.status_code, refused.json()["code"]) == (409, "not_begun")


def test_a_token_that_only_reads_publishes_nothing(studio, caller_in, draft):
    reader = caller_in(studio, Scope.READ)

    assert reader.get(at(draft)).status_code == 200
    assert reader.post(at(draft, "/publish")).status_code == 403


@pytest.mark.parametrize("missing", ["proof_packet_url", "handoff_packet_link", "review_owner_id"])
def test_without_any_one_of_them_the_api_refuses_to_close(caller, studio, by, accepted, draft, missing):
    with inside(studio):
        handoffs.write(draft["id"], WORDS, by=by, now=MONDAY)
        handoffs.publish(draft["id"], by=by, now=MONDAY)
        publish(accepted, by)
        Milestone.objects.update(**{missing: None if missing.endswith("_id") else ""})
    words = {"open_dependencies": "none", "next_move_owner": "Ada"}

    refused = caller.post(f"milestones/{accepted.pk}/close", {"outcome": "approved", **words})

    assert refused.status_code == 409
    assert [item["code"] for item in refused.json()["unmet"]] == [missing.removesuffix("_id")]


def test_a_close_says_what_the_handoff_said_unless_it_says_otherwise(caller, studio, by, accepted, draft):
    with inside(studio):
        handoffs.write(draft["id"], WORDS, by=by, now=MONDAY)
        packet = handoffs.publish(draft["id"], by=by, now=MONDAY)
        publish(accepted, by)

    closed = caller.post(
        f"milestones/{accepted.pk}/close", {"outcome": "approved", "open_dependencies": "The archive."}
    )

    assert closed.status_code == 200
    with inside(studio):
        milestone = Milestone.objects.get(pk=accepted.pk)
    assert milestone.open_dependencies == "The archive."
    assert milestone.next_move_owner == packet.content["next_move_owner"]
