"""A workspace, its owner, a milestone in execution, and a process that remembers no connection."""

from collections.abc import Iterator

import pytest

from journal.actors import Actor
from milestones.models import Milestone
from telemetry import inbound
from tenancy.door import inside
from tenancy.models import Workspace
from tests import factories
from tests.plugins.scenes import scene
from workspaces.models import User


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    inbound.forget()
    yield
    inbound.forget()


@scene
def ada(db: None) -> User:
    return factories.person()


@scene
def by(ada: User) -> Actor:
    return factories.actor(ada)


@scene
def studio(ada: User) -> Workspace:
    return factories.workspace(ada)


@pytest.fixture
def door(studio: Workspace) -> Iterator[None]:
    with inside(studio):
        yield


@scene
def milestone(studio: Workspace, by: Actor) -> Milestone:
    with inside(studio):
        return factories.milestone_in_execution(by)
