"""Secrets that must be read again."""

import pytest
from cryptography.fernet import InvalidToken

from tenancy import sealed


@pytest.fixture(autouse=True)
def fresh_box():
    sealed._box.cache_clear()
    yield
    sealed._box.cache_clear()


def test_a_sealed_secret_is_unreadable_and_comes_back():
    hidden = sealed.seal("JBSWY3DPEHPK3PXP")

    assert "JBSWY" not in hidden
    assert sealed.unseal(hidden) == "JBSWY3DPEHPK3PXP"


def test_older_keys_still_open(settings):
    hidden = sealed.seal("seed")

    settings.FIELD_KEYS = [b"n" * 32, *settings.FIELD_KEYS]
    sealed._box.cache_clear()

    assert sealed.unseal(hidden) == "seed"


def test_a_dropped_key_opens_nothing(settings):
    hidden = sealed.seal("seed")

    settings.FIELD_KEYS = [b"n" * 32]
    sealed._box.cache_clear()

    with pytest.raises(InvalidToken):
        sealed.unseal(hidden)
