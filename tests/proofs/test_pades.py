"""Seals of PDFs: checked by an independent reader of signatures, and broken by one changed byte."""

import asyncio
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pypdf
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import SignatureCoverageLevel, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from proofs.rendering import seal
from proofs.rendering.pades import FIELD, NotSealed, sealed
from proofs.rendering.process import carried_out
from tests.receiver import Behaviour, receiver, saying

pytestmark = pytest.mark.django_db
PUBLISHED = datetime(2026, 5, 21, 13, 40, tzinfo=UTC)
STAMPED = PUBLISHED + timedelta(seconds=3)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    html = "<html lang='en'><head><title>Proof</title></head><body>delivered and accepted</body></html>"
    return carried_out("child", {"html": html, "styles": [], "assets": {}, "identifier": "0" * 32})


def checked(pdf: bytes, *, trusted: bool = False, stamped_by: Any = None) -> Any:
    """What a reader finds who trusts nobody, or the certificates that are named."""
    own = list(load_certs_from_pemder_data(seal.certificate().pem.encode()))
    signature = PdfFileReader(BytesIO(pdf)).embedded_signatures[0]
    return asyncio.run(
        async_validate_pdf_signature(
            signature,
            signer_validation_context=ValidationContext(trust_roots=own if trusted else [], moment=PUBLISHED),
            ts_validation_context=ValidationContext(trust_roots=stamped_by or [], moment=STAMPED),
        )
    )


def test_a_seal_covers_the_whole_file_and_its_signer_is_unknown_until_trusted(pdf):
    signed = sealed(pdf, at=PUBLISHED)

    stranger, friend = checked(signed), checked(signed, trusted=True)

    assert (stranger.intact, stranger.valid, stranger.trusted) == (True, True, False)
    assert (friend.intact, friend.valid, friend.trusted, friend.bottom_line) == (True, True, True, True)
    assert friend.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signed.startswith(pdf)


def test_it_is_dated_as_the_packet_and_the_same_pdf_is_sealed_to_the_same_bytes(pdf):
    first, second = sealed(pdf, at=PUBLISHED), sealed(pdf, at=PUBLISHED)

    reader: Any = pypdf.PdfReader(BytesIO(first))
    field = reader.get_fields()[FIELD]
    assert first == second
    assert field["/V"]["/SubFilter"] == "/ETSI.CAdES.detached"
    assert field["/V"]["/M"] == "D:20260521134000Z"
    unsealed: Any = pypdf.PdfReader(BytesIO(pdf))
    assert (reader.metadata, reader.trailer["/ID"][0]) == (unsealed.metadata, unsealed.trailer["/ID"][0])


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4])
def test_one_changed_byte_breaks_the_seal(pdf, share):
    signed = bytearray(sealed(pdf, at=PUBLISHED))
    signed[int(len(pdf) * share)] ^= 1

    assert not checked(bytes(signed)).intact


# A time authority.


def authority() -> SimpleNamespace:
    """One of our own, which stamps what it is asked to with a fixed time."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Time authority of a test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(PUBLISHED - timedelta(days=1))
        .not_valid_after(PUBLISHED + timedelta(days=1))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(key, hashes.SHA256())
    )
    der = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = asn1_x509.Certificate.load(made.public_bytes(serialization.Encoding.DER))
    stamper = DummyTimeStamper(certificate, asn1_keys.PrivateKeyInfo.load(der), fixed_dt=STAMPED)
    return SimpleNamespace(certificate=certificate, stamper=stamper)


def answering(known: SimpleNamespace) -> Behaviour:
    def answer(handler: Any) -> None:
        asked = tsp.TimeStampReq.load(there.requests[-1].body)
        told = known.stamper.request_tsa_response(asked).dump()
        saying(told, content_type="application/timestamp-reply")(handler)

    there = known.receiver
    return answer


def test_a_time_authority_adds_its_own_time(pdf, settings):
    known = authority()
    with receiver() as there:
        known.receiver = there
        there.ways["/tsa"] = answering(known)
        settings.EGRESS_ALLOWED_HOSTS = [there.place]
        settings.SEAL_TIMESTAMP_URL = there.url("/tsa")

        signed = sealed(pdf, at=PUBLISHED)

    found = checked(signed, trusted=True, stamped_by=[known.certificate])
    assert found.bottom_line
    assert found.timestamp_validity.timestamp == STAMPED


@pytest.mark.parametrize("status", [404, 503])
def test_a_time_authority_that_does_not_answer_is_said(pdf, settings, status):
    with receiver() as there:
        there.ways["/tsa"] = saying(b"", status=status)
        settings.EGRESS_ALLOWED_HOSTS = [there.place]
        settings.SEAL_TIMESTAMP_URL = there.url("/tsa")

        with pytest.raises(NotSealed, match=f"it answered {status}"):
            sealed(pdf, at=PUBLISHED)


def test_a_time_authority_is_asked_by_the_guarded_way_out(pdf, settings):
    with receiver() as there:
        settings.SEAL_TIMESTAMP_URL = there.url("/tsa")

        with pytest.raises(NotSealed, match="The time authority was not reached"):
            sealed(pdf, at=PUBLISHED)

    assert there.requests == []
