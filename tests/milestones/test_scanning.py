"""The operator's scan stands before every upload: real commands, and what their end means."""

import json
import stat
import sys
from datetime import timedelta
from pathlib import Path
from time import monotonic

import psutil  # type: ignore[import-untyped]
import pytest

from journal.models import Event
from milestones import files
from milestones.actions import artifacts
from milestones.actions.artifacts import Upload
from milestones.models import Artifact, ArtifactVersion
from milestones.scanning import NotTaken
from tests import factories
from tests.factories import MONDAY

MARK = b"THIS-IS-A-TEST-MARK-AND-HARMS-NOBODY"
INFECTED = (
    "The scan found something harmful in this file, so it was not taken in. "
    "Check the computer it comes from, and upload a clean one."
)
NOT_SCANNED = "The file could not be scanned, so it was not taken in. Try again later."
SCANNER = f"""#!{sys.executable}
import json, os, sys
from pathlib import Path
Path({{seen!r}}).write_text(json.dumps([sys.argv[1:], sorted(os.environ)]))
sys.exit(1 if {MARK!r} in Path(sys.argv[-1]).read_bytes() else 0)
"""


def command(folder: Path, text: str) -> str:
    path = folder / "scan"
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.fixture
def seen(tmp_path, settings) -> Path:
    """Where the scanner writes what it was given."""
    told = tmp_path / "seen"
    settings.FILES_ROOT = tmp_path / "files"
    settings.SCAN_COMMAND = [command(tmp_path, SCANNER.format(seen=str(told))), "--quiet"]
    return told


def receive(content: bytes) -> files.Received:
    with files.received([content], now=MONDAY) as file:
        return file


def left_over(settings) -> list[Path]:
    return list((settings.FILES_ROOT / "incoming").iterdir())


def test_a_clean_file_is_taken_in(seen, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for the scanner")

    file = receive(b"%PDF-1.7 clean")

    given, environment = json.loads(seen.read_text())
    assert given == ["--quiet", str(file.path)]
    assert set(environment) <= {"PATH", "LANG", "LC_CTYPE"}


def test_an_infected_file_is_refused_and_gone(seen, settings):
    with pytest.raises(NotTaken) as refused:
        receive(b"%PDF-1.7 " + MARK)

    assert (str(refused.value), refused.value.code) == (INFECTED, "infected")
    assert (refused.value.fields, left_over(settings)) == ({"file": [INFECTED]}, [])


@pytest.mark.parametrize(
    "script", ["#!/bin/sh\nexit 2\n", "#!/bin/sh\nkill -9 $$\n", "#!/bin/sh\nexit 127\n", "no script at all"]
)
def test_a_scan_that_fails_lets_nothing_in(tmp_path, settings, script):
    settings.FILES_ROOT = tmp_path / "files"
    settings.SCAN_COMMAND = [command(tmp_path, script)]

    with pytest.raises(NotTaken) as refused:
        receive(b"%PDF-1.7")

    assert (str(refused.value), refused.value.code) == (NOT_SCANNED, "not_scanned")
    assert left_over(settings) == []


def test_a_scanner_that_is_not_there_lets_nothing_in(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"
    settings.SCAN_COMMAND = [str(tmp_path / "nowhere")]

    with pytest.raises(NotTaken, match="could not be scanned"):
        receive(b"%PDF-1.7")


@pytest.mark.slow
def test_a_scan_that_takes_too_long_is_ended_with_its_children(tmp_path, settings):
    settings.FILES_ROOT = tmp_path / "files"
    settings.SCAN_TIME = timedelta(seconds=2)
    child = tmp_path / "child"
    settings.SCAN_COMMAND = [command(tmp_path, f"#!/bin/sh\nsleep 30 &\necho $! > {child}\nsleep 30\n")]
    began = monotonic()

    with pytest.raises(NotTaken, match="could not be scanned"):
        receive(b"%PDF-1.7")

    assert monotonic() - began < 20
    assert not runs(int(child.read_text()))


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_path_is_one_word_for_whatever_shell(tmp_path, settings):
    harmed = tmp_path / "harmed"
    settings.FILES_ROOT = tmp_path / f"files; touch {harmed}"
    settings.SCAN_COMMAND = ["/bin/true"]

    receive(b"%PDF-1.7")

    assert not harmed.exists()


def test_without_a_command_nothing_is_scanned(tmp_path, settings):
    settings.FILES_ROOT = tmp_path

    assert receive(MARK).size == len(MARK)


def test_a_refused_upload_leaves_no_row_and_is_journalled_without_its_name(studio, by, seen, settings):
    milestone = factories.milestone_in_execution(by)

    with pytest.raises(NotTaken) as refused:
        artifacts.add_file(milestone.pk, title="Report", file=Upload("secret.pdf", [MARK]), by=by, now=MONDAY)
    artifacts.journal_refused_upload(milestone.pk, refused.value, by=by, now=MONDAY)

    assert not Artifact.objects.exists()
    event = Event.objects.get(kind="artifact.upload_refused")
    assert (event.subject_id, event.thread_id) == (milestone.pk, milestone.pk)
    assert '"reason":"infected"' in event.body
    assert "secret" not in event.body


def test_an_infected_version_leaves_the_one_before(studio, by, seen):
    milestone = factories.milestone_in_execution(by)
    first = artifacts.add_file(
        milestone.pk, title="Report", file=Upload("r.pdf", [b"%PDF"]), by=by, now=MONDAY
    )

    with pytest.raises(NotTaken):
        artifacts.add_version(first.artifact_id, file=Upload("r.pdf", [MARK]), by=by, now=MONDAY)

    assert list(ArtifactVersion.objects.all()) == [first]
