"""A real Chromium before a real web server."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, sync_playwright

from journal.tasks import send_due
from tests import processes
from tests.browser.visitor import Visitor, visitor
from tests.plugins.database import FreshDatabase
from tests.processes import Web

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-sandbox"),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Playwright keeps an event loop in this thread, for no longer than these tests.

    Django would take it for a reason to refuse queries, and whoever seals a PDF needs a loop of their own.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))


@pytest.fixture
def web(fresh_database: FreshDatabase, tmp_path: Path, settings: LazySettings) -> Iterator[Web]:
    """The web server as `make run` starts it, on a database of its own."""
    settings.EMAIL_BACKEND, settings.MAILBOX = "journal.mailbox.EmailBackend", tmp_path / "mailbox"
    environment = {**fresh_database.environment, "CAIRN_HOME": str(tmp_path), "DEVELOPMENT": "1"}
    with processes.web(environment=environment, log=tmp_path / "web.log") as running:
        settings.PUBLIC_URL = running.address
        yield running


@pytest.fixture
def arrive(chromium: Browser, web: Web) -> Iterator[Callable[[], Visitor]]:
    """Lets another person arrive, each with a browser of their own."""
    with ExitStack() as people:
        yield lambda: people.enter_context(visitor(chromium, web.address))


@pytest.fixture
def mail(arrive: Callable[[], Visitor]) -> Callable[[Visitor, str], str]:
    """Sends what waits in the outbox; the newest link in the mailbox page that holds a word."""

    def find(person: Visitor, word: str) -> str:
        send_due()
        person.visit("/dev/mailbox")
        return person.page.locator(f"a[href*='{word}']").first.get_attribute("href") or ""

    return find
