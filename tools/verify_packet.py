#!/usr/bin/env python3
"""Verifies a packet of Cairn offline, with Python's standard library alone (3.8 or newer).

    python3 verify.py                     the folder that this file lies in
    python3 verify.py packet.zip          an archive as it was downloaded
    python3 verify.py --fingerprint HEX   and that it was sealed by the certificate you expect

It names the first thing that is wrong. What it rests on, SHA-256 in hex throughout:

    manifest.json   names every file with its size and hash. Canonical JSON: keys sorted, no blanks, UTF-8.
                    Its signature (RSA, PKCS #1 v1.5, SHA-256) is over the manifest without the signature.
    data.json       the packet's content. The manifest names its hash, and so does the journal.
    trail.json      the journal's entries that the packet tells of. An entry's hash is
                    sha256(hash before + sequence number as 8 bytes, big-endian + body in UTF-8), and
                    body["personal"] is sha256(salt + personal as canonical JSON).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

    Reader = Callable[[str], bytes]  # gives a file's bytes by its name

MANIFEST, CERTIFICATE, DATA, TRAIL = "manifest.json", "certificate.pem", "data.json", "trail.json"
SCHEMA, TRAIL_SCHEMA = "cairn.packet_manifest.v1", "cairn.trail.v1"
ALGORITHM = "RSASSA-PKCS1-v1_5 with SHA-256"
EXPONENT, FEWEST_BITS = 65537, 2048
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
RSA_KEY = bytes.fromhex("2a864886f70d010101")  # the object identifier rsaEncryption
INTEGER, BITS, SEQUENCE, VERSION = 0x02, 0x03, 0x30, 0xA0
LARGEST = 512 * 1024 * 1024
PROVEN = """
What this shows
- Nothing in the packet has changed since whoever holds the certificate's key sealed it.
- Each entry of the journal that is shown bears the hash that it had. Where the packet tells of one, as a
  decision or in its trail, the entry is about this milestone, of this kind, time and chosen answer.

What this does not show
- Who holds the key. The certificate is self-made: compare its fingerprint with the one on the packet's page,
  or with one that you noted earlier, and give it as --fingerprint.
- That the packet's other words agree with the journal: names, wordings and figures are the sealer's.
- That the PDFs say what data.json says. They are sealed with it; their text is not compared with it.
- That no entry was left out. Entries about other work, and what is internal, are withheld, so the chain
  between the entries cannot be followed here; the agency can verify its whole journal.
- When it was sealed, other than by the sealer's own clock.
"""


class Fault(Exception):
    """What is wrong, naming the first bad thing."""


# Where the files are: in a folder, or in an archive that holds nothing else.


def reader_of_folder(folder: Path) -> Reader:
    """Reads the files by name; other things may lie beside them and are not the packet's."""

    def read(name: str) -> bytes:
        if name != Path(name).name:
            raise Fault(f"manifest.json names a file outside of the packet: {name}.")
        return _read(folder / name)

    return read


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Fault(f"{path.name} is missing or cannot be read.") from None


def files_of_archive(archive: bytes) -> dict[str, bytes]:
    """The archive's files.

    Raises:
        Fault: when it is not, byte for byte, what packing these files makes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as packed_files:
            files = {each.filename: _unpacked(packed_files, each) for each in packed_files.infolist()}
    except Fault:
        raise
    except Exception as error:
        raise Fault(f"The archive is damaged: {error}.") from error
    if packed(files) != archive:
        raise Fault("The archive was packed anew, or holds more than its files. Unpack it to check those.")
    return files


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.file_size > LARGEST:
        raise Fault(f"{entry.filename} is larger than any file of a packet.")
    try:
        return archive.read(entry)
    except Exception as error:
        raise Fault(f"{entry.filename} was changed: {error}.") from error


def packed(files: dict[str, bytes]) -> bytes:
    """The one archive of these files: sorted, not compressed, without times."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return target.getvalue()


def reader_of_archive(archive: bytes) -> Reader:
    files = files_of_archive(archive)

    def read(name: str) -> bytes:
        if name not in files:
            raise Fault(f"{name} is missing.")
        return files[name]

    extra = sorted(set(files) - {MANIFEST, *_json(read(MANIFEST), MANIFEST).get("files", {})})
    if extra:
        raise Fault(f"{extra[0]} is not a file of the packet.")
    return read


# The seal: every file is the one that was signed.


def check_seal(read: Reader, fingerprint: str) -> dict[str, Any]:
    """The manifest, once its signature holds."""
    written, certificate = read(MANIFEST), _certificate(read(CERTIFICATE))
    manifest = _json(written, MANIFEST)
    signature = manifest.pop("signature", None)
    if not isinstance(signature, dict) or set(signature) != {"algorithm", "value"}:
        raise Fault("manifest.json was changed: it bears no signature.")
    if canonical({**manifest, "signature": signature}).encode() != written:
        raise Fault("manifest.json was changed: it is not written the way it was sealed.")
    if signature["algorithm"] != ALGORITHM:
        raise Fault("manifest.json was changed: it is signed by no way that is known here.")
    if not is_signed(canonical(manifest).encode(), str(signature["value"]), *_public_key(certificate)):
        raise Fault("manifest.json or certificate.pem was changed: the signature does not hold.")
    if manifest["schema"] != SCHEMA:
        raise Fault(f"manifest.json has a form that is not known here: {manifest['schema']}.")
    check_certificate(_hash(certificate), manifest["certificate"], fingerprint)
    return manifest


def check_certificate(found: str, named: str, expected: str) -> None:
    if found != named:
        raise Fault("certificate.pem is not the certificate that manifest.json names.")
    if expected and found != expected:
        raise Fault(f"The packet was sealed by another certificate than you expect: {found}.")


def check_files(read: Reader, named: dict[str, Any]) -> dict[str, bytes]:
    """The files, once each is the one that was sealed."""
    files = {}
    for name in sorted(named):
        files[name] = read(name)
        if [_hash(files[name]), len(files[name])] != [named[name]["sha256"], named[name]["size"]]:
            raise Fault(f"{name} was changed: it is not the file that was sealed.")
    return files


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(content: bytes, name: str) -> dict[str, Any]:
    try:
        told = json.loads(content.decode())
    except ValueError as error:
        raise Fault(f"{name} was changed: it is no JSON.") from error
    if not isinstance(told, dict):
        raise Fault(f"{name} was changed: it is no object.")
    return told


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def is_signed(content: bytes, signature: str, modulus: int, exponent: int) -> bool:
    """Whether this is the one signature of this content by this key, written the one way."""
    size = (modulus.bit_length() + 7) // 8
    try:
        given = bytes.fromhex(signature)
    except ValueError:
        return False
    number = int.from_bytes(given, "big")
    if given.hex() != signature or len(given) != size or number >= modulus:
        return False
    digest = SHA256_PREFIX + hashlib.sha256(content).digest()
    padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    return pow(number, exponent, modulus).to_bytes(size, "big") == padded


# The certificate: as much of X.509 as leads to an RSA key.


def _certificate(pem: bytes) -> bytes:
    """The certificate's bytes out of its PEM form."""
    lines = pem.decode("ascii", "replace").split()
    inner = "".join(lines[2:-2])  # between "-----BEGIN CERTIFICATE-----" and its end
    try:
        return base64.b64decode(inner, validate=True)
    except ValueError as error:
        raise Fault("certificate.pem was changed: it holds no certificate.") from error


def _public_key(certificate: bytes) -> tuple[int, int]:
    try:
        modulus, exponent = _rsa_numbers(certificate)
    except (IndexError, ValueError) as error:
        raise Fault("certificate.pem was changed: it holds no RSA key.") from error
    if exponent != EXPONENT or modulus.bit_length() < FEWEST_BITS:
        raise Fault("certificate.pem holds a key that is too weak to prove anything.")
    return modulus, exponent


def _rsa_numbers(certificate: bytes) -> tuple[int, int]:
    (whole,) = _inside(certificate, [SEQUENCE])
    signed = _parts(whole)[0][1]
    fields = [part for part in _parts(signed) if part[0] != VERSION]
    algorithm, bits = _inside(fields[5][1], [SEQUENCE, BITS])
    if _parts(algorithm)[0][1] != RSA_KEY:
        raise ValueError("no RSA key")
    (key,) = _inside(bits[1:], [SEQUENCE])
    modulus, exponent = _inside(key, [INTEGER, INTEGER])
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def _inside(content: bytes, tags: list[int]) -> list[bytes]:
    parts = _parts(content)
    if [tag for tag, _ in parts] != tags:
        raise ValueError("another structure")
    return [value for _, value in parts]


def _parts(content: bytes) -> list[tuple[int, bytes]]:
    """The tags and values that stand one after the other (DER)."""
    parts, at = [], 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length > 0x7F:
            more = length & 0x7F
            length, at = int.from_bytes(content[at : at + more], "big"), at + more
        if at + length > len(content):
            raise ValueError("cut off")
        parts.append((tag, content[at : at + length]))
        at += length
    return parts


# The content: what the packet says is what the journal says.


def check_content(files: dict[str, bytes], manifest: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Content and trail, once they agree with the manifest and with each other."""
    content, trail = _json(files[DATA], DATA), _json(files[TRAIL], TRAIL)
    told = manifest["packet"]
    if _hash(files[DATA]) != told["content_sha256"]:
        raise Fault("data.json is not the content whose hash the packet bears.")
    if [content["packet"]["id"], content["packet"]["number"]] != [told["id"], told["number"]]:
        raise Fault("data.json is of another packet than manifest.json.")
    if trail.get("schema") != TRAIL_SCHEMA:
        raise Fault(f"trail.json has a form that is not known here: {trail.get('schema')}.")
    if trail["head"] != content["journal"]:
        raise Fault("trail.json ends at another head of the journal than data.json.")
    entries = check_trail(trail)
    for named in content.get("trail", []) + content.get("decisions", []):
        check_is_told(named, entries, content["milestone"]["id"])
    return content, trail


def check_trail(trail: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The entries by their sequence number, once each has the hash that it bears."""
    entries: dict[int, dict[str, Any]] = {}
    last = 0
    for entry in trail["entries"]:
        if entry["seq"] <= last:
            raise Fault(f"Entry {entry['seq']} of the journal stands in the wrong place.")
        check_entry(entry, entries.get(entry["seq"] - 1))
        last = entry["seq"]
        entries[last] = entry
    head = trail["head"]
    if last > head["seq"] or (last == head["seq"] and entries[last]["hash"] != head["hash"]):
        raise Fault(f"Entry {last} of the journal does not fit the head, entry {head['seq']}.")
    return entries


def check_entry(entry: dict[str, Any], before: dict[str, Any] | None) -> None:
    seq, body = entry["seq"], entry.get("body")
    if body is None:
        return  # withheld: what it says is none of this packet's reader's business
    if before and before["hash"] != entry["previous"]:
        raise Fault(f"Entry {seq} of the journal does not follow from entry {seq - 1}.")
    digest = hashlib.sha256(bytes.fromhex(entry["previous"]) + seq.to_bytes(8, "big") + body.encode())
    if digest.hexdigest() != entry["hash"]:
        raise Fault(f"Entry {seq} of the journal was changed: its hash is another one.")
    if "salt" in entry:
        personal = entry["salt"] + canonical(entry["personal"])
        if _hash(personal.encode()) != json.loads(body)["personal"]:
            raise Fault(f"Entry {seq} of the journal names other people than when it was written.")


def check_is_told(named: dict[str, Any], entries: dict[int, dict[str, Any]], milestone: str) -> None:
    """That what the packet tells of an entry is what the entry says, and about this milestone."""
    if named["seq"] is None:
        return
    entry = entries.get(named["seq"])
    if entry is None or entry["hash"] != named["hash"]:
        raise Fault(f"The packet tells of entry {named['seq']} of the journal, and trail.json has another.")
    if entry.get("body") is None:
        return
    body = json.loads(entry["body"])
    if body["thread"] != milestone:
        raise Fault(f"Entry {named['seq']} of the journal is not about this milestone.")
    said = {"kind": body["kind"], "at": body["at"], "option": body["data"].get("option")}
    wrong = [name for name, text in said.items() if name in named and not _agrees(named[name], str(text))]
    if wrong:
        raise Fault(f"The packet tells another {wrong[0]} of entry {named['seq']} than the journal.")


def _agrees(told: str, written: str) -> bool:
    """Equal; of moments, however many digits their seconds have."""
    return told == written or _short(told) == _short(written)


def _short(moment: str) -> str:
    whole, dot, rest = moment.rstrip("Z").replace("+00:00", "").partition(".")
    return whole + dot + rest.rstrip("0") if rest.strip("0") else whole


def verify(read: Reader, fingerprint: str = "") -> str:
    """What was found, in words.

    Raises:
        Fault: with the first thing that is wrong.
    """
    manifest = check_seal(read, fingerprint)
    files = check_files(read, manifest["files"])
    content, trail = check_content(files, manifest)
    packet, head, entries = manifest["packet"], trail["head"], trail["entries"]
    shown = sum(1 for entry in entries if entry.get("body") is not None)
    return (
        f"Whole: {packet['kind']} packet {packet['number']} of “{content['milestone']['name']}”, "
        f"published {content['packet']['published_at']}, {len(files)} files.\n"
        f"Journal: {shown} entries shown and verified, {len(entries) - shown} by their hash alone; "
        f"the head was {head['seq']}:{head['hash']}.\n"
        f"Sealed by the certificate {manifest['certificate']}."
    )


def reader_at(path: Path) -> Reader:
    return reader_of_folder(path) if path.is_dir() else reader_of_archive(_read(path))


def say(text: str, to: TextIO) -> None:
    """Prints what may hold a stranger's words: nothing that steers a terminal, or that it cannot show."""
    harmless = "".join(each if each.isprintable() or each == "\n" else "?" for each in text)
    encoding = to.encoding or "ascii"
    print(harmless.encode(encoding, "replace").decode(encoding), file=to)


def plain_fingerprint(text: str) -> str:
    return text.replace(":", "").replace(" ", "").lower()


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies a packet of Cairn offline.")
    parser.add_argument("path", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument(
        "--fingerprint", type=plain_fingerprint, default="", help="of the certificate you expect"
    )
    given = parser.parse_args()
    try:
        found = verify(reader_at(given.path), given.fingerprint)
    except Fault as fault:
        say(str(fault), sys.stderr)
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        say(f"This is no packet: {error!r}", sys.stderr)
        return 2
    say(found + "\n" + PROVEN, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
