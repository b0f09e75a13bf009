"""How secrets look: API tokens with a checksum, and link tokens derived from the link. Nothing is stored.

An API token is `cairn_`, 43 base62 digits of 256 random bits, and 6 base62 digits of the CRC-32 of all before
them, so that a mistyped token is refused without a look-up and secret scanners recognise a real one.
"""

import hashlib
import hmac
import secrets
import string
import zlib
from uuid import UUID

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
BRAND = "cairn_"
SECRET_LENGTH = 43  # base62 digits of 256 bits
CHECK_LENGTH = 6  # base62 digits of 32 bits
PREFIX_LENGTH = len(BRAND) + 6


def base62(number: int, *, length: int) -> str:
    """The number in base 62, filled up with zeros."""
    text = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text.rjust(length, DIGITS[0])


def _checksum(text: str) -> str:
    return base62(zlib.crc32(text.encode()), length=CHECK_LENGTH)


def new_api_token() -> str:
    text = BRAND + base62(secrets.randbits(256), length=SECRET_LENGTH)
    return text + _checksum(text)


def is_api_token(text: str) -> bool:
    """Whether the text could be a token of ours: its form and checksum are right."""
    well_formed = len(text) == len(BRAND) + SECRET_LENGTH + CHECK_LENGTH and text.startswith(BRAND)
    return well_formed and text.isascii() and text[-CHECK_LENGTH:] == _checksum(text[:-CHECK_LENGTH])


def link_token(key: bytes, link_id: UUID, generation: int) -> str:
    """The secret part of a link's address: 256 bits that only the holder of the key can make again."""
    digest = hmac.digest(key, link_id.bytes + generation.to_bytes(4), hashlib.sha256)
    return base62(int.from_bytes(digest), length=SECRET_LENGTH)
