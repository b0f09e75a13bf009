"""Seals PDFs with the installation's certificate (PAdES B-B; B-T where a time authority is configured)."""

import asyncio
import hashlib
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from journal.egress import NotReached, fetch
from proofs.rendering import seal
from proofs.rendering.seal import Identity

FIELD: Final = "CairnSeal"


class NotSealed(Exception):
    """A PDF could not be sealed; the text says why."""


def sealed(pdf: bytes, *, at: datetime) -> bytes:
    """The PDF with our signature over all of it, dated as its packet.

    The same PDF is sealed to the same bytes, unless a time authority adds its own.

    Raises:
        NotSealed: when the time authority that is configured cannot be asked.
    """
    try:
        return asyncio.run(_signed(pdf, seal.identity(), at))
    except NotReached as error:
        raise NotSealed(f"The time authority was not reached: {error}") from error


async def _signed(pdf: bytes, own: Identity, at: datetime) -> bytes:
    signer = PdfSigner(
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            name=seal.subject(),
            reason="Published unchanged",
            subfilter=SigSeedSubFilter.PADES,
        ),
        signer=_signer(own),
        timestamper=_timestamper(),
    )
    session = signer.init_signing_session(_Writer(BytesIO(pdf)))
    session.system_time = at
    status = await session.perform_presign_validation()
    size = await session.estimate_signature_container_size(status)
    document = session.prepare_tbs_document(validation_info=status, bytes_reserved=size)
    output = BytesIO()
    digest, _ = document.digest_tbs_document(output=output)
    await document.perform_signature(digest.document_digest, PdfCMSSignedAttributes(signing_time=at))
    return output.getvalue()


class _Writer(IncrementalPdfFileWriter):
    """Adds the seal and nothing else: the document's dates stay, its new id follows from its bytes."""

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        prev.stream.seek(0)
        follows = hashlib.sha256(prev.stream.read()).digest()[:16]
        first = prev.trailer["/ID"][0]
        return generic.ArrayObject([first, generic.ByteStringObject(follows)])

    def _update_meta(self) -> None:
        pass


def _signer(own: Identity) -> SimpleSigner:
    der = own.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    certificate = x509.load_pem_x509_certificate(own.certificate.pem.encode())
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
    )


# The time authority.


class _Authority(TimeStamper):
    """Asks for a time stamp (RFC 3161) by the one guarded way out."""

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        answer = await asyncio.to_thread(
            fetch,
            settings.SEAL_TIMESTAMP_URL,
            method="POST",
            headers=[("Content-Type", "application/timestamp-query")],
            body=req.dump(),
        )
        if answer.status != 200:
            raise NotReached(f"it answered {answer.status}", is_final=False)
        return tsp.TimeStampResp.load(answer.body)


def _timestamper() -> TimeStamper | None:
    return _Authority() if settings.SEAL_TIMESTAMP_URL else None  # type: ignore[no-untyped-call]
