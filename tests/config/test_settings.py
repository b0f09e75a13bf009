"""Settings whose default would open a door."""

import pytest
from django.core.cache import cache

pytestmark = pytest.mark.slow
DJANGO_KEEPS = 300


def test_many_visitors_do_not_make_the_limits_forget_one(db):
    cache.set("a-guesser", 5)

    for number in range(DJANGO_KEEPS + 2):
        cache.set(f"visitor-{number}", 1)

    assert cache.get("a-guesser") == 5
