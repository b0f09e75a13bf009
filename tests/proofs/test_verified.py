"""What an intruder with the whole server changes of a published packet, and what the page then names."""

import hashlib
import json
import zipfile
from io import BytesIO
from typing import Any

import pytest

from journal.actors import Actor
from journal.canonical import canonical
from milestones.files import keep_bytes, place_of
from proofs.archive import MANIFEST
from proofs.models import PacketFile, ProofPacket
from proofs.queries.published import files_of
from proofs.queries.verified import findings
from proofs.words import FileKind
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories, superuser
from tests.plugins.database import FreshDatabase
from tests.proofs.publishing import make_files, published
from workspaces.models import User

pytestmark = pytest.mark.slow

SAYS, JOURNAL, SEAL = "What the packet says", "The journal", "The seal"
ARCHIVE = str(FileKind.ZIP.label)


@pytest.fixture
def ada(fresh_database: FreshDatabase) -> User:
    return factories.person()


@pytest.fixture
def studio(ada: User) -> Workspace:
    return factories.workspace(ada)


@pytest.fixture
def packet(studio: Workspace, by: Actor) -> ProofPacket:
    with inside(studio):
        packet = published(by)
        make_files(packet)
    return packet


def _broken(studio: Workspace) -> list[str]:
    with inside(studio):
        packet = ProofPacket.objects.get()
        return [each.what for each in findings(packet, files_of(packet)) if not each.holds]


def test_nothing_is_named_of_a_packet_that_nobody_touched(studio, packet):
    assert _broken(studio) == []


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE proofs_proofpacket SET content = jsonb_set(content, '{recap}', '\"Other\"')", [SAYS]),
        ("UPDATE proofs_proofpacket SET journal_hash = repeat('0', 64)", [JOURNAL]),
        ("UPDATE proofs_proofpacket SET journal_seq = journal_seq - 1", [JOURNAL]),
        (
            """UPDATE journal_event SET body = replace(body, '"same_day":true', '"same_day":false')
            WHERE kind = 'proof_packet.published'""",
            [JOURNAL],
        ),
        ("UPDATE journal_event SET body = '[]' WHERE kind = 'proof_packet.published'", [JOURNAL]),
        ("DELETE FROM journal_event WHERE kind = 'proof_packet.published'", [JOURNAL]),
        (
            """UPDATE proofs_packetfile SET sha256 = (
                SELECT sha256 FROM proofs_packetfile WHERE kind = 'pdf_letter'
            ) WHERE kind = 'pdf_a4'""",
            [SEAL],
        ),
        ("UPDATE proofs_packetfile SET certificate = repeat('0', 64) WHERE kind = 'zip'", [SEAL]),
        ("UPDATE proofs_sealcertificate SET fingerprint = repeat('0', 64)", [SEAL]),
        ("UPDATE proofs_sealcertificate SET certificate = 'none'", [SEAL]),
    ],
)
def test_what_was_tampered_with_is_named(studio, packet, fresh_database, statement, named):
    with superuser.connect(fresh_database.name) as intruder:
        changed = intruder.execute(statement.encode()).rowcount

    assert changed > 0
    assert _broken(studio) == named


def test_a_content_that_brings_its_own_hash_disagrees_with_the_journal(studio, packet, fresh_database):
    content = canonical({**packet.content, "recap": "Other"})
    digest = hashlib.sha256(content.encode()).hexdigest()
    with superuser.connect(fresh_database.name) as intruder:
        intruder.execute(
            "UPDATE proofs_proofpacket SET content = %s::jsonb, content_sha256 = %s", [content, digest]
        )

    assert _broken(studio) == [JOURNAL]


def _place(studio: Workspace) -> Any:
    with inside(studio):
        return place_of(PacketFile.objects.get(kind=FileKind.ZIP).sha256)


def test_an_archive_that_was_damaged_is_named_with_its_seal(studio, packet):
    place = _place(studio)
    place.write_bytes(place.read_bytes()[:-40])

    assert _broken(studio) == [ARCHIVE, SEAL]


def test_an_archive_that_cannot_be_read_is_named_with_its_seal(studio, packet):
    place = _place(studio)
    place.unlink()
    place.mkdir()

    assert _broken(studio) == [ARCHIVE, SEAL]


def _packed(manifest: Any) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(manifest))
    return target.getvalue()


def _marked(archive: bytes, *, at: int, with_: int) -> bytes:
    """With another number at this place of its only entry, in both of its headers."""
    local, central = archive.index(b"PK\3\4"), archive.index(b"PK\1\2")
    marked = bytearray(archive)
    marked[local + at] = marked[central + at + 2] = with_
    return bytes(marked)


PLAIN = _packed({"files": {}})


@pytest.mark.parametrize(
    "archive",
    [
        b"no archive",
        _marked(PLAIN, at=8, with_=99),
        _marked(PLAIN, at=6, with_=1),
        _packed([]),
        _packed({"signature": "none", "files": {}}),
        _packed({"signature": {"value": "not hex"}, "files": {}}),
        _packed({"signature": {"value": "00"}, "files": []}),
        PLAIN,
    ],
    ids=["text", "unknown way of packing", "locked", "list", "text as seal", "no hex", "false", "unsealed"],
)
def test_any_archive_that_was_put_in_its_place_is_no_seal(studio, packet, fresh_database, archive):
    with inside(studio):
        digest = keep_bytes(archive)
    with superuser.connect(fresh_database.name) as intruder:
        intruder.execute("UPDATE proofs_packetfile SET sha256 = %s WHERE kind = 'zip'", [digest])

    assert _broken(studio) == [SEAL]
