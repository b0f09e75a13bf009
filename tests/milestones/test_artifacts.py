import hashlib
from datetime import timedelta

import pytest

from journal.models import Event, EventPersonal
from milestones import files
from milestones.actions import artifacts, quality
from milestones.actions.artifacts import Upload
from milestones.models import Artifact, ArtifactVersion, Milestone, QaRun
from milestones.queries.artifacts import current
from milestones.words import ArtifactKind, Stage
from tenancy.door import inside
from tenancy.refusal import Refused, Stale, TooLarge
from tests.factories import MONDAY, milestone_in_execution, workspace
from tests.plugins.scenes import scene

NOON = MONDAY + timedelta(hours=3)
LATER = NOON + timedelta(hours=1)
PDF = b"%PDF-1.7\n1 0 obj"


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return tmp_path


@scene
def milestone(studio, by):
    return milestone_in_execution(by)


def upload(content: bytes = PDF, name: str = "report.pdf") -> Upload:
    return Upload(name, [content])


def stored(root) -> list[str]:
    return sorted(path.name for path in root.glob("*/??/*"))


def test_a_link_is_an_artifact_with_its_first_version(milestone, by):
    version = artifacts.add_link(
        milestone.pk, title="Dashboard", url="https://dash.example/a", note="Beta", by=by, now=NOON
    )

    assert (version.artifact.kind, version.artifact.title, version.artifact.is_output) == (
        ArtifactKind.LINK,
        "Dashboard",
        True,
    )
    assert (version.number, version.url, version.note, version.by_name) == (
        1,
        "https://dash.example/a",
        "Beta",
        "Ada Agency",
    )
    assert current(milestone.pk) == [version]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://client.example/a",
        "https://",
        "//dash.example/",
        "dash.example",
        "https://[::1/",
        " javascript:alert(1)",
        "",
    ],
)
def test_only_a_web_address_is_a_link(milestone, by, url):
    with pytest.raises(Refused) as refusal:
        artifacts.add_link(milestone.pk, title="Dashboard", url=url, by=by, now=NOON)

    assert refusal.value.fields == {"url": ["Give an address that begins with https:// or http://."]}
    assert not Artifact.objects.exists()


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\n", "\x07"])
def test_an_address_with_invisible_characters_is_refused(milestone, by, sign):
    with pytest.raises(Refused) as refusal:
        artifacts.add_link(
            milestone.pk, title="Dashboard", url=f"https://dash{sign}.example/", by=by, now=NOON
        )

    assert refusal.value.fields == {"url": ["Remove the invisible characters; they cannot be shown safely."]}


def test_a_file_lies_under_its_workspace_and_hash(milestone, studio, by, root):
    version = artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    digest = hashlib.sha256(PDF).hexdigest()
    assert (version.sha256, version.size, version.content_type) == (digest, len(PDF), "application/pdf")
    assert (root / str(studio.pk) / digest[:2] / digest).read_bytes() == PDF
    assert list((root / "incoming").iterdir()) == []


def test_the_same_bytes_are_kept_once_in_a_workspace(milestone, by, root):
    artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    artifacts.add_file(milestone.pk, title="Copy", file=upload(name="copy.pdf"), by=by, now=NOON)

    assert ArtifactVersion.objects.count() == 2
    assert len(stored(root)) == 1


def test_two_workspaces_share_no_bytes(ada, by, root):
    for of_ada in (workspace(ada), workspace(ada)):
        with inside(of_ada):
            milestone = milestone_in_execution(by)
            artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    assert len(stored(root)) == 2


def test_a_version_follows_and_the_ones_before_stay(milestone, by):
    first = artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    second = artifacts.add_version(first.artifact_id, file=upload(b"%PDF-2"), by=by, now=LATER)

    assert (second.number, current(milestone.pk)) == (2, [second])
    assert files_of(first) == PDF
    assert Artifact.objects.get().version == 2


def files_of(version: ArtifactVersion) -> bytes:
    return files.place_of(version.sha256).read_bytes()


def test_the_same_bytes_are_no_new_version(milestone, by):
    first = artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    with pytest.raises(Refused, match="very bytes of version 1"):
        artifacts.add_version(first.artifact_id, file=upload(), by=by, now=LATER)


def test_a_version_is_of_the_kind_of_its_artifact(milestone, by):
    link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=NOON)
    report = artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    with pytest.raises(Refused, match="is a link"):
        artifacts.add_version(link.artifact_id, file=upload(), by=by, now=LATER)
    with pytest.raises(Refused, match="is a file"):
        artifacts.add_version(report.artifact_id, url="https://dash.example", by=by, now=LATER)


def test_a_stale_page_adds_no_version(milestone, by):
    link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=NOON)
    artifacts.add_version(link.artifact_id, url="https://dash.example/2", by=by, now=NOON, expected=1)

    with pytest.raises(Stale):
        artifacts.add_version(link.artifact_id, url="https://dash.example/3", by=by, now=LATER, expected=1)


def test_a_removed_artifact_is_no_longer_current_and_takes_nothing(milestone, by):
    link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=NOON)

    artifacts.remove(link.artifact_id, reason="Moved", by=by, now=LATER)

    assert current(milestone.pk) == []
    assert ArtifactVersion.objects.get() == link
    with pytest.raises(Refused, match="was removed"):
        artifacts.add_version(link.artifact_id, url="https://dash.example/2", by=by, now=LATER)


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("FILE_LARGEST", 5, "A file may hold at most"),
        ("FILES_PER_MILESTONE", 0, "at most 0 files"),
        ("FILES_LARGEST_PER_MILESTONE", 5, "files hold at most"),
    ],
)
def test_beyond_a_cap_nothing_is_saved(milestone, by, root, settings, setting, value, said):
    setattr(settings, setting, value)

    with pytest.raises(TooLarge, match=said) as refusal:
        artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    assert list(refusal.value.fields) == ["file"]
    assert stored(root) == []
    assert list((root / "incoming").iterdir()) == []


def test_the_journal_keeps_what_and_by_whom_and_addresses_apart(milestone, by):
    version = artifacts.add_file(milestone.pk, title="Report", file=upload(), by=by, now=NOON)

    event = Event.objects.get(kind="artifact.added")
    assert version.sha256 in event.body
    assert "report.pdf" not in event.body
    assert EventPersonal.objects.get(event=event).content["file_name"] == "report.pdf"
    assert Event.objects.filter(at=NOON).count() == 1


def test_a_changed_output_voids_a_pass(milestone, by):
    artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=MONDAY)
    quality.record_qa_run(milestone.pk, check_name="Smoke test", score=90, by=by, now=NOON)

    artifacts.add_link(milestone.pk, title="Manual", url="https://dash.example/m", by=by, now=LATER)

    run = QaRun.objects.get()
    assert (run.voided_at, run.void_reason) == (LATER, "The output changed: “Manual”, version 1")
    assert Milestone.objects.get().qa_passed_at is None


def test_an_output_that_changes_after_the_pass_goes_back_to_execution(milestone, by):
    link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=MONDAY)
    Milestone.objects.filter(pk=milestone.pk).update(stage=Stage.QA)
    quality.record_qa_run(milestone.pk, check_name="Smoke test", score=90, by=by, now=NOON)

    artifacts.remove(link.artifact_id, by=by, now=LATER)

    milestone.refresh_from_db()
    assert (milestone.stage, milestone.resets, milestone.output_changed_at) == (Stage.EXECUTION, 1, LATER)


def test_what_only_helps_to_check_leaves_a_pass_alone(milestone, by):
    quality.record_qa_run(milestone.pk, check_name="Smoke test", score=90, by=by, now=NOON)

    artifacts.add_file(milestone.pk, title="Log", file=upload(), is_output=False, by=by, now=LATER)

    assert Milestone.objects.get().qa_passed_at == NOON


def test_what_was_accepted_stays_as_it_was_accepted(milestone, by):
    link = artifacts.add_link(milestone.pk, title="Dashboard", url="https://dash.example", by=by, now=NOON)
    accepted = {"stage": Stage.CLOSEOUT, "completed_at": NOON, "accepted_at": NOON}
    Milestone.objects.filter(pk=milestone.pk).update(**accepted)

    with pytest.raises(Refused, match="accepted the output as it is"):
        artifacts.add_version(link.artifact_id, url="https://dash.example/2", by=by, now=LATER)

    artifacts.add_file(milestone.pk, title="Minutes", file=upload(), is_output=False, by=by, now=LATER)


def test_a_closed_milestone_takes_no_artifacts(milestone, by):
    ended = {"stage": Stage.CLOSED, "outcome": "changed_via_scope", "closed_at": NOON}
    words = {"open_dependencies": "none", "next_move_owner": "Carla"}
    Milestone.objects.filter(pk=milestone.pk).update(**ended, **words)

    with pytest.raises(Refused, match="closed milestone"):
        artifacts.add_file(milestone.pk, title="Log", file=upload(), is_output=False, by=by, now=LATER)
