"""PDFs of packets: HTML is made here, the PDF by a child process that knows nothing and may do nothing."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, cast

from django.conf import settings
from django.template.loader import render_to_string
from pyhanko.pdf_utils.reader import PdfFileReader

from journal.canonical import canonical
from proofs.content import HANDOFF_SCHEMA, HandoffContent, ProofContent
from proofs.rendering.child import Order
from proofs.rendering.sheet import Sheet, handoff_sheet, proof_sheet

Paper = Literal["a4", "letter"]

SIZES: Final[dict[Paper, str]] = {"a4": "A4", "letter": "Letter"}
PATIENCE: Final = 40  # seconds by the wall clock; the child's own limit counts the processor's
LARGEST: Final = 25 * 1024**2
FONTS: Final = ("inter-latin.woff2", "inter-latin-ext.woff2")
NEEDED: Final = ("PATH", "FONTCONFIG_FILE")
# Without a clock and without chance: embedded fonts carry the time at which they were cut.
STILL: Final = {"SOURCE_DATE_EPOCH": "1767225600", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8"}


class NotMade(Exception):
    """A PDF could not be made; the text says why, for whoever runs this installation."""


def pdf_of(content: ProofContent | HandoffContent, paper: Paper) -> bytes:
    """The packet on paper, unsealed. The same content on the same machine makes the same bytes.

    Raises:
        NotMade: when the child gave up, broke off or took too long.
    """
    sha256 = hashlib.sha256(canonical(content).encode()).hexdigest()
    return printed(order_of(content, paper, sha256=sha256))


def pages_of(pdf: bytes) -> int:
    reader = PdfFileReader(BytesIO(pdf))
    return int(reader.root["/Pages"]["/Count"])


def order_of(content: ProofContent | HandoffContent, paper: Paper, *, sha256: str) -> Order:
    sheet, part = _sheet(content, sha256=sha256)
    html = render_to_string(
        "proofs/packet.html",
        {"sheet": sheet, "part": part, "created": content["packet"]["published_at"]},
    )
    return {
        "html": html,
        "styles": [
            _style(),
            f"@page {{ size: {SIZES[paper]}; }} :root {{ --ink: {sheet.ink}; }}",
        ],
        "assets": _fonts(),
        "identifier": hashlib.sha256(f"{sha256} {paper}".encode()).hexdigest()[:32],
    }


def _sheet(content: ProofContent | HandoffContent, *, sha256: str) -> tuple[Sheet, str]:
    if content["schema"] == HANDOFF_SCHEMA:
        return handoff_sheet(cast(HandoffContent, content), sha256=sha256), "proofs/_handoff.html"
    return proof_sheet(cast(ProofContent, content), sha256=sha256), "proofs/_proof.html"


@cache
def _style() -> str:
    return (settings.ROOT / "static/css/packet-print.css").read_text()


@cache
def _fonts() -> dict[str, str]:
    folder = settings.ROOT / "static/fonts"
    return {name: base64.b64encode((folder / name).read_bytes()).decode() for name in FONTS}


def printed(order: Order) -> bytes:
    """What the child makes of an order.

    Raises:
        NotMade
    """
    command = [sys.executable, "-m", "proofs.rendering.child"]
    with TemporaryDirectory(prefix="cairn-pdf-") as place:
        try:
            done = subprocess.run(
                command,
                input=json.dumps(order).encode(),
                capture_output=True,
                timeout=PATIENCE,
                cwd=settings.ROOT,
                env=_surroundings(place),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotMade(f"The PDF was not ready after {PATIENCE} seconds.") from None
    if done.returncode:
        raise NotMade(_reason(done.returncode, done.stderr))
    if len(done.stdout) > LARGEST:
        raise NotMade(f"The PDF is larger than {LARGEST // 1024**2} MB.")
    return done.stdout


def _surroundings(place: str) -> dict[str, str]:
    """Nothing of ours but where programs and libraries lie: no secrets, no addresses of servers."""
    kept = {name: os.environ[name] for name in NEEDED if name in os.environ}
    return {**kept, **_unpacked(), **STILL, "HOME": place, "TMPDIR": place}


def _unpacked() -> dict[str, str]:
    """Where scripts/system.py put the libraries when it could not install them; empty when it could."""
    root = Path(sys.prefix) / "system"
    folders = [str(folder) for place in ("lib", "usr/lib") for folder in root.glob(f"{place}/*-linux-gnu*")]
    if not folders:
        return {}
    return {"LD_LIBRARY_PATH": ":".join(folders), "FONTCONFIG_FILE": str(root / "fonts.conf")}


def _reason(code: int, said: bytes) -> str:
    last = said.decode(errors="replace").strip().rpartition("\n")[2]
    if code < 0:
        return f"Making the PDF was stopped by signal {-code}: it needed too much time or memory."
    return f"The PDF could not be made: {last}"[:300]
