"""Looks at artifacts by API: what they found, asking for one, saying what is meant to change."""

import pytest

from milestones.actions.artifacts import add_version
from proofs.actions.checks import finish
from proofs.checking import Look
from proofs.models import ArtifactWatch
from proofs.words import Found
from tenancy.door import inside
from tests.factories import MONDAY
from workspaces.models import Scope

SHA = "1" * 64


@pytest.fixture
def artifact(caller, in_execution):
    made = caller.post(
        f"milestones/{in_execution.pk}/artifacts", {"title": "Dashboard", "url": "https://dash.example/"}
    )
    return made.json()["id"]


def looked(studio, *looks: Look) -> None:
    with inside(studio):
        watch = ArtifactWatch.objects.get()
        assert finish(watch.pk, watch.fence, list(looks), now=MONDAY)


def held(sha256: str = SHA) -> Look:
    return Look(found=Found.OK, status=200, sha256=sha256, size=7)


def test_a_look_is_asked_for_and_its_findings_are_listed(caller, studio, in_execution, artifact):
    asked = caller.post(f"artifacts/{artifact}/check")
    looked(studio, held(), held())

    [look] = caller.get(f"milestones/{in_execution.pk}/artifact-checks").json()["results"]

    assert (asked.status_code, asked.json()["found"], asked.json()["due_at"] is None) == (200, "", False)
    assert look == {
        "id": look["id"],
        "artifact_id": artifact,
        "artifact_version_id": asked.json()["artifact_version_id"],
        "at": "2026-03-02T09:00:00Z",
        "found": "ok",
        "status": 200,
        "sha256": SHA,
        "size": 7,
        "detail": "",
    }


def test_looks_are_filtered_by_what_they_found_and_by_version(caller, studio, in_execution, artifact):
    asked = caller.post(f"artifacts/{artifact}/check").json()
    looked(studio, held(), held())
    looked(studio, Look(found=Found.UNREACHABLE, detail="Nothing answers there."))
    address = f"milestones/{in_execution.pk}/artifact-checks"

    away = caller.get(address, {"found": "unreachable"}).json()["results"]
    of_version = caller.get(address, {"artifact_version_id": asked["artifact_version_id"]}).json()["results"]
    of_another = caller.get(address, {"artifact_version_id": artifact}).json()["results"]

    assert [look["detail"] for look in away] == ["Nothing answers there."]
    assert (len(of_version), of_another) == (2, [])
    assert caller.get(address, {"found": "gone"}).status_code == 400


def test_a_page_is_meant_to_change(caller, studio, artifact):
    caller.post(f"artifacts/{artifact}/check")
    looked(studio, held(), held())

    marked = caller.post(f"artifacts/{artifact}/mark-living", {"is_living": True}, If_Match='"1"')
    stale = caller.post(f"artifacts/{artifact}/mark-living", {"is_living": False}, If_Match='"1"')

    assert (marked.status_code, marked.json()["is_living"], marked.json()["version"]) == (200, True, 2)
    assert stale.status_code == 412


def test_a_page_that_may_be_rebuilt_asks_and_takes_a_no(caller, studio, artifact):
    caller.post(f"artifacts/{artifact}/check")
    looked(studio, held(), held())
    with inside(studio):
        watch = ArtifactWatch.objects.get()
        ArtifactWatch.objects.update(found=Found.CHANGED, asked_at=MONDAY)
    asked = caller.post(f"artifacts/{artifact}/check").json()

    kept = caller.post(f"artifacts/{artifact}/mark-living", {"is_living": False}).json()

    assert (asked["asked_at"], asked["answered_at"]) == ("2026-03-02T09:00:00Z", None)
    assert (kept["answered_at"] is None, kept["is_living"]) == (False, False)
    assert (kept["found"], kept["sha256"]) == (Found.CHANGED, watch.sha256)


def test_what_was_never_looked_at_has_nothing_to_mark(caller, artifact):
    assert caller.post(f"artifacts/{artifact}/mark-living", {"is_living": True}).status_code == 404


def test_only_the_current_version_is_looked_at(caller, studio, by, artifact):
    with inside(studio):
        second = add_version(artifact, url="https://dash.example/2", by=by, now=MONDAY)

    asked = caller.post(f"artifacts/{artifact}/check").json()

    assert asked["artifact_version_id"] == str(second.pk)


def test_a_removed_artifact_is_refused_in_words(caller, artifact):
    caller.post(f"artifacts/{artifact}/remove", {})

    refused = caller.post(f"artifacts/{artifact}/check")

    assert (refused.status_code, refused.json()["code"]) == (409, "not_current")


@pytest.mark.parametrize("step", ["check", "mark-living"])
def test_asking_takes_the_scope_of_proofs(caller_in, studio, artifact, step):
    reader = caller_in(studio, Scope.READ, Scope.DELIVERY)

    assert reader.post(f"artifacts/{artifact}/{step}", {"is_living": True}).status_code == 403
