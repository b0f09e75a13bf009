"""What the secret scan finds, and what it lets pass."""

import pytest

from scripts.secret_scan import findings

RANDOM = "q7Zt1mXc9Rb2Vn4Lk8Ws3Hd6"


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "token = cairn_" + RANDOM * 2,
        "whsec_" + RANDOM,
        "ghp_" + RANDOM + RANDOM,
        "DATABASE_URL=postgresql://owner:" + RANDOM + "@db/cairn",
        f'API_TOKEN = "{RANDOM}"',
    ],
)
def test_a_secret_is_found(line):
    assert [number for number, _ in findings(f"first line\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        "APP_DATABASE_URL: postgresql://cairn_app:${APP_PASSWORD:?}@postgres/cairn",
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]',
        "SECRET_KEY=change-me",
        "whsec_" + RANDOM + "  # secret-scan: sample",
    ],
)
def test_what_only_looks_like_one_passes(line):
    assert list(findings(line)) == []
