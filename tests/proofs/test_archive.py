"""The archive of a packet: one for the same packet, and whatever is changed in it is found offline."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.canonical import canonical
from journal.models import Event
from milestones.actions.milestone import change_milestone
from milestones.actions.scope import queue_request
from proofs import archive, disclosure
from proofs.actions import packets
from proofs.queries.entries import entries_at
from proofs.rendering import seal
from tests import factories
from tests.factories import MONDAY
from tests.guards.source import ROOT
from tests.plugins.scenes import scene
from tests.proofs.publishing import TEXTS, contents_of, look, published
from tools import verify_packet
from tools.verify_packet import Fault

VERIFIER = ROOT / "tools" / "verify_packet.py"
SECRET = "never for the client"
BROKEN = (Fault, ValueError, KeyError, TypeError, AttributeError, IndexError)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@scene
def packet(studio, by):
    return published(by)


@scene
def content(packet):
    return archive.archive_of(packet, contents_of(packet))


def test_the_archive_holds_what_verifies_it(content, packet):
    files = unpacked(content)

    assert sorted(files) == [
        *("README.txt", "certificate.pem", "data.json", "manifest.json", "packet-letter.pdf", "packet.pdf"),
        *("trail.json", "verify.py"),
    ]
    assert files["verify.py"] == VERIFIER.read_bytes()
    assert seal.certificate().fingerprint in files["README.txt"].decode()
    assert packet.content_sha256 in files["README.txt"].decode()


def test_the_same_packet_is_the_same_archive(content, packet):
    assert archive.archive_of(packet, contents_of(packet)) == content


def test_the_manifest_names_every_file_and_the_packet(content, packet):
    files = unpacked(content)
    manifest = json.loads(files.pop("manifest.json"))

    assert manifest["files"] == {
        name: {"sha256": hashlib.sha256(file).hexdigest(), "size": len(file)} for name, file in files.items()
    }
    assert manifest["packet"] == {
        "kind": "proof",
        "id": str(packet.pk),
        "number": 1,
        "published_at": "2026-03-02T09:00:00.000000Z",
        "content_sha256": packet.content_sha256,
    }


def test_it_is_whole_as_an_archive_and_as_a_folder(content, packet, tmp_path):
    archived, folder = tmp_path / "packet.zip", tmp_path / "packet"
    archived.write_bytes(content)
    with zipfile.ZipFile(archived) as packed:
        packed.extractall(folder)

    as_archive = _run(VERIFIER, archived)
    as_folder = _run(folder / "verify.py")

    assert (as_archive.returncode, as_archive.stderr) == (0, "")
    assert as_archive.stdout == as_folder.stdout
    assert "Whole: proof packet 1 of “Onboarding dashboard published”" in as_folder.stdout
    assert seal.certificate().fingerprint in as_folder.stdout
    assert "That no entry was left out." in as_folder.stdout


def test_the_verifier_runs_where_nothing_of_ours_is_installed(content, tmp_path):
    (tmp_path / "packet.zip").write_bytes(content)
    alone = [sys.executable, "-I", "-S", VERIFIER, tmp_path / "packet.zip"]

    ran = subprocess.run(alone, capture_output=True, text=True, check=False, cwd=tmp_path, env={})

    assert ran.returncode == 0, ran.stderr


def test_the_verifier_speaks_where_only_ascii_is_shown(content, tmp_path):
    (tmp_path / "packet.zip").write_bytes(content)

    ran = _run(VERIFIER, tmp_path / "packet.zip", PYTHONIOENCODING="ascii")

    assert ran.returncode == 0
    assert "of ?Onboarding dashboard published?" in ran.stdout


def test_a_forged_packet_does_not_steer_the_terminal(content, tmp_path):
    (tmp_path / "packet.zip").write_bytes(archive.packed({**unpacked(content), "\x1b[2Jnew": b""}))

    ran = _run(VERIFIER, tmp_path / "packet.zip")

    assert ran.returncode == 1
    assert ran.stderr == "?[2Jnew is not a file of the packet.\n"


def test_the_verifier_is_understood_by_python_3_8():
    compiled = compile(VERIFIER.read_text(), VERIFIER, "exec", flags=1024, _feature_version=8)

    assert compiled is not None


@pytest.mark.parametrize(
    ("expected", "code"),
    [("{}", 0), ("  {}".upper(), 0), ("f" * 64, 1)],
)
def test_another_certificate_than_the_expected_one_is_named(content, tmp_path, expected, code):
    (tmp_path / "packet.zip").write_bytes(content)
    fingerprint = expected.format(seal.certificate().fingerprint)

    ran = _run(VERIFIER, tmp_path / "packet.zip", "--fingerprint", fingerprint)

    assert ran.returncode == code
    assert ("sealed by another certificate" in ran.stderr) is bool(code)


# Whatever is changed is found.


def _read(files: dict[str, bytes], name: str) -> bytes:
    return files[name]


def _reader(files):
    return partial(_read, files)


@pytest.mark.django_db
def test_any_one_byte_of_any_file_that_is_changed_is_found(content):
    files = unpacked(content)
    names = sorted(files)

    @settings(max_examples=400, deadline=None)
    @given(st.sampled_from(names), st.integers(min_value=0), st.integers(1, 255))
    def altered(name: str, place: int, mask: int) -> None:
        changed = bytearray(files[name])
        changed[place % len(changed)] ^= mask
        with pytest.raises(BROKEN):
            verify_packet.verify(_reader({**files, name: bytes(changed)}))

    altered()
    assert verify_packet.verify(_reader(files)).startswith("Whole: ")


@pytest.mark.parametrize("name", ["manifest.json", "certificate.pem", "trail.json"])
def test_every_byte_of_a_small_file_counts(content, name):
    files = unpacked(content)
    step = max(1, len(files[name]) // 1500)

    for place in range(0, len(files[name]), step):
        changed = bytearray(files[name])
        changed[place] ^= 1
        with pytest.raises(Fault, match=r"was changed|not the certificate|too weak"):
            verify_packet.verify(_reader({**files, name: bytes(changed)}))


@pytest.mark.django_db
def test_any_one_byte_of_the_archive_itself_that_is_changed_is_found(content):
    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, len(content) - 1), st.integers(1, 255))
    def altered(place: int, mask: int) -> None:
        changed = bytearray(content)
        changed[place] ^= mask
        with pytest.raises(BROKEN):
            verify_packet.verify(verify_packet.reader_of_archive(bytes(changed)))

    altered()
    assert verify_packet.verify(verify_packet.reader_of_archive(content)).startswith("Whole: ")


@pytest.mark.parametrize("name", ["data.json", "packet.pdf", "verify.py", "README.txt"])
def test_a_missing_file_is_named(content, name):
    files = unpacked(content)
    del files[name]

    with pytest.raises(Fault, match=f"{name} is missing"):
        verify_packet.verify(verify_packet.reader_of_archive(archive.packed(files)))


def test_a_file_more_is_named(content):
    files = unpacked(content) | {"invoice.pdf": b"%PDF"}

    with pytest.raises(Fault, match=r"invoice.pdf is not a file of the packet"):
        verify_packet.reader_of_archive(archive.packed(files))


def test_an_archive_that_was_packed_anew_is_told_from_the_one_that_was_sealed(content):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as anew:
        for name, file in unpacked(content).items():
            anew.writestr(name, file)

    with pytest.raises(Fault, match="packed anew"):
        verify_packet.reader_of_archive(target.getvalue())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", b"\0" * 200])
def test_what_is_no_archive_is_refused(content, tmp_path):
    (tmp_path / "packet.zip").write_bytes(content)

    assert _run(VERIFIER, tmp_path / "packet.zip").returncode == 1


# Who holds the key can seal what is wrong; the content is held against itself all the same.


def _resealed(packet, content, **changes) -> bytes:
    """An archive that bears a good seal, of files that say something else."""
    files = unpacked(content)
    manifest = json.loads(files.pop("manifest.json"))
    files |= {name: canonical(change(json.loads(files[name]))).encode() for name, change in changes.items()}
    return archive.sealed(
        {name: file for name, file in files.items() if name != "certificate.pem"},
        told={**manifest["packet"], "content_sha256": hashlib.sha256(files["data.json"]).hexdigest()},
        certificate=seal.certificate(),
        sign=seal.sign,
    )


def _other_answer(told):
    return {**told, "decisions": [{**each, "option": "changes"} for each in told["decisions"]]}


def _other_moment(told):
    return {**told, "trail": [{**each, "at": "2025-01-01T00:00:00Z"} for each in told["trail"]]}


def _other_milestone(told):
    return {**told, "milestone": {**told["milestone"], "id": told["packet"]["id"]}}


def _other_body(told):
    entries = [
        {**each, "body": each["body"].replace("approved", "declined")} if "body" in each else each
        for each in told["entries"]
    ]
    return {**told, "entries": entries}


def _other_people(told):
    entries = [
        {**each, "personal": {**each["personal"], "actor": "Eve"}} if "salt" in each else each
        for each in told["entries"]
    ]
    return {**told, "entries": entries}


def _without_the_last(told):
    return {**told, "entries": told["entries"][:-1]}


def _another_head(told):
    return {**told, "head": {**told["head"], "seq": told["head"]["seq"] + 1}}


@pytest.mark.parametrize(
    ("name", "change", "named"),
    [
        ("data.json", _other_answer, "tells another option of entry"),
        ("data.json", _other_moment, "tells another at of entry"),
        ("data.json", _other_milestone, "is not about this milestone"),
        ("trail.json", _other_body, "was changed: its hash is another one"),
        ("trail.json", _other_people, "names other people"),
        ("trail.json", _without_the_last, "and trail.json has another"),
        ("trail.json", _another_head, "another head of the journal"),
    ],
)
def test_a_packet_that_disagrees_with_the_journal_is_found_in_spite_of_its_seal(
    packet, content, name, change, named
):
    resealed = _resealed(packet, content, **{name: change})

    with pytest.raises(Fault, match=named):
        verify_packet.verify(verify_packet.reader_of_archive(resealed))


# What is handed out of the journal.


def _trail(packet):
    content = packet.content
    return disclosure.trail(content, entries_at(disclosure.places(content)))


def test_the_trail_holds_the_entries_that_the_packet_tells_of(packet):
    told = _trail(packet)
    shown = {json.loads(entry["body"])["kind"] for entry in told["entries"] if "body" in entry}

    named = packet.content["trail"] + packet.content["decisions"]
    assert [entry["seq"] for entry in told["entries"]] == sorted({each["seq"] for each in named})
    assert {"milestone.created", "milestone.moved", "decision.made", "milestone.accepted"} <= shown


def test_names_are_handed_out_where_the_packet_says_them_anyway(packet):
    kept = {
        json.loads(entry["body"])["kind"]: entry.get("personal")
        for entry in _trail(packet)["entries"]
        if "body" in entry
    }

    assert kept["milestone.accepted"] == {"actor": "Dan Decider"}
    assert kept["decision.made"] is None  # it holds a comment, which the packet does not repeat


def test_nothing_internal_leaves_with_the_trail(studio, by):
    milestone = factories.milestone_in_review(by)
    change_milestone(milestone.pk, {"notes": SECRET}, by=by, now=MONDAY)
    queue_request(milestone.pk, title=SECRET, detail=SECRET, by=by, now=MONDAY)
    factories.answer(milestone)
    draft = packets.assemble(milestone.pk, now=MONDAY)
    packets.write(draft.pk, TEXTS, by=by, now=MONDAY)
    look(milestone)
    packet = packets.publish(draft.pk, by=by, now=MONDAY)

    told = json.dumps(_trail(packet), ensure_ascii=False)

    assert SECRET in " ".join(Event.objects.values_list("body", flat=True))
    assert SECRET not in told
    assert SECRET not in archive.archive_of(packet, contents_of(packet)).decode(errors="replace")


@pytest.mark.parametrize("kind", sorted(disclosure.OPEN))
def test_an_entry_that_says_more_than_a_client_may_know_is_withheld(packet, kind):
    (entry, *_) = entries_at([packet.content["trail"][0]["seq"]])
    open_data = dict.fromkeys(disclosure.OPEN[kind], "")
    bodies = [
        json.dumps({"kind": kind, "data": data, "personal": ""})
        for data in (open_data, {**open_data, "price": "12.00"})
    ]

    told = [disclosure.trail(packet.content, [entry._replace(body=body)])["entries"][0] for body in bodies]

    assert ["body" in each for each in told] == [True, False]
    assert sorted(told[1]) == ["hash", "seq"]


def _run(program: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    told = [sys.executable, str(program), *map(str, arguments)]
    return subprocess.run(
        told, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
