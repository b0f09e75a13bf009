"""A workspace whose door is open, and its owner."""

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
def studio(ada: User) -> Workspace:
    return factories.workspace(ada, slug="studio")


@pytest.fixture
def door(studio: Workspace) -> Iterator[None]:
    with inside(studio):
        yield


@pytest.fixture
def by(ada: User) -> Actor:
    return factories.actor(ada)
