"""Files of published packets, in real transactions: made once, tried three times, lost with no worker."""

import hashlib
import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pypdf
import pytest
from django.db import connections

from journal.canonical import canonical
from journal.models import Event
from milestones.files import place_of
from proofs.actions.renderings import MOST_ATTEMPTS
from proofs.models import PacketFile, ProofPacket, Rendering
from proofs.rendering import process, seal
from proofs.sweeps.renderings import BROKE_OFF, render_next
from proofs.words import FileKind
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import hand_over, published

pytestmark = pytest.mark.slow
LATER = MONDAY + timedelta(minutes=1)
ALL = set(FileKind)
WORKER = """
import django; django.setup()
from datetime import UTC, datetime
from proofs.sweeps.renderings import render_next
render_next(now=datetime(2026, 3, 2, 17, tzinfo=UTC))
"""


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def studio(ada):
    return factories.workspace(ada)


@pytest.fixture
def packet(studio, by) -> ProofPacket:
    with inside(studio):
        return published(by)


def files_of(packet: ProofPacket) -> dict[str, PacketFile]:
    return {file.kind: file for file in PacketFile.objects.filter(proof=packet)}


def test_a_published_packet_becomes_two_pdfs_its_data_and_an_archive_once(studio, packet):
    assert [render_next(now=LATER), render_next(now=LATER)] == [True, False]

    with inside(studio):
        files = files_of(packet)
        contents = {kind: place_of(file.sha256).read_bytes() for kind, file in files.items()}
        event = Event.objects.get(kind="packet_files.made")
        rendering = Rendering.objects.get()
    assert set(files) == ALL
    assert [hashlib.sha256(contents[kind]).hexdigest() for kind in files] == [
        f.sha256 for f in files.values()
    ]
    assert contents[FileKind.DATA] == canonical(packet.content).encode()
    assert files[FileKind.DATA].sha256 == packet.content_sha256
    assert "verify.py" in ZipFile(BytesIO(contents[FileKind.ZIP])).namelist()
    for kind in (FileKind.PDF_A4, FileKind.PDF_LETTER):
        assert len(pypdf.PdfReader(BytesIO(contents[kind])).pages) == files[kind].pages
        assert files[kind].certificate == seal.certificate().fingerprint
        assert files[kind].rendered_sha256 != files[kind].sha256
    assert json.loads(event.body)["data"]["files"] == {kind: file.sha256 for kind, file in files.items()}
    assert (rendering.done_at, rendering.due_at, rendering.attempts) == (LATER, None, 1)


def test_a_proof_is_made_before_a_handoff_that_waits_longer(studio, packet, by):
    with inside(studio):
        hand_over(packet.milestone, by, now=MONDAY - timedelta(seconds=1))

    render_next(now=LATER)

    with inside(studio):
        assert [each.proof_id for each in Rendering.objects.filter(done_at=LATER)] == [packet.pk]


def test_what_is_not_due_or_held_by_another_worker_is_left_alone(studio, packet):
    assert not render_next(now=MONDAY - timedelta(seconds=1))

    with inside(studio):
        Rendering.objects.update(lease_until=LATER + timedelta(days=365))
    assert not render_next(now=LATER)


def test_what_fails_is_tried_again_and_then_parked_with_the_reason(studio, packet, monkeypatch):
    monkeypatch.setattr(process, "PATIENCE", 0)
    said, now = [], LATER
    for _ in range(MOST_ATTEMPTS):
        assert render_next(now=now)
        with inside(studio):
            rendering = Rendering.objects.get()
        said.append((rendering.attempts, rendering.due_at, rendering.parked_at))
        now = rendering.due_at or now

    first, second = LATER + timedelta(minutes=1), LATER + timedelta(minutes=11)
    assert said == [(1, first, None), (2, second, None), (3, None, second)]
    assert rendering.last_error == "It was not ready after 0 seconds."
    assert not render_next(now=now + timedelta(days=1))
    with inside(studio):
        assert not PacketFile.objects.exists()


def test_a_packet_that_kills_its_worker_is_parked_and_keeps_no_other_from_its_files(studio, packet, by):
    with inside(studio):
        Rendering.objects.update(attempts=MOST_ATTEMPTS)
        other = published(by, now=LATER)

    assert [render_next(now=LATER), render_next(now=LATER), render_next(now=LATER)] == [True, True, False]

    with inside(studio):
        parked = Rendering.objects.get(proof=packet)
        assert (parked.parked_at, parked.last_error) == (LATER, BROKE_OFF)
        assert (set(files_of(packet)), set(files_of(other))) == (set(), ALL)


@pytest.mark.faults
def test_a_worker_killed_while_it_prints_leaves_the_packet_to_the_next(fresh_database, studio, packet):
    environment = {**os.environ, **fresh_database.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    with subprocess.Popen([sys.executable, "-c", WORKER], env=environment) as worker:
        try:
            _wait_for_a_claim()
        finally:
            worker.kill()
    with inside(studio):
        assert not PacketFile.objects.exists()
        Rendering.objects.update(lease_until=MONDAY)  # as if the lease's minutes had passed

    assert render_next(now=MONDAY + timedelta(hours=8))

    with inside(studio):
        assert set(files_of(packet)) == ALL
        assert (Rendering.objects.get().attempts, Rendering.objects.get().fence) == (2, 2)
        assert Event.objects.filter(kind="packet_files.made").count() == 1


def _wait_for_a_claim() -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connections["jobs"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM proofs_rendering, pg_sleep(0.02) WHERE fence > 0")
            if cursor.fetchone():
                return
    pytest.fail("The worker never claimed the packet.")
