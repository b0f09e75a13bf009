"""What is behind a packet's link: the published version, its files, and whether they still hold."""

import hashlib
import json
from urllib.parse import urlsplit

import pytest
from django.utils.html import escape

from journal.actors import Recipient
from journal.canonical import canonical
from milestones.actions import decisions
from milestones.actions.engagements import archive as put_away
from milestones.files import place_of
from milestones.models import Decision
from proofs.actions import packets
from proofs.models import PacketFile, Rendering
from proofs.queries.published import files_of
from proofs.words import FileKind
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY
from tests.proofs.publishing import TEXTS, hand_over, make_files, publish
from tests.web.conftest import page
from tests.web.test_query_counts import statements
from tools import verify_packet
from workspaces.actions import address_of, make_link, revoke_link, rotate_link
from workspaces.models import Link, Purpose

SECRET = "never for the client"
FILES = {
    "pdf_a4": ("application/pdf", 'filename="Proof packet 1.1 version 1 A4.pdf"'),
    "pdf_letter": ("application/pdf", 'filename="Proof packet 1.1 version 1 letter.pdf"'),
    "data": ("application/json", 'filename="Proof packet 1.1 version 1.json"'),
    "zip": ("application/zip", 'filename="Proof packet 1.1 version 1.zip"'),
}


@pytest.fixture
def milestone(studio, by, wednesday):
    with inside(studio):
        return factories.milestone_in_closeout(by)


@pytest.fixture
def packet(studio, by, milestone):
    with inside(studio):
        return publish(milestone, by)


@pytest.fixture
def made(studio, packet):
    """The packet with its files."""
    with inside(studio):
        make_files(packet)
    return packet


@pytest.fixture
def link(studio, packet):
    with inside(studio):
        return Link.objects.get(purpose=Purpose.PROOF)


@pytest.fixture
def address(studio, link):
    with inside(studio):
        return urlsplit(address_of(link)).path


def _correct(studio, by, milestone, why="The target was 60, not 45."):
    with inside(studio):
        draft = packets.correct(milestone.pk, correction=why, by=by, now=MONDAY)
        return packets.publish(draft.pk, by=by, now=MONDAY)


def test_the_client_reads_the_published_packet_without_a_login(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert "Proof packet" in page(response)
    assert "Onboarding dashboard published" in page(response)
    assert TEXTS["recap"].replace("'", "&#x27;") in page(response)
    assert TEXTS["not_measurable"] in page(response)


def test_a_packet_is_kept_out_of_caches_indexes_and_other_sites(client, address):
    response = client.get(address)

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in page(response)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_a_packet_only_answers_reads(client, address, method):
    assert getattr(client, method)(address).status_code == 405


def test_opening_a_packet_writes_nothing_but_that_it_was_opened(client, studio, address, link, packet):
    with inside(studio):
        before = _state(packet)
    client.head(address)
    client.get(address)

    with inside(studio):
        link.refresh_from_db()
        assert _state(packet) == before
    assert link.last_seen_at is not None


def _state(packet):
    packet.refresh_from_db()
    return canonical(packet.content), packet.version, Rendering.objects.get().attempts


@pytest.mark.parametrize("end", [revoke_link, rotate_link])
def test_an_address_that_ended_says_so_and_shows_nothing(client, studio, by, made, address, link, end):
    with inside(studio):
        end(link, by=by, now=MONDAY)

    for path in (address, f"{address}/files/pdf_a4"):
        response = client.get(path)
        assert response.status_code == 410
        assert "Onboarding" not in page(response)


def test_an_address_whose_time_is_over_says_so(client, studio, made, address, link):
    with inside(studio):
        Link.objects.filter(pk=link.pk).update(expires_at=MONDAY)

    answers = [client.get(path) for path in (address, f"{address}/files/zip")]

    assert [response.status_code for response in answers] == [410, 410]
    assert "This link has expired" in page(answers[0])
    assert "Onboarding" not in page(answers[0])


def test_a_packet_of_an_archived_project_is_gone_and_says_so(client, studio, by, made, address, milestone):
    with inside(studio):
        milestone.project.refresh_from_db()
        put_away(milestone.project_id, by=by, now=MONDAY)

    answers = [client.get(path) for path in (address, f"{address}/files/data")]

    assert [response.status_code for response in answers] == [410, 410]
    assert "Onboarding" not in page(answers[0])


@pytest.mark.parametrize("path", ["/proof/", "/handoff/"])
def test_an_unknown_address_is_not_found(client, studio, path, wednesday):
    assert client.get(f"{path}{'a' * 43}").status_code == 404


@pytest.mark.parametrize("purpose", [Purpose.PORTAL, Purpose.HANDOFF, Purpose.CONFIDENCE])
def test_the_token_of_another_purpose_opens_nothing(client, studio, by, milestone, packet, purpose):
    with inside(studio):
        to = Recipient("contact", None, "Northwind", "")
        other = make_link(purpose, subject=milestone, to=to, by=by, now=MONDAY)
        token = urlsplit(address_of(other)).path.rpartition("/")[2]

    assert client.get(f"/proof/{token}").status_code == 404


def test_a_draft_is_not_shown(client, studio, by, packet, address, milestone):
    with inside(studio):
        draft = packets.correct(milestone.pk, correction="Soon", by=by, now=MONDAY)
        packets.write(draft.pk, {"recap": SECRET}, by=by, now=MONDAY)

    shown = page(client.get(address))

    assert SECRET not in shown
    assert client.get(f"{address}?version=2").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "{{ settings.SECRET_KEY }}", "</article>"],
)
def test_markup_in_a_text_is_shown_as_it_was_typed(client, studio, by, milestone, text):
    with inside(studio):
        packet = publish(milestone, by, recap=text)
        path = urlsplit(address_of(Link.objects.get(purpose=Purpose.PROOF))).path

    shown = client.get(path).content.decode()

    assert packet.content["recap"] == text
    assert escape(text) in shown
    assert shown.count("</article>") == 1
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


# Versions.


def test_a_correction_takes_the_place_of_the_version_before_which_stays(
    client, studio, by, packet, address, milestone
):
    _correct(studio, by, milestone)

    latest, first = page(client.get(address)), page(client.get(f"{address}?version=1"))

    assert "The target was 60, not 45." in latest
    assert "This is version 1" not in latest
    assert "This is version 1. Version 2 took its place" in first
    assert first.count("superseded") == 1


@pytest.mark.parametrize("version", ["0", "2", "-1", "one", "1' OR '1'='1", "٣", "9" * 40])
def test_a_version_that_was_not_published_is_not_found(client, made, address, version):
    answers = [client.get(path, {"version": version}) for path in (address, f"{address}/files/pdf_a4")]

    assert [response.status_code for response in answers] == [404, 404]


def test_an_acceptance_that_was_taken_back_is_said(client, studio, by, packet, address, milestone):
    with inside(studio):
        mistaken = Decision.objects.get(request__milestone=milestone)
        decisions.countermand(mistaken.pk, reason="Wrong milestone", by=by, now=MONDAY)

    assert "was taken back later" in page(client.get(address))


# Files.


def test_files_are_offered_once_they_are_made(client, studio, address, packet):
    before = page(client.get(address))
    with inside(studio):
        make_files(packet)
    after = page(client.get(address))

    assert "The files to download are being made" in before
    assert "/files/" not in before
    assert "being made" not in after
    assert [f"{address}/files/{kind}?version=1" in after for kind in FILES] == [True] * 4


def test_files_that_could_not_be_made_are_not_promised(client, studio, address, packet):
    with inside(studio):
        Rendering.objects.update(due_at=None, parked_at=MONDAY, last_error="The worker ran out of memory")

    shown = page(client.get(address))

    assert "could not be made yet" in shown
    assert "out of memory" not in shown


@pytest.mark.parametrize("kind", FILES)
def test_a_file_leaves_as_a_download_that_no_browser_opens_in_our_name(client, studio, made, address, kind):
    response = client.get(f"{address}/files/{kind}")

    body = response.getvalue()
    with inside(studio):
        kept = PacketFile.objects.get(kind=kind)
    content_type, name = FILES[kind]
    assert response.status_code == 200
    assert hashlib.sha256(body).hexdigest() == kept.sha256
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f"attachment; {name}"
    assert response["Content-Length"] == str(kept.size) == str(len(body))
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


def test_a_file_says_what_it_is_without_being_sent(client, made, address):
    told = client.head(f"{address}/files/pdf_a4")

    assert told.status_code == 200
    assert told["Content-Length"] == "14"
    assert told.getvalue() == b""


def test_a_file_that_the_reader_has_is_not_sent_again(client, made, address):
    tag = client.head(f"{address}/files/zip")["ETag"]

    again = client.get(f"{address}/files/zip", headers={"If-None-Match": tag})
    other = client.get(f"{address}/files/zip", headers={"If-None-Match": '"other"'})

    assert (again.status_code, again["ETag"], again.content) == (304, tag, b"")
    assert other.status_code == 200
    other.close()


@pytest.mark.parametrize("kind", ["pdf", "exe", "ZIP", "manifest"])
def test_a_file_of_no_kind_is_not_found(client, made, address, kind):
    assert client.get(f"{address}/files/{kind}").status_code == 404


def test_a_file_that_is_not_made_yet_is_not_found(client, packet, address):
    assert client.get(f"{address}/files/zip").status_code == 404


def test_each_version_has_files_of_its_own(client, studio, by, made, address, milestone):
    second = _correct(studio, by, milestone)
    with inside(studio):
        make_files(second)

    first, second = (
        json.loads(client.get(f"{address}/files/data?version={number}").getvalue()) for number in (1, 2)
    )

    assert (first["packet"]["number"], second["packet"]["number"]) == (1, 2)


def test_the_archive_that_was_downloaded_is_whole(client, made, address):
    body = client.get(f"{address}/files/zip").getvalue()

    assert verify_packet.verify(verify_packet.reader_of_archive(body)).startswith("Whole: proof packet 1")


# The handoff packet, behind a link of its own.


@pytest.fixture
def handoff(studio, by, milestone):
    with inside(studio):
        packet = hand_over(milestone, by)
        make_files(packet)
        return packet


@pytest.fixture
def handoff_address(studio, handoff):
    with inside(studio):
        return urlsplit(address_of(Link.objects.get(purpose=Purpose.HANDOFF))).path


def test_the_client_reads_what_happens_next(client, handoff_address):
    response = client.get(handoff_address)

    assert response.status_code == 200
    assert "Handoff packet" in page(response)
    assert TEXTS["recommendation"] in page(response)
    assert page(response).count(">Holds<") == 7
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(("kind", "ending"), [("pdf_a4", " A4.pdf"), ("data", ".json"), ("zip", ".zip")])
def test_a_handoff_leaves_as_files_too(client, studio, handoff, handoff_address, kind, ending):
    response = client.get(f"{handoff_address}/files/{kind}")

    with inside(studio):
        kept = files_of(handoff)[FileKind(kind)]
    named = f'attachment; filename="Handoff packet 1.1 version 1{ending}"'
    assert hashlib.sha256(response.getvalue()).hexdigest() == kept.sha256
    assert response["Content-Disposition"] == named


def test_the_archive_of_a_handoff_is_whole(client, handoff_address):
    body = client.get(f"{handoff_address}/files/zip").getvalue()

    assert verify_packet.verify(verify_packet.reader_of_archive(body)).startswith("Whole: handoff packet 1")


def test_each_link_opens_its_own_packet_only(client, address, handoff_address):
    crossed = handoff_address.replace("/handoff/", "/proof/"), address.replace("/proof/", "/handoff/")

    assert [client.get(path).status_code for path in crossed] == [404, 404]


# Whether it still holds.


def test_the_certificate_is_said_to_be_the_installation_s_and_not_the_agency_s(client, made, address):
    shown = page(client.get(address))

    assert "of the certificate that this installation of Cairn seals with" in shown
    assert "since the installation of Cairn that made this packet seals with a certificate" in shown


def test_what_is_kept_is_checked_as_the_page_is_opened(client, made, address):
    shown = page(client.get(address))

    assert "<strong>Yes.</strong>" in shown
    assert shown.count(">Holds<") == 7
    assert "python3 verify.py" in shown


def _damage(file):
    place_of(file.sha256).write_bytes(b"something else")


def _lose(file):
    place_of(file.sha256).unlink()


@pytest.mark.parametrize(
    ("kind", "harm", "named"),
    [
        (FileKind.PDF_A4, _damage, "PDF, A4</strong> was changed"),
        (FileKind.DATA, _damage, "Data file</strong> was changed"),
        (FileKind.PDF_LETTER, _lose, "PDF, US Letter</strong> is missing"),
        (FileKind.ZIP, _lose, "The seal</strong> does not hold"),
        (FileKind.ZIP, _damage, "The seal</strong> does not hold"),
    ],
)
def test_a_file_that_was_touched_is_named(client, studio, made, address, kind, harm, named):
    with inside(studio):
        harm(files_of(made)[kind])

    shown = page(client.get(address))

    assert named in shown
    assert "<strong>No.</strong>" in shown


def test_a_file_that_is_lost_is_not_found(client, studio, made, address):
    with inside(studio):
        _lose(files_of(made)[FileKind.PDF_A4])

    assert client.get(f"{address}/files/pdf_a4").status_code == 404


def test_a_packet_takes_as_many_statements_for_three_versions_as_for_one(
    client, studio, by, made, address, milestone
):
    client.get(address)  # that it was opened is noted once an hour
    one = statements(client, address)
    for _ in range(2):
        packet = _correct(studio, by, milestone)
        with inside(studio):
            make_files(packet)

    three = statements(client, address)

    assert three == one <= 8


def test_a_long_packet_travels_light(client, address):
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert "no-store" in packed["Cache-Control"]
    assert len(packed.content) < len(plain.content) / 2


def test_a_page_with_everything_is_small(client, studio, by, made, address, milestone):
    for number in range(3):
        packet = _correct(studio, by, milestone, why=f"Correction {number}")
        with inside(studio):
            make_files(packet)

    assert len(client.get(address).content) < 100_000
