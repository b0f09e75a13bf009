"""Log lines name what happened and never what opens a door."""

import io
import json
import logging
import logging.config
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, cast

import brotli
import pytest
import structlog
from django.test import Client
from django.urls import reverse

from config import logs
from tests import factories

SECRET = "Zx81" * 11

LEAKS = [
    f"GET /p/{SECRET}",
    f"GET /p/{SECRET}?x=1",
    f"GET /cal/{SECRET}.ics",
    f"GET /join/{SECRET} from here",
    f"GET /account/confirm-email/{SECRET}/",
    f"GET /account/password/reset/key/1-{SECRET}/",
    f"GET /?token={SECRET}&page=2",
    f"the token is cairn_{SECRET}{SECRET[:5]}",
    f"Authorization: Bearer {SECRET}",
    f"signed with whsec_{SECRET}=",
    f"postgresql://cairn_app:{SECRET}@db:5432/cairn is away",
    f"cannot connect to redis://:{SECRET}@127.0.0.1:6379/0",
    f"https://{SECRET}@sentry.example/4",
    f"Cookie: sessionid={SECRET}; csrftoken={SECRET}",
    f"DETAIL:  Failing row contains (1, {SECRET}, 2).",
]
HARMLESS = [
    "GET /w/studio/projects/0198d7c2-1111-7abc-8def-0123456789ab/?page=2",
    "GET /hooks/linear/0198d7c2-1111-7abc-8def-0123456789ab",
    "cairn_app connects to cairn_template_0123456789abcdef",
    'File "/srv/u/cairn/p/models.py", line 3',
    "https://github.com/studio/site/pull/3 is merged; key results are in",
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a logger named `spoken` prints, in production's form."""
    out = io.StringIO()
    settings = logs.config(development=False)
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        logging.config.DictConfigurator(settings).configure_formatter(settings["formatters"]["structured"])
    )
    logger = logging.getLogger("spoken")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield out
    logger.removeHandler(handler)


def last(lines: io.StringIO) -> dict[str, Any]:
    return json.loads(lines.getvalue().splitlines()[-1])


@pytest.mark.parametrize("text", LEAKS)
def test_a_secret_is_masked_wherever_it_stands(text):
    masked = logs.scrub(text)

    assert SECRET[:8] not in masked
    assert logs.MASK in masked


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays_readable(text):
    assert logs.scrub(text) == text


@pytest.mark.parametrize("text", LEAKS)
def test_an_exceptions_text_is_scrubbed_and_stays_json(lines: io.StringIO, text):
    try:
        raise RuntimeError(text)
    except RuntimeError:
        logging.getLogger("spoken").exception("It broke: %s", text)

    said = last(lines)
    assert SECRET[:8] not in str(said)
    assert said["event"].startswith("It broke")
    assert "RuntimeError" in said["exception"]


def test_what_is_called_a_secret_is_masked_however_deep(lines: io.StringIO):
    structlog.get_logger("spoken").info(
        "saved", password="short", who={"api_key": "k", "name": "Ada"}, given=[{"Set-Cookie": "c"}]
    )

    said = last(lines)
    assert (said["password"], said["who"], said["given"]) == (
        logs.MASK,
        {"api_key": logs.MASK, "name": "Ada"},
        [{"Set-Cookie": logs.MASK}],
    )


def test_an_object_that_is_written_out_late_is_scrubbed_as_well(lines: io.StringIO):
    structlog.get_logger("spoken").warning("refused", error=ValueError(f"Bearer {SECRET}"))

    assert SECRET[:8] not in lines.getvalue()


@pytest.mark.django_db
def test_a_requests_line_names_its_workspace(client: Client, caplog: pytest.LogCaptureFixture):
    owner = factories.person()
    workspace = factories.workspace(owner)
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")

    with caplog.at_level(logging.INFO):
        client.get(reverse("today", args=[workspace.slug]))

    messages = [cast(Any, record.msg) for record in caplog.records]
    finished = [line for line in messages if "request_finished" in str(line)]
    assert [(line["code"], line["workspace_id"]) for line in finished] == [(200, str(workspace.pk))]
    assert finished[0]["request_id"]


class Receiver(BaseHTTPRequestHandler):
    """Takes reports as Sentry does."""

    taken: list[bytes] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append(brotli.decompress(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


FAILS = """
import os
import sentry_sdk
from config import sentry

def fail(password):
    token = password
    raise RuntimeError(f"Bearer {password} was refused")

sentry.start(os.environ["SENTRY_DSN"], process="web")
try:
    fail(os.environ["PASSWORD"])
except RuntimeError:
    sentry_sdk.capture_exception()
sentry_sdk.flush(10)
"""


@pytest.mark.slow
def test_a_report_to_sentry_holds_the_error_and_no_secret():
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        dsn = f"http://public@127.0.0.1:{server.server_port}/1"
        environment = {**os.environ, "SENTRY_DSN": dsn, "PASSWORD": SECRET}
        subprocess.run([sys.executable, "-c", FAILS], check=True, timeout=60, env=environment)
        server.shutdown()

    (report,) = Receiver.taken
    assert b"RuntimeError" in report
    assert SECRET.encode() not in report
