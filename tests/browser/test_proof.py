"""Proof in a real browser: from the approver's yes to a packet that its reader verifies without us."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from django.conf import LazySettings
from django.db import connections
from playwright.sync_api import Download

from milestones.models import Milestone
from proofs.tasks import artifact_checks, handoff_packets, packet_deliveries, proof_packets, render
from tests import factories
from tests.browser.test_control import Studio, decide
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOW = datetime.now(UTC)
BEFORE = (NOW - timedelta(days=30)).strftime("%Y-%m-%dT10:00")
TEXTS = {
    "recap": "The team was to read last week's figures without asking anyone.",
    "risks": "The export of old figures ends in June.",
    "recommendation": "Alerts when a figure leaves its range.",
}
HOURS = {"name": "Hours per report", "unit": "h", "direction": "down", "target": "2", "baseline": "6.5"}


@pytest.fixture
def studio(arrive: Callable[[], Visitor], settings: LazySettings, tmp_path: Path) -> Studio:
    """Files are made here and leave by the web server, so both look in one place."""
    settings.FILES_ROOT = tmp_path / "files"
    return Studio(arrive())


def accepted(studio: Studio, dan: Visitor, mail: Callable[[Visitor, str], str]) -> Milestone:
    """The client's approver says yes at the link of the mail."""
    milestone = studio.milestone(factories.milestone_in_review)
    decide(dan, mail(dan, "/d/"), "I accept it")
    proof_packets()
    artifact_checks()
    return milestone


def measure(studio: Studio, milestone: Milestone) -> None:
    """A figure before the work and after it."""
    ada = studio.ada
    studio.open(milestone, "proof/")
    ada.look()
    ada.unfold("Add a metric", "Add metric", {**HOURS, "measured_at": BEFORE})
    ada.reads("Hours per report")
    ada.unfold("Take a value", "Take value", {"role": "current", "value": "1.5"})
    ada.reads("Better")


def write_and_publish(studio: Studio, milestone: Milestone) -> None:
    ada = studio.ada
    studio.open(milestone, "proof/")
    ada.send("Save draft", TEXTS, form="#packet-form")
    ada.look()
    ada.page.locator("summary", has_text="Publish…").first.click()
    ada.press("Save and publish version 1")
    ada.reads("Published versions")
    with ThreadPoolExecutor(1) as worker:  # the seal needs an event loop, and the browser has this thread's
        worker.submit(make_files).result()


def make_files() -> None:
    render()
    connections.close_all()


def downloaded(reader: Visitor, label: str) -> bytes:
    with reader.page.expect_download() as waiting:
        reader.page.get_by_role("link", name=label).click()
    download: Download = waiting.value
    return Path(download.path()).read_bytes()


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the archive's own verifier says, with nothing of ours in reach."""
    alone = [sys.executable, "-I", "-S", "verify.py"]
    return subprocess.run(alone, capture_output=True, text=True, check=False, cwd=folder, env={})


def test_an_approved_milestone_becomes_a_packet_that_verifies_offline(
    studio: Studio,
    arrive: Callable[[], Visitor],
    mail: Callable[[Visitor, str], str],
    tmp_path: Path,
):
    dan, reader, folder = arrive(), arrive(), tmp_path / "packet"
    milestone = accepted(studio, dan, mail)
    measure(studio, milestone)
    write_and_publish(studio, milestone)
    studio.open(milestone, "proof/")
    studio.ada.look()

    packet_deliveries()
    reader.visit(mail(reader, "/proof/"))
    reader.reads("Everything still is as it was published")
    reader.reads("Hours per report")
    reader.look()
    pdf, archive = downloaded(reader, "PDF, A4"), downloaded(reader, "Archive with verifier")

    paper = pypdfium2.PdfDocument(pdf)
    assert "Onboarding dashboard published" in paper[0].get_textpage().get_text_range()
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder)
    assert (folder / "packet.pdf").read_bytes() == pdf
    whole = verified(folder)
    assert (whole.returncode, whole.stderr) == (0, "")
    assert "Whole: proof packet 1 of “Onboarding dashboard published”" in whole.stdout

    changed = bytearray(pdf)
    changed[len(changed) // 2] ^= 1
    (folder / "packet.pdf").write_bytes(changed)
    broken = verified(folder)
    assert (broken.returncode, broken.stderr) == (
        1,
        "packet.pdf was changed: it is not the file that was sealed.\n",
    )


def test_the_portal_leads_to_the_packet_and_a_revoked_link_ends_it(
    studio: Studio, arrive: Callable[[], Visitor], mail: Callable[[Visitor, str], str]
):
    dan = arrive()
    milestone = accepted(studio, dan, mail)
    measure(studio, milestone)
    write_and_publish(studio, milestone)
    handoff_packets()

    dan.visit(studio.portal(milestone))
    dan.page.get_by_role("link", name="Proof packet: Onboarding dashboard published").click()
    dan.reads("Does it still hold?")
    packet = dan.page.url
    studio.open(milestone, "proof/")
    studio.ada.page.locator("summary", has_text="Links to the packets").click()
    studio.ada.press("Revoke…")
    studio.ada.press("Revoke the link")
    studio.ada.reads("its address opens nothing any more")
    studio.ada.look()

    assert dan.context.request.get(packet).status == 410
    dan.visit(studio.portal(milestone))
    assert dan.page.get_by_role("link", name="Proof packet").count() == 0
