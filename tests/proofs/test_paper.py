"""PDFs of packets: what they say, the same bytes for the same packet, and nothing that gets out or stuck."""

import base64
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pypdf
import pypdfium2
import pytest

from proofs.rendering import process
from proofs.rendering.child import DEEPEST, Order
from proofs.rendering.paper import pages_of, pdf_of
from proofs.rendering.process import NotMade, carried_out
from tests.proofs import contents

HOSTILE = (
    '</p><img src="file:///etc/passwd"><script>alert(1)</script><style>body{display:none}</style>'
    '{% load x %}{{ secret }}&amp; <a href="http://127.0.0.1:{port}/">'
)

# What may stand directly in a list or a table (ISO 32000).
INSIDE = {
    "/L": {"/LI", "/L", "/Caption"},
    "/LI": {"/Lbl", "/LBody"},
    "/Table": {"/TR", "/THead", "/TBody", "/TFoot", "/Caption"},
    "/TBody": {"/TR"},
    "/TR": {"/TH", "/TD"},
}


def printed(order: Order) -> bytes:
    return carried_out("child", order)


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(pdf))


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())


def order(html: str, **changes: Any) -> Order:
    made: Order = {"html": html, "styles": [], "assets": {}, "identifier": "0" * 32}
    return {**made, **changes}  # type: ignore[typeddict-item]


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A socket on loopback that notes whether anybody connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def was_called(server: socket.socket) -> bool:
    try:
        server.accept()
    except BlockingIOError:
        return False
    return True


@pytest.fixture(scope="module")
def a4() -> bytes:
    return pdf_of(contents.proof(), "a4")


def test_a_packet_says_all_that_a_board_asks_for(a4):
    text = text_of(a4)

    for said in (
        *("Northlight Studio", "First-line replies drafted by the model", "Halden Logistics"),
        *("Objective recap", "Before and after", "Artifacts", "Risk and next step"),
        *("148 min", "41 min", "−72.3%", "Baseline measured 12 days after kickoff."),
        *("Not reachable", "Ingrid Halvorsen", "Page 1 of"),
        *(contents.HASH, contents.artifact("Test report, 200 drafts")["sha256"]),
    ):
        assert said in text, said


def test_a_reader_is_told_title_language_structure_and_places(a4):
    reader = read(a4)
    root: Any = reader.trailer["/Root"]

    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == (
        *("Proof packet: First-line replies drafted by the model", "Northlight Studio"),
    )
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], root["/ViewerPreferences"]["/DisplayDocTitle"]) == (
        *("en", True, True),
    )
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    chapters = reader.outline[1]
    assert isinstance(chapters, list)
    assert [chapter.title for chapter in chapters if not isinstance(chapter, list)] == [
        *("Objective recap", "Before and after", "Artifacts", "Risk and next step", "On the record"),
        "Check it yourself",
    ]


def test_a_figure_is_described_for_those_who_cannot_see_it(a4):
    described = {
        found["/Alt"] for found in _objects(read(a4)) if isinstance(found, dict) and found.get("/Alt")
    }

    assert {"Bar of 148\u00a0min", "Bar of 41\u00a0min", "All measured values as a line"} <= described


@pytest.mark.parametrize("content", [contents.proof(), contents.handoff()], ids=["proof", "handoff"])
def test_lists_and_tables_are_built_as_readers_of_the_structure_expect(content):
    root: Any = read(pdf_of(content, "a4")).trailer["/Root"]

    found = {pair for top in root["/StructTreeRoot"]["/K"] for pair in _pairs(top.get_object())}

    assert {(parent, child) for parent, child in found if child not in INSIDE.get(parent, {child})} == set()
    assert {parent for parent, child in found if child == "/LI"} == {"/L"}


def _pairs(element: Any) -> Iterator[tuple[str, str]]:
    """Each element of the structure with what it stands in."""
    inner = element.get("/K", [])
    for each in inner if isinstance(inner, list) else [inner]:
        child = each.get_object() if hasattr(each, "get_object") else each
        if isinstance(child, dict) and "/S" in child:
            yield element["/S"], child["/S"]
            yield from _pairs(child)


def _objects(reader: pypdf.PdfReader) -> Iterator[Any]:
    trailer: Any = reader.trailer
    for number in range(1, trailer["/Size"]):
        yield reader.get_object(number)


def test_it_is_dated_as_its_packet_and_the_same_packet_is_the_same_bytes(a4):
    again = pdf_of(contents.proof(), "a4")

    assert a4 == again
    metadata = read(a4).metadata
    assert metadata is not None
    assert metadata.get("/CreationDate") == metadata.get("/ModDate") == "D:20260521134000Z"
    assert read(a4).trailer["/ID"] != read(pdf_of(contents.proof(recap="Other"), "a4")).trailer["/ID"]


@pytest.mark.parametrize(("size", "points"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_it_fits_the_paper(size, points):
    pdf = pdf_of(contents.proof(), size)

    box = read(pdf).pages[0].mediabox
    assert (round(box.width), round(box.height)) == points
    assert pages_of(pdf) == len(read(pdf).pages) <= 6


def test_words_and_figures_of_any_length_stay_on_the_paper():
    word, figure = "W" * 300, "-99999999999999.9999"
    wide = contents.metric("W" * 80, baseline=contents.value(figure, "2026-11-03T09:00:00Z"), unit="W" * 20)
    pdf = pdf_of(contents.proof(recap=word, risks=word, recommendation=word, metrics=[wide]), "a4")

    assert max(right_edge(page) for page in pypdfium2.PdfDocument(pdf)) < 210 - 19


def right_edge(page: pypdfium2.PdfPage) -> float:
    """Where the last character ends, in millimetres."""
    text = page.get_textpage()
    return max(float(text.get_charbox(index)[2]) for index in range(text.count_chars())) / 72 * 25.4


def test_long_texts_begin_below_their_heading():
    long = "word " * 800
    pdf = pdf_of(contents.proof(risks=long, recommendation=long), "a4")

    (page,) = [page for page in read(pdf).pages if "Risk and next step" in page.extract_text()]
    assert page.extract_text().count("word") > 50


def test_a_handoff_becomes_a_pdf_as_well():
    text = text_of(pdf_of(contents.handoff(), "a4"))

    for said in ("Handoff packet", "Where it stands", "Mara Lindqvist", "M-05", "22 June 2026"):
        assert said in text, said


def test_markup_in_text_is_shown_as_it_was_typed_and_fetches_nothing():
    with listening() as server:
        typed = HOSTILE.replace("{port}", str(server.getsockname()[1]))
        artifact = contents.artifact(typed, kind="link", url="file:///etc/passwd", file_name="")
        told = contents.proof(recap=typed, risks=typed, artifacts=[artifact])

        text = text_of(pdf_of(told, "a4"))

        assert not was_called(server)
    shown = text.replace(" ", "")
    assert typed.replace(" ", "") in shown
    assert "root:x:0" not in text


@pytest.mark.parametrize(
    "reference",
    [
        '<img src="{url}">',
        '<link rel="stylesheet" href="{url}">',
        '<style>@import url("{url}"); body {{ background: url("{url}") }}</style>',
        '<style>@font-face {{ font-family: a; src: url("{url}") }} body {{ font-family: a }}</style>',
        '<svg><image href="{url}" width="9" height="9"/></svg>',
        '<object data="{url}"></object><embed src="{url}">',
        '<link rel="attachment" href="{url}"><a rel="attachment" href="{url}">a</a>',
    ],
)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_the_child_fetches_nothing_even_when_told_to(reference, scheme, tmp_path):
    (tmp_path / "secret.txt").write_text("the secret")
    with listening() as server:
        web = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        url = web if scheme == "http" else (tmp_path / "secret.txt").as_uri()

        pdf = printed(order(f'<html lang="en"><body>before {reference.format(url=url)} after</body></html>'))

        assert not was_called(server)
    assert b"the secret" not in pdf
    assert not any(b"the secret" in _data(found) for found in _objects(read(pdf)))


def _data(found: Any) -> bytes:
    return bytes(found.get_data()) if hasattr(found, "get_data") else b""


def test_invisible_and_turning_characters_are_made_visible():
    text = text_of(pdf_of(contents.proof(recap="pay \u202e000,1\u202c now"), "a4"))

    assert "pay �000,1� now" in text


def test_a_table_of_thousands_is_cut_and_says_so():
    many = [contents.artifact(f"Artifact {number}") for number in range(5000)]

    pdf = pdf_of(contents.proof(artifacts=many), "a4")

    assert "4,800 artifacts more, not in this packet." in text_of(pdf)
    assert pages_of(pdf) < 40


def test_deep_nesting_ends_the_child_and_nothing_else():
    deep = "<div>" * 300 + "x" + "</div>" * 300

    with pytest.raises(NotMade, match=f"nested deeper than {DEEPEST}"):
        printed(order(deep))

    assert pages_of(printed(order("<html lang='en'><body>next</body></html>"))) == 1


@pytest.mark.parametrize(
    "picture",
    [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, b"<svg xmlns='http://www.w3.org/2000/svg'>"],
)
def test_a_broken_picture_is_left_out(picture):
    assets = {"one.png": base64.b64encode(picture).decode()}

    pdf = printed(order("<html lang='en'><body>a<img src='asset:one.png' alt='One'>b", assets=assets))

    assert "a" in text_of(pdf)


@pytest.mark.slow
def test_what_takes_too_long_or_too_much_is_stopped(monkeypatch):
    monkeypatch.setattr(process, "PATIENCE", 3)
    grows = "<table>" + "<tr><td>x</td></tr>" * 200_000 + "</table>"

    with pytest.raises(NotMade, match=r"not ready after 3 seconds|stopped by signal"):
        printed(order(grows))


def test_the_child_knows_no_secret(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")

    known = process.surroundings("/tmp/somewhere")

    assert not {"SECRET_KEY", "SEAL_KEY", "DATABASE_URL", "APP_DATABASE_URL"} & known.keys()
    assert known["HOME"] == known["TMPDIR"] == "/tmp/somewhere"


def test_libraries_that_were_unpacked_are_told_to_the_child_alone(monkeypatch, tmp_path):
    libraries = tmp_path / "system" / "usr" / "lib" / "x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    known = process.surroundings("/tmp/somewhere")

    assert known["LD_LIBRARY_PATH"] == str(libraries)
    assert known["FONTCONFIG_FILE"] == str(tmp_path / "system" / "fonts.conf")
