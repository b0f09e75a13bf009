"""Looks are made by jobs: each test has a workspace that others see too, and a real receiver."""

import pytest

from tenancy.door import inside
from tests import factories
from tests.receiver import receiver, saying


@pytest.fixture
def ada(fresh_database):
    return factories.person()


@pytest.fixture
def studio(ada):
    return factories.workspace(ada, slug="studio")


@pytest.fixture
def there(settings):
    with receiver() as running:
        settings.EGRESS_ALLOWED_HOSTS = [running.place]
        running.ways["/"] = saying(b"as delivered")
        yield running


@pytest.fixture
def milestone(studio, by):
    with inside(studio):
        return factories.milestone_in_execution(by)
