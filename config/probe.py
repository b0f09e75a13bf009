"""Asks our own web process how it is: `python -m config.probe` is the container's health check."""

import os
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


def fault(path: str, *, port: int, environment: Mapping[str, str]) -> str:
    """What is wrong according to `path`, or nothing. Asks by the public name: others may be refused."""
    host = urlsplit(environment.get("PUBLIC_URL", "")).netloc or f"localhost:{port}"
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return "" if answer.status == 200 else answer.read(500).decode(errors="replace")
    except (OSError, HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()


def main() -> int:
    found = fault("/healthz", port=8000, environment=os.environ)
    print(found, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
