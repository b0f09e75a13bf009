"""The installation's own seal: a certificate made once, and the key that signs with it.

Nobody vouches for the certificate: a reader says “unknown signer”. It shows that two packets were sealed by
the same installation, and that none was changed since.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from proofs.models import SealCertificate

BITS: Final = 3072
VALID_FROM: Final = datetime(2026, 1, 1, tzinfo=UTC)  # before any packet
LIFE: Final = timedelta(days=365 * 20)
DOCUMENT_SIGNING: Final = ObjectIdentifier("1.3.6.1.5.5.7.3.36")
MAKING: Final = 0x5EA1  # the advisory lock under which a certificate is made


@dataclass(frozen=True, slots=True)
class Certificate:
    """What anybody may know: the certificate, and its SHA-256 by which it is compared."""

    pem: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Identity:
    certificate: Certificate
    key: rsa.RSAPrivateKey


def certificate() -> Certificate:
    """The one that new packets are sealed with; made when there is none."""
    return identity().certificate


def certificate_of(fingerprint: str) -> Certificate | None:
    """One that a packet was sealed with, perhaps long ago."""
    pem = SealCertificate.objects.filter(fingerprint=fingerprint).values_list("certificate", flat=True)
    return Certificate(pem[0], fingerprint) if pem else None


def sign(data: bytes) -> bytes:
    """A signature (RSA PKCS#1 v1.5 over SHA-256) that a few lines of any language can check."""
    return identity().key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def is_signed(data: bytes, signature: bytes, by: Certificate) -> bool:
    """Whether the holder of a certificate's key signed exactly this."""
    key = x509.load_pem_x509_certificate(by.pem.encode()).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


# The certificate.


def identity() -> Identity:
    """The certificate with its key."""
    return _kept() or _made()


def _kept() -> Identity | None:
    """The newest one whose key SEAL_KEY still opens."""
    for row in SealCertificate.objects.order_by("-made_at", "-pk"):
        if key := _opened(row.private_key):
            return Identity(Certificate(row.certificate, row.fingerprint), key)
    return None


@transaction.atomic
def _made() -> Identity:
    """Makes a certificate, unless another process was quicker: then that one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
    if kept := _kept():
        return kept
    now = timezone.now()
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    made = _self_signed(key, now)
    fingerprint = made.fingerprint(hashes.SHA256()).hex()
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    SealCertificate.objects.create(
        fingerprint=fingerprint, certificate=pem, private_key=_closed(key), made_at=now
    )
    return Identity(Certificate(pem, fingerprint), key)


def _self_signed(key: rsa.RSAPrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject())])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(VALID_FROM)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def subject() -> str:
    """Whose seal it is, in its own words."""
    return f"Cairn seal of {urlsplit(settings.PUBLIC_URL).hostname}"[:64]


@cache
def _box() -> MultiFernet:
    """The newest key closes; all of them open."""
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in settings.SEAL_KEYS])


def _closed(key: rsa.RSAPrivateKey) -> str:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _box().encrypt(pem).decode()


def _opened(text: str) -> rsa.RSAPrivateKey | None:
    try:
        pem = _box().decrypt(text.encode())
    except InvalidToken:
        return None
    key = serialization.load_pem_private_key(pem, password=None)
    return key if isinstance(key, rsa.RSAPrivateKey) else None
