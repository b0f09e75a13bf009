"""Each test stands inside the door of a workspace with one owner."""

from journal.actors import Actor
from tenancy.models import Workspace
from tests import factories
from tests.plugins.scenes import door, scene
from workspaces.models import User


@scene
def ada(db: None) -> User:
    return factories.person()


@scene
def by(ada: User) -> Actor:
    return factories.actor(ada)


@door
def studio(ada: User) -> Workspace:
    return factories.workspace(ada)
