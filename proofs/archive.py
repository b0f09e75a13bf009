"""The archive of a packet: its files, the journal's entries behind it, and what verifies them offline.

The same packet and files make the same bytes. The manifest names every file with its hash and is signed by
the seal's key, so that `tools/verify_packet.py`, which goes with it as verify.py, needs nothing of ours. That
file says the rules of packing and signing again without importing anything; a test holds them together.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, cast

from django.conf import settings

from journal.canonical import canonical
from proofs.content import HANDOFF_SCHEMA, HandoffContent, ProofContent
from proofs.disclosure import places, trail
from proofs.models import HandoffPacket, ProofPacket
from proofs.queries.entries import entries_at
from proofs.rendering import seal
from proofs.rendering.seal import Certificate
from proofs.words import FileKind

MANIFEST: Final = "manifest.json"
MANIFEST_SCHEMA: Final = "cairn.packet_manifest.v1"
CERTIFICATE: Final = "certificate.pem"
ALGORITHM: Final = "RSASSA-PKCS1-v1_5 with SHA-256"
NAMES: Final = {
    FileKind.PDF_A4: "packet.pdf",
    FileKind.PDF_LETTER: "packet-letter.pdf",
    FileKind.DATA: "data.json",
}
README: Final = """\
{title}
{line}

Client      {client}
Project     {project}
Milestone   {code} {milestone}
Published   {published_at}, by {published_by}
Content     SHA-256 {content_sha256}
Sealed by   the certificate with the SHA-256 fingerprint {fingerprint}

packet.pdf, packet-letter.pdf   the packet on A4 and on US Letter
data.json                       what the packet says, for programs
trail.json                      the journal's entries that the packet tells of
certificate.pem                 the certificate that the packet is sealed with
manifest.json                   every file with its hash, signed
verify.py                       verifies all of it

To verify, unpack the archive and run, with Python 3.8 or newer, no network needed:

    python3 verify.py

It names the first thing that is wrong, and says what the check proves and what it does not. The certificate
is self-made: compare the fingerprint above with the one on the packet's page. verify.py is part of the
packet; whoever does not trust it takes the same file from the source of Cairn.
"""

Packet = ProofPacket | HandoffPacket
Signing = Callable[[bytes], bytes]


def archive_of(packet: Packet, files: Mapping[FileKind, bytes]) -> bytes:
    """The archive of a published packet from the files that were made of it. Call it inside the workspace."""
    content = cast(ProofContent | HandoffContent, packet.content)
    certificate = seal.certificate()
    kept = {
        **{NAMES[kind]: made for kind, made in files.items() if kind in NAMES},
        "trail.json": canonical(trail(content, entries_at(places(content)))).encode(),
        "README.txt": _readme(packet, content, certificate.fingerprint).encode(),
        "verify.py": _verifier(),
    }
    return sealed(kept, told=_told(packet, content), certificate=certificate, sign=seal.sign)


def sealed(
    files: Mapping[str, bytes], *, told: Mapping[str, Any], certificate: Certificate, sign: Signing
) -> bytes:
    """The archive of these files with the certificate and the signed manifest."""
    kept = {**files, CERTIFICATE: certificate.pem.encode()}
    manifest = {
        "schema": MANIFEST_SCHEMA,
        "packet": told,
        "files": {name: _mark(content) for name, content in kept.items()},
        "certificate": certificate.fingerprint,
    }
    signature = {"algorithm": ALGORITHM, "value": sign(canonical(manifest).encode()).hex()}
    return packed({**kept, MANIFEST: canonical({**manifest, "signature": signature}).encode()})


def packed(files: Mapping[str, bytes]) -> bytes:
    """The one archive of these files: sorted, not compressed, without times."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return target.getvalue()


def _mark(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _told(packet: Packet, content: ProofContent | HandoffContent) -> dict[str, Any]:
    return {
        "kind": _kind(content),
        "id": packet.pk,
        "number": packet.number,
        "published_at": content["packet"]["published_at"],
        "content_sha256": packet.content_sha256,
    }


def _kind(content: ProofContent | HandoffContent) -> str:
    return "handoff" if content["schema"] == HANDOFF_SCHEMA else "proof"


def _readme(packet: Packet, content: ProofContent | HandoffContent, fingerprint: str) -> str:
    title = f"{_kind(content).capitalize()} packet {packet.number} of {content['workspace']['brand_name']}"
    return README.format(
        title=title,
        line="=" * len(title),
        client=content["project"]["client"],
        project=content["project"]["name"],
        code=content["milestone"]["code"],
        milestone=content["milestone"]["name"],
        published_at=content["packet"]["published_at"],
        published_by=content["packet"]["published_by"],
        content_sha256=packet.content_sha256,
        fingerprint=fingerprint,
    )


@cache
def _verifier() -> bytes:
    """The verifier as it lies in the source, so that anyone may compare the two."""
    path = settings.ROOT / "tools" / "verify_packet.py"
    content: bytes = path.read_bytes()
    return content
