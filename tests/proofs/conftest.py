"""Each test stands inside the door of a workspace with one owner."""

from collections.abc import Iterator

import pytest

from journal.actors import Actor
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories
from workspaces.models import User


@pytest.fixture
def ada(db: None) -> User:
    return factories.person()


@pytest.fixture
def by(ada: User) -> Actor:
    return factories.actor(ada)


@pytest.fixture
def studio(ada: User) -> Iterator[Workspace]:
    workspace = factories.workspace(ada)
    with inside(workspace):
        yield workspace
