"""Sweeps see committed rows only: their tests have a database of their own."""

import pytest

from journal.actors import Actor
from tenancy.models import Workspace
from tests import factories
from tests.plugins.database import FreshDatabase
from workspaces.models import User


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> User:
    return factories.person()


@pytest.fixture
def workspace(owner: User) -> Workspace:
    return factories.workspace(owner)


@pytest.fixture
def by(owner: User) -> Actor:
    return factories.actor(owner)
