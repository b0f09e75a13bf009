"""Writes .env for docker compose: .env.example with fresh secrets, readable by its owner only."""

import re
import secrets
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def fresh() -> str:
    """32 random bytes in URL-safe base64: a key, and good for a password as well."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def fill(example: str) -> str:
    """Each `NAME=change-me` gets a secret of its own."""
    return re.sub(r"(?m)^(\w+=)change-me$", lambda line: line[1] + fresh(), example)


def main() -> int:
    target = ROOT / ".env"
    target.touch(mode=0o600, exist_ok=False)
    target.write_text(fill((ROOT / ".env.example").read_text()))
    print(
        f"Wrote {target}. Set PUBLIC_URL, ALLOWED_HOSTS and EMAIL_URL in it, then: docker compose up --build"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
