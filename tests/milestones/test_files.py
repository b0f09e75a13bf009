import os
from datetime import timedelta

import pytest

from milestones import files
from milestones.files import Received
from tenancy.refusal import Refused, TooLarge
from tests.factories import MONDAY

PDF = b"%PDF-1.7\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
GIF_THAT_IS_HTML = b"GIF89a<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.FILES_ROOT = tmp_path
    return tmp_path


def _received(*content: bytes) -> Received:
    with files.received(content, now=MONDAY) as file:
        return file


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (GIF_THAT_IS_HTML, "image/gif"),
        (SVG, "image/svg+xml"),
        (b"<!DOCTYPE html><html><script>alert(1)</script>", "text/html"),
        (b"PK\x03\x04" + bytes(30), "application/zip"),
        (b"week;figure\n9;120 \xc3\xbc\n", "text/plain"),
        (b"\x00\x01\x02\x03\xff", "application/octet-stream"),
    ],
)
def test_the_type_is_what_the_first_bytes_say(content, expected):
    assert _received(content).content_type == expected


def test_pieces_are_one_file():
    file = _received(b"%PDF", b"-1.7\n")

    assert (file.size, file.sha256) == (
        9,
        "0716f9264c9fe19f5d7455276107f3ddcc1d3497f63d60689a73558ae8a1bf5e",
    )


def test_what_is_not_kept_is_gone(root):
    file = _received(PDF)

    assert not file.path.exists()
    assert list((root / "incoming").iterdir()) == []


def test_receiving_stops_where_a_file_is_too_large(root, settings):
    settings.FILE_LARGEST = 1024**2
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield bytes(2**18)

    with pytest.raises(TooLarge, match="at most 1 MB"), files.received(endless(), now=MONDAY):
        pass

    assert len(taken) == 5
    assert list((root / "incoming").iterdir()) == []


def test_an_empty_file_is_refused():
    with pytest.raises(Refused, match="empty"):
        _received(b"", b"")


def test_what_a_killed_process_left_is_forgotten_after_a_day(root):
    incoming = root / "incoming"
    incoming.mkdir()
    for name, age in (("old", timedelta(hours=25)), ("new", timedelta(hours=23))):
        (incoming / name).touch()
        at = (MONDAY - age).timestamp()
        os.utime(incoming / name, (at, at))

    _received(PDF)

    assert [path.name for path in incoming.iterdir()] == ["new"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("C:\\fakepath\\report.pdf", "report.pdf"),
        (".htaccess", "htaccess"),
        ("report\r\nSet-Cookie: a=b.pdf", "report Set-Cookie: a=b.pdf"),
        ("invoice\u202efdp.exe", "invoice fdp.exe"),
        ("a\x00b.png", "a b.png"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("x" * 300, "x" * 200),
        ("Übersicht März.pdf", "Übersicht März.pdf"),
    ],
)
def test_a_name_is_only_a_name(name, expected):
    assert files.clean_name(name) == expected
