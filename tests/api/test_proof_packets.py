"""Proof packets by API: begun, written, published, corrected, and served with what they say."""

import pytest

from journal.models import Event
from milestones.models import Milestone
from proofs.models import ProofPacket
from tenancy.door import inside
from tests import factories
from tests.plugins.scenes import scene
from tests.proofs.publishing import TEXTS, look, publish


@scene
def accepted(studio, by):
    with inside(studio):
        milestone = factories.milestone_in_closeout(by)
        look(milestone)
        return milestone


@pytest.fixture
def draft(caller, accepted):
    return caller.post(f"milestones/{accepted.pk}/proof-packets").json()


def written(caller, draft, **changes):
    return caller.patch(f"proof-packets/{draft['id']}", {**TEXTS, **changes}).json()


def test_a_draft_is_begun_once(caller, accepted):
    first, again = (caller.post(f"milestones/{accepted.pk}/proof-packets") for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert (first.json()["number"], first.json()["state"]) == (1, "draft")
    assert first.json()["clock_ends_at"] == "2026-03-03T00:00:00Z"


def test_a_milestone_nobody_was_asked_about_has_nothing_to_prove(caller, in_execution):
    response = caller.post(f"milestones/{in_execution.pk}/proof-packets")

    assert (response.status_code, response.json()["code"]) == (409, "not_in_review")


def test_a_draft_is_served_with_what_it_would_say_and_what_it_misses(caller, draft):
    served = caller.get(f"proof-packets/{draft['id']}").json()

    assert served["content"]["schema"] == "cairn.proof_packet.v1"
    assert served["content"]["milestone"]["name"] == "Onboarding dashboard published"
    assert [item["code"] for item in served["missing"]] == ["recap", "metrics", "risks", "recommendation"]
    assert served["url"] == ""


def test_a_whole_draft_is_published_for_good(caller, accepted, draft):
    written(caller, draft)

    response = caller.post(f"proof-packets/{draft['id']}/publish")

    assert (response.status_code, response.json()["state"]) == (200, "published")
    served = caller.get(f"proof-packets/{draft['id']}").json()
    assert served["content"]["recap"] == TEXTS["recap"]
    assert served["missing"] == []
    record = caller.get(f"milestones/{accepted.pk}/record").json()
    assert served["url"] == record["proof_packet_url"]
    assert served["url"].startswith("http://localhost:8000/proof/")


def test_what_is_missing_is_listed_and_the_refusal_journalled(caller, studio, draft):
    written(caller, draft, risks="")

    response = caller.post(f"proof-packets/{draft['id']}/publish")

    assert (response.status_code, response.json()["code"]) == (409, "packet_incomplete")
    assert response.json()["unmet"] == [
        {"code": "risks", "message": "State the known risks, or write “none”."}
    ]
    with inside(studio):
        assert Event.objects.filter(kind="proof_packet.refused", subject_id=draft["id"]).count() == 1
        assert ProofPacket.objects.get().state == "draft"


def test_nobody_publishes_what_they_have_not_seen(caller, draft):
    seen = caller.get(f"proof-packets/{draft['id']}")["ETag"]
    written(caller, draft)

    response = caller.post(f"proof-packets/{draft['id']}/publish", If_Match=seen)

    assert response.status_code == 412


def test_a_published_version_is_corrected_by_the_next(caller, draft):
    written(caller, draft)
    caller.post(f"proof-packets/{draft['id']}/publish")
    refused = caller.patch(f"proof-packets/{draft['id']}", {"risks": "More."})

    made = caller.post(f"proof-packets/{draft['id']}/correct", {"correction": "A figure was wrong."})

    assert (refused.status_code, refused.json()["code"]) == (409, "published")
    assert (made.status_code, made.json()["number"], made.json()["recap"]) == (201, 2, TEXTS["recap"])


def test_packets_are_listed_by_milestone_and_state(caller, studio, by, accepted):
    with inside(studio):
        other = factories.milestone_in_closeout(by, account_name="Two", project_name="Two")
        publish(other, by)
    caller.post(f"milestones/{accepted.pk}/proof-packets")

    def milestones(**params):
        found = caller.get("proof-packets", params).json()["results"]
        return {row["milestone_id"] for row in found}

    assert milestones() == {str(accepted.pk), str(other.pk)}
    assert milestones(state="published") == {str(other.pk)}
    assert milestones(milestone_id=accepted.pk) == {str(accepted.pk)}
    assert len(caller.get(f"milestones/{other.pk}/proof-packets").json()["results"]) == 1


def test_writing_needs_the_scope_of_proofs(caller_in, studio, draft):
    reader = caller_in(studio, "read")

    assert reader.get(f"proof-packets/{draft['id']}").status_code == 200
    assert reader.patch(f"proof-packets/{draft['id']}", TEXTS).status_code == 403
    assert reader.post(f"proof-packets/{draft['id']}/publish").status_code == 403


def test_a_packet_may_be_allowed_to_publish_itself(caller, studio, draft):
    served = written(caller, draft, publishes_itself=True)

    assert (served["publishes_itself"], served["allowed_name"]) == (True, "n8n")
    with inside(studio):
        assert Milestone.objects.get().proof_packet_url == ""


def test_the_draft_of_a_correction_is_dropped(caller, draft):
    written(caller, draft)
    early = caller.post(f"proof-packets/{draft['id']}/drop")
    caller.post(f"proof-packets/{draft['id']}/publish")
    next_one = caller.post(f"proof-packets/{draft['id']}/correct", {"correction": "A figure was wrong."})

    dropped = caller.post(f"proof-packets/{next_one.json()['id']}/drop")

    assert (early.status_code, early.json()["code"]) == (409, "needed")
    assert (dropped.status_code, dropped.json()["number"]) == (200, 2)
    assert caller.get(f"proof-packets/{next_one.json()['id']}").status_code == 404
