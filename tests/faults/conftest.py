"""One installation for all faults, and real processes on it."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.installation import Installation, Tool, installation
from tests.journal.post import Office, office
from tests.processes import Web
from tests.receiver import Receiver, receiver


@pytest.fixture(scope="session")
def post() -> Iterator[tuple[Office, int]]:
    with office() as (handler, port):
        yield handler, port


@pytest.fixture(scope="session")
def ears() -> Iterator[Receiver]:
    """Another system's server, which the installation may call."""
    with receiver() as running:
        yield running


@pytest.fixture
def mails(post: tuple[Office, int]) -> Office:
    """The mail server that the installation sends to, empty and well behaved."""
    handler, _ = post
    handler.taken.clear()
    handler.before_answer = lambda: None
    return handler


@pytest.fixture(scope="session")
def place(post: tuple[Office, int], ears: Receiver) -> Iterator[Installation]:
    """Not in pytest's own directory: that is closed to the user whom PostgreSQL runs as."""
    email_url = f"smtp://127.0.0.1:{post[1]}"
    with (
        TemporaryDirectory(prefix="cairn-faults-") as home,
        installation(Path(home), email_url=email_url, may_call=ears.place) as made,
    ):
        yield made


@pytest.fixture(scope="session")
def tool(place: Installation) -> Tool:
    return Tool.told(place.scene("begin"))


@pytest.fixture
def jobs(place: Installation, tool: Tool) -> Iterator[None]:
    """A worker and a beat that end with the test: a test that kills a worker must be alone with it."""
    with place.jobs():
        yield


@pytest.fixture(scope="session")
def web(place: Installation, tool: Tool) -> Iterator[Web]:
    with place.web() as running:
        yield running
