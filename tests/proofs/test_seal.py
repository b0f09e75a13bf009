"""The installation’s seal: made once, also in a race; who has the certificate can check what it signed."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.db import connection
from django.test import override_settings

from proofs.models import SealCertificate
from proofs.rendering import seal

OTHER_KEY = b"1" * 32


@pytest.mark.django_db
def test_one_certificate_is_made_and_kept_with_its_key_closed():
    first, second = seal.certificate(), seal.certificate()

    row = SealCertificate.objects.get()
    made = x509.load_pem_x509_certificate(first.pem.encode())
    assert first == second
    assert (row.fingerprint, row.certificate) == (first.fingerprint, first.pem)
    assert "PRIVATE" not in row.private_key
    assert made.subject == made.issuer
    assert hashlib.sha256(base64.b64decode("".join(first.pem.splitlines()[1:-1]))).hexdigest() == (
        first.fingerprint
    )


@pytest.mark.django_db
def test_a_signature_is_checked_with_nothing_but_whole_numbers():
    told = "{“what”: “was shown”}".encode()

    signature = seal.sign(told)

    key = x509.load_pem_x509_certificate(seal.certificate().pem.encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    numbers = key.public_numbers()
    padded = pow(int.from_bytes(signature), numbers.e, numbers.n).to_bytes(384)
    assert padded.endswith(hashlib.sha256(told).digest())
    assert seal.is_signed(told, signature, by=seal.certificate())
    assert not seal.is_signed(told + b" ", signature, by=seal.certificate())
    assert not seal.is_signed(told, signature[:-1] + bytes([signature[-1] ^ 1]), by=seal.certificate())


@pytest.mark.django_db
def test_a_lost_key_is_followed_by_a_new_certificate_and_the_old_one_goes_on_proving():
    old, signature = seal.certificate(), seal.sign(b"told")
    seal._box.cache_clear()

    with override_settings(SEAL_KEYS=[OTHER_KEY]):
        new = seal.certificate()
    seal._box.cache_clear()

    assert new.fingerprint != old.fingerprint
    assert seal.certificate_of(old.fingerprint) == old
    assert seal.is_signed(b"told", signature, by=old)
    assert not seal.is_signed(b"told", signature, by=new)
    assert seal.certificate() == old
    assert seal.certificate_of("0" * 64) is None


@pytest.mark.django_db
def test_a_key_put_in_front_leaves_the_certificate_as_it_is(settings):
    old = seal.certificate()
    seal._box.cache_clear()

    with override_settings(SEAL_KEYS=[OTHER_KEY, *settings.SEAL_KEYS]):
        new = seal.certificate()
    seal._box.cache_clear()

    assert new == old


@pytest.mark.django_db(transaction=True)
def test_of_two_that_make_a_certificate_at_once_both_get_the_same():
    def made(_: int) -> str:
        try:
            return seal.certificate().fingerprint
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        fingerprints = set(pool.map(made, range(3)))

    assert fingerprints == {SealCertificate.objects.get().fingerprint}
