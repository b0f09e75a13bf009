"""What was made and how it was checked: each write, each refusal, and how files leave."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile
from zlib import crc32

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from journal.models import Event
from milestones.actions import artifacts, quality
from milestones.actions.artifacts import Upload
from milestones.checklist import ITEMS
from milestones.models import Artifact, ArtifactVersion, Milestone, QaRun
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.plugins.scenes import scene
from tests.web.conftest import WEDNESDAY, page

PDF = b"%PDF-1.7\n1 0 obj"
ACTIVE = {
    "page.html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
}


@scene
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)


def _url(name, pk):
    return reverse(name, args=["studio", pk])


def _stored(studio, milestone, by, content=PDF, name="report.pdf") -> ArtifactVersion:
    with inside(studio):
        return artifacts.add_file(
            milestone.pk, title="Report", file=Upload(name, [content]), by=by, now=MONDAY
        )


def _upload(founder, milestone, content=PDF, name="report.pdf", **typed):
    words = {"title": "Report", "is_output": "on", "file": SimpleUploadedFile(name, content), **typed}
    return founder.post(_url("add_artifact_file", milestone.pk), words)


def _all_yes(**changes):
    return {**{item.code: "yes" for item in ITEMS}, **changes}


def test_the_page_shows_what_was_made_and_how_it_was_checked(founder, studio, milestone, by):
    version = _stored(studio, milestone, by)
    with inside(studio):
        quality.record_qa_run(
            milestone.pk, check_name="Smoke test", score=90, versions=[version.pk], by=by, now=MONDAY
        )
        artifacts.add_version(
            version.artifact_id, file=Upload("report.pdf", [b"%PDF-2"]), by=by, now=WEDNESDAY
        )

    shown = page(founder.get(_url("milestone_quality", milestone.pk)))

    assert version.sha256 in shown
    assert "<s>Smoke test</s>" in shown
    assert "The output changed: “Report”, version 2" in shown
    assert "looked at Report v1" in shown


def test_a_link_is_added(founder, studio, milestone):
    typed = {"title": "Dashboard", "url": "https://dash.example/", "is_output": "on", "note": ""}

    response = founder.post(_url("add_artifact_link", milestone.pk), typed)

    assert response.status_code == 302
    with inside(studio):
        assert ArtifactVersion.objects.get().url == "https://dash.example/"


def test_a_script_is_no_link_and_stays_in_the_form(founder, studio, milestone):
    typed = {"title": "Dashboard", "url": "javascript:alert(1)"}

    response = founder.post(_url("add_artifact_link", milestone.pk), typed)

    assert response.status_code == 422
    assert response.context["link_form"].errors["url"] == [
        "Give an address that begins with https:// or http://."
    ]


def test_an_uploaded_file_comes_back_as_it_was(founder, studio, milestone):
    _upload(founder, milestone)
    with inside(studio):
        version = ArtifactVersion.objects.get()

    response = founder.get(_url("artifact_file", version.pk))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="report.pdf"'


@pytest.mark.parametrize("name", ACTIVE)
def test_what_could_run_leaves_as_an_attachment_in_a_sandbox(founder, studio, milestone, by, name):
    version = _stored(studio, milestone, by, ACTIVE[name], name)

    response = founder.get(_url("artifact_file", version.pk))

    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    response.close()


def zip_bomb() -> bytes:
    """20 MB of nothing in a few kB."""
    folded = BytesIO()
    with ZipFile(folded, "w", ZIP_DEFLATED) as archive:
        archive.writestr("../../nothing", bytes(20 * 1024**2))
    return folded.getvalue()


def pixel_bomb() -> bytes:
    """The beginning of a picture of 60,000 by 60,000 pixels."""
    size = b"IHDR" + (60_000).to_bytes(4) * 2 + b"\x08\x06\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + size + crc32(size).to_bytes(4)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.zip", zip_bomb()),
        ("bomb.png", pixel_bomb()),
        ("polyglot.gif", b"GIF89a/*<script>*/=alert(1)</script>"),
        ("polyglot.pdf", b"%PDF-1.7\n<html><script>alert(1)</script></html>"),
    ],
)
def test_what_would_unfold_stays_folded_and_leaves_as_it_came(founder, studio, milestone, by, name, content):
    added = _upload(founder, milestone, content, name)
    with inside(studio):
        version = ArtifactVersion.objects.get()

    shown = founder.get(_url("milestone_quality", milestone.pk))
    response = founder.get(_url("artifact_file", version.pk))

    assert (added.status_code, shown.status_code, version.size) == (302, 200, len(content))
    assert b"".join(response.streaming_content) == content
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_hostile_name_ends_no_header(founder, studio, milestone, by):
    version = _stored(studio, milestone, by, name='../a"b\r\nSet-Cookie: c=\u202edp.pdf')

    response = founder.get(_url("artifact_file", version.pk))

    assert "Set-Cookie" not in response
    assert "\r" not in response["Content-Disposition"]
    assert "/" not in response["Content-Disposition"]
    response.close()


def test_a_file_of_another_workspace_is_not_there(founder, studio, milestone, by):
    version = _stored(studio, milestone, by)
    eve = factories.person("eve@other.example", "Eve")
    factories.workspace(eve, slug="other")
    stranger = Client()
    stranger.force_login(eve)

    assert stranger.get(_url("artifact_file", version.pk)).status_code == 404
    assert stranger.get(reverse("artifact_file", args=["other", version.pk])).status_code == 404


def test_a_link_has_no_file(founder, studio, milestone, by):
    with inside(studio):
        link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://d.example", by=by, now=MONDAY)

    assert founder.get(_url("artifact_file", link.pk)).status_code == 404


def test_a_file_that_is_too_large_is_refused_in_words(founder, studio, milestone, settings):
    settings.FILE_LARGEST = 1024**2

    response = _upload(founder, milestone, bytes(1024**2 + 1))

    assert response.status_code == 422
    assert "A file may hold at most 1 MB" in page(response)
    with inside(studio):
        assert not Artifact.objects.exists()


def test_a_body_that_no_form_sends_ends_the_request(founder, studio, milestone, settings):
    settings.FILE_LARGEST = 1000

    response = _upload(founder, milestone, bytes(2 * 1024**2))

    assert response.status_code == 400
    with inside(studio):
        assert not Artifact.objects.exists()


def test_an_artifact_gets_a_version_and_is_removed(founder, studio, milestone, by):
    version = _stored(studio, milestone, by)
    changed = {"version": 1, "file": SimpleUploadedFile("b.pdf", b"%PDF-2"), "note": "Totals"}

    added = founder.post(_url("add_artifact_version", version.artifact_id), changed)
    removed = founder.post(_url("remove_artifact", version.artifact_id), {"version": 2, "reason": "Moved"})

    assert (added.status_code, removed.status_code) == (302, 302)
    with inside(studio):
        assert Artifact.objects.get().removed_at == WEDNESDAY
        assert ArtifactVersion.objects.count() == 2


def test_who_changes_an_artifact_second_is_told(founder, studio, milestone, by):
    version = _stored(studio, milestone, by)
    with inside(studio):
        artifacts.add_version(version.artifact_id, file=Upload("b.pdf", [b"%PDF-2"]), by=by, now=MONDAY)

    response = founder.post(_url("remove_artifact", version.artifact_id), {"version": 1})

    assert response.status_code == 409
    assert "was changed by someone else meanwhile" in page(response)


def test_the_checklist_is_a_run(founder, studio, milestone):
    typed = _all_yes(scope_matches="no", scope_matches_note="Export is missing", caveats_written="na")

    response = founder.post(_url("run_checklist", milestone.pk), typed)

    assert response.status_code == 302
    with inside(studio):
        run = QaRun.objects.get()
    assert (run.score, run.passed) == (75, False)
    assert run.items[0] == {"code": "scope_matches", "passed": False, "note": "Export is missing"}


def test_an_unanswered_item_keeps_everything_typed(founder, studio, milestone):
    typed = _all_yes(notes="Nearly there")
    del typed["assets_checked"]

    response = founder.post(_url("run_checklist", milestone.pk), typed)

    assert response.status_code == 422
    assert response.context["checklist_form"]["notes"].value() == "Nearly there"
    with inside(studio):
        assert not QaRun.objects.exists()


def test_what_is_in_the_clients_hands_offers_no_checklist(founder, studio, milestone):
    with inside(studio):
        Milestone.objects.filter(pk=milestone.pk).update(stage="review", completed_at=MONDAY)

    shown = page(founder.get(_url("milestone_quality", milestone.pk)))

    assert "Record checklist" not in shown
    assert "the question to the client is withdrawn" not in shown or "takes the passed check back" in shown


def test_what_the_scan_turns_away_is_said_beside_the_file_and_journalled(
    founder, studio, milestone, settings
):
    settings.SCAN_COMMAND = ["/bin/false"]  # ends with 1: infected

    response = _upload(founder, milestone, name="secret.pdf")

    assert response.status_code == 422
    assert "The scan found something harmful in this file" in page(response)
    with inside(studio):
        assert not Artifact.objects.exists()
        event = Event.objects.get(kind="artifact.upload_refused")
        assert (event.thread_id, "secret" in event.body) == (milestone.pk, False)


def test_a_version_that_the_scan_turns_away_is_journalled(founder, studio, milestone, by, settings):
    version = _stored(studio, milestone, by)
    settings.SCAN_COMMAND = ["/bin/false"]

    words = {"file": SimpleUploadedFile("r.pdf", b"%PDF-2"), "version": 1}
    response = founder.post(_url("add_artifact_version", version.artifact_id), words)

    assert response.status_code == 422
    with inside(studio):
        assert ArtifactVersion.objects.count() == 1
        assert Event.objects.filter(kind="artifact.upload_refused").count() == 1
