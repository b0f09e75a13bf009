"""PDFs of packets: HTML is made here, the PDF by a child process that knows nothing and may do nothing."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Final, Literal, cast

from django.conf import settings
from django.template.loader import render_to_string
from pyhanko.pdf_utils.reader import PdfFileReader

from journal.canonical import canonical
from proofs.content import HANDOFF_SCHEMA, HandoffContent, ProofContent
from proofs.rendering.child import ASSET, Order
from proofs.rendering.process import carried_out
from proofs.rendering.sheet import Sheet, handoff_sheet, proof_sheet

Paper = Literal["a4", "letter"]
Content = ProofContent | HandoffContent
Pictures = Mapping[str, bytes]

SIZES: Final[Mapping[Paper, str]] = {"a4": "A4", "letter": "Letter"}
FONTS: Final = ("inter-latin.woff2", "inter-latin-ext.woff2")


def pdf_of(content: Content, paper: Paper, *, pictures: Pictures | None = None) -> bytes:
    """The packet on paper, unsealed. The same content on the same machine makes the same bytes.

    `pictures` are small JPEGs by the ids of the artifact versions that they show.

    Raises:
        NotMade: when the child gave up, broke off or took too long.
    """
    return carried_out("child", order_of(content, paper, pictures=pictures or {}))


def order_of(content: Content, paper: Paper, *, pictures: Pictures) -> Order:
    sha256 = hashlib.sha256(canonical(content).encode()).hexdigest()
    sheet, part = _sheet(content, sha256=sha256, pictures=pictures)
    html = render_to_string(
        "proofs/packet.html",
        {"sheet": sheet, "part": part, "created": content["packet"]["published_at"]},
    )
    return {
        "html": html,
        "styles": [_style(), f"@page {{ size: {SIZES[paper]}; }} :root {{ --ink: {sheet.ink}; }}"],
        "assets": {**_fonts(), **{name: _text(picture) for name, picture in pictures.items()}},
        "identifier": hashlib.sha256(f"{sha256} {paper}".encode()).hexdigest()[:32],
    }


def _sheet(content: Content, *, sha256: str, pictures: Pictures) -> tuple[Sheet, str]:
    if content["schema"] == HANDOFF_SCHEMA:
        return handoff_sheet(cast(HandoffContent, content), sha256=sha256), "proofs/_handoff.html"
    previews = {name: f"{ASSET}{name}" for name in pictures}
    return proof_sheet(cast(ProofContent, content), sha256=sha256, previews=previews), "proofs/_proof.html"


@cache
def _style() -> str:
    return (settings.ROOT / "static/css/packet-print.css").read_text()


@cache
def _fonts() -> dict[str, str]:
    folder = settings.ROOT / "static/fonts"
    return {name: _text((folder / name).read_bytes()) for name in FONTS}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def pages_of(pdf: bytes) -> int:
    reader = PdfFileReader(BytesIO(pdf))
    return int(reader.root["/Pages"]["/Count"])
