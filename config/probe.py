"""Asks our own web process how it is: `python -m config.probe` is the container's health check."""

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlsplit


def fault(path: str, *, port: int, environment: Mapping[str, str]) -> str:
    """What is wrong according to `path`, or nothing. Asks by the public name: others may be refused."""
    host = urlsplit(environment.get("PUBLIC_URL", "")).netloc or f"localhost:{port}"
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return error.read(500).decode(errors="replace")
    except OSError as error:
        return str(error)


def main() -> int:
    found = fault("/healthz", port=8000, environment=os.environ)
    print(found, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
