"""A signed-in founder in a workspace, on a working Wednesday."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from tests import factories
from tests.plugins.scenes import scene

WEDNESDAY = datetime(2026, 3, 4, 10, tzinfo=UTC)


@pytest.fixture
def wednesday():
    with time_machine.travel(WEDNESDAY, tick=False):
        yield WEDNESDAY


@scene
def ada(db):
    return factories.person()


@scene
def by(ada):
    return factories.actor(ada)


@scene
def studio(ada):
    return factories.workspace(ada, slug="studio")


@pytest.fixture
def founder(ada, studio, wednesday):
    client = Client()
    client.force_login(ada)
    return client


def page(response) -> str:
    """What the answer says, blanks folded."""
    return " ".join(response.content.decode().split())
