"""Compares what was sent with what the holder of a secret would have sent, in constant time."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def matches_any(given: Iterable[str], expected: Iterable[str]) -> bool:
    """Whether a given text equals an expected one. Every pair is compared, so time tells nothing."""
    pairs = [(_bytes(one), _bytes(other)) for one in given for other in expected]
    return sum(hmac.compare_digest(one, other) for one, other in pairs) > 0


def signing_keys(secrets: Sequence[str], prefix: str) -> list[bytes]:
    """The keys of Standard Webhooks secrets; others, and those that do not decode, are none."""
    found = (_decoded(secret.removeprefix(prefix)) for secret in secrets if secret.startswith(prefix))
    return [key for key in found if key]


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
