"""Artifacts and checks by API: links as JSON, files as forms, runs with what they looked at."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from journal.models import Event
from milestones.checklist import BY_CODE
from milestones.models import Artifact, ArtifactVersion
from tenancy.door import inside

PDF = b"%PDF-1.7\n1 0 obj"
LINK = {"title": "Dashboard", "url": "https://dash.example/"}


@pytest.fixture
def address(in_execution):
    return f"milestones/{in_execution.pk}/artifacts"


def upload(caller, address, content=PDF, name="report.pdf", **headers):
    form = {"title": "Report", "file": SimpleUploadedFile(name, content)}
    if address.endswith("versions"):
        form.pop("title")
    return caller.client.post(f"/api/v1/{address}", form, headers=caller._headers(headers))


def test_a_link_is_added_and_served(caller, address):
    made = caller.post(address, LINK)

    assert made.status_code == 201
    served = caller.get(f"artifacts/{made.json()['id']}")
    assert (served.json()["kind"], served.json()["is_output"]) == ("link", True)
    [version] = caller.get(f"artifacts/{made.json()['id']}/versions").json()["results"]
    assert (version["number"], version["url"]) == (1, "https://dash.example/")


def test_a_file_is_uploaded_and_comes_back_as_an_attachment(caller, address):
    made = upload(caller, address, b"<!DOCTYPE html><html><script>", "page.html").json()

    response = caller.get(f"artifacts/{made['id']}/versions/1/content")

    assert b"".join(response.streaming_content) == b"<!DOCTYPE html><html><script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_link_has_no_content(caller, address):
    made = caller.post(address, LINK).json()

    assert caller.get(f"artifacts/{made['id']}/versions/1/content").status_code == 404


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://a.example/"]
)
def test_only_a_web_address_is_a_link(caller, address, url):
    response = caller.post(address, {**LINK, "url": url})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["url"])


@pytest.mark.parametrize("size", [2, 4])
def test_too_much_is_413_in_words_and_nothing_is_kept(caller, address, studio, settings, size):
    settings.FILE_LARGEST = 1024**2

    response = upload(caller, address, bytes(size * 1024**2 - 2048))

    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert "may hold at most" in response.json()["detail"]
    with inside(studio):
        assert not Artifact.objects.exists()


def test_an_upload_with_a_key_happens_once(caller, address, studio):
    first = upload(caller, address, Idempotency_Key="upload-1")
    again = upload(caller, address, Idempotency_Key="upload-1")
    other = upload(caller, address, b"%PDF-2", Idempotency_Key="upload-1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    with inside(studio):
        assert ArtifactVersion.objects.count() == 1


def test_a_form_goes_only_where_files_are_taken(caller, in_execution):
    response = upload(caller, f"milestones/{in_execution.pk}/progress-updates")

    assert response.status_code == 415


def test_versions_follow_and_a_removed_artifact_takes_none(caller, address):
    made = upload(caller, address).json()
    versions = f"artifacts/{made['id']}/versions"

    second = upload(caller, versions, b"%PDF-2")
    removed = caller.post(f"artifacts/{made['id']}/remove", {"reason": "Moved"}, If_Match='"2"')
    refused = upload(caller, versions, b"%PDF-3")

    assert (second.status_code, second.json()["number"]) == (201, 2)
    assert (removed.status_code, removed.json()["removed_at"] is None) == (200, False)
    assert (refused.status_code, refused.json()["code"]) == (409, "removed")
    assert caller.get(address, {"is_current": "true"}).json()["results"] == []


def test_a_checklist_is_a_run_bound_to_current_versions(caller, address, in_execution):
    made = caller.post(address, LINK).json()
    [version] = caller.get(f"artifacts/{made['id']}/versions").json()["results"]
    items = [{"code": code, "answer": "yes"} for code in BY_CODE]

    run = caller.post(f"milestones/{in_execution.pk}/qa-runs/checklist", {"items": items})

    assert run.status_code == 201
    assert (run.json()["kind"], run.json()["score"], run.json()["versions"]) == (
        "checklist",
        100,
        [version["id"]],
    )


def test_an_incomplete_checklist_names_what_is_missing(caller, in_execution):
    items = [{"code": code, "answer": "yes"} for code in list(BY_CODE)[1:]]

    response = caller.post(f"milestones/{in_execution.pk}/qa-runs/checklist", {"items": items})

    assert (response.status_code, list(response.json()["errors"])) == (400, ["scope_matches"])


def test_a_void_run_says_why(caller, address, in_execution):
    caller.post(f"milestones/{in_execution.pk}/qa-runs", {"check_name": "Smoke test", "score": 90})

    caller.post(address, LINK)

    [run] = caller.get(f"milestones/{in_execution.pk}/qa-runs").json()["results"]
    assert run["voided_at"]
    assert run["void_reason"] == "The output changed: “Dashboard”, version 1"


@pytest.mark.parametrize("command", ["/bin/false", "/bin/nothing-is-here"])
def test_what_the_scan_turns_away_is_refused_and_journalled(caller, address, studio, settings, command):
    settings.SCAN_COMMAND = [command]

    response = upload(caller, address)

    assert (response.status_code, list(response.json()["errors"])) == (400, ["file"])
    with inside(studio):
        assert not Artifact.objects.exists()
        [event] = Event.objects.filter(kind="artifact.upload_refused")
        assert f'"reason":"{response.json()["code"]}"' in event.body


def test_a_version_that_the_scan_turns_away_is_refused(caller, address, studio, settings):
    made = upload(caller, address).json()
    settings.SCAN_COMMAND = ["/bin/false"]

    response = upload(caller, f"artifacts/{made['id']}/versions", b"%PDF-2")

    assert (response.status_code, response.json()["code"]) == (400, "infected")
    with inside(studio):
        assert Event.objects.filter(kind="artifact.upload_refused").count() == 1
