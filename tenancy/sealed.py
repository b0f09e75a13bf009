"""Secrets that must be read again (webhook secrets, authenticator seeds), encrypted in the database."""

from base64 import urlsafe_b64encode
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@cache
def _box() -> MultiFernet:
    """The newest key seals; all of them open."""
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in settings.FIELD_KEYS])


def seal(secret: str) -> str:
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again.

    Raises:
        cryptography.fernet.InvalidToken: when no key in FIELD_KEYS made it.
    """
    return _box().decrypt(sealed.encode()).decode()
