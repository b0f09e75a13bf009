"""A workspace whose door is open, and its owner."""

from collections.abc import Iterator

import pytest

from journal.actors import Actor
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories
from tests.plugins.scenes import scene
from workspaces.models import User


@scene
def ada(db: None) -> User:
    return factories.person()


@scene
def studio(ada: User) -> Workspace:
    return factories.workspace(ada, slug="studio")


@pytest.fixture
def door(studio: Workspace) -> Iterator[None]:
    with inside(studio):
        yield


@scene
def by(ada: User) -> Actor:
    return factories.actor(ada)
