"""A workspace with a little history, committed, so that others see it too."""

import pytest

from journal.actions import record
from tenancy.door import inside
from tests import factories
from tests.factories import MONDAY


@pytest.fixture
def studio(fresh_database):
    """Four entries: the workspace's own, and three more."""
    ada = factories.person()
    workspace = factories.workspace(ada, slug="studio")
    with inside(workspace):
        for n in range(3):
            record(
                workspace,
                "note.taken",
                by=factories.actor(ada),
                at=MONDAY,
                data={"n": n, "text": "größer"},
                personal={"about": "Dan Decider"},
            )
    return workspace
