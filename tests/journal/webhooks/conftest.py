"""A real receiver for every test of webhooks."""

import pytest

from tests.journal.webhooks.sending import OK
from tests.receiver import receiver


@pytest.fixture
def there(settings):
    with receiver() as running:
        settings.EGRESS_ALLOWED_HOSTS = [running.place]
        running.ways["/hook"] = OK
        yield running
