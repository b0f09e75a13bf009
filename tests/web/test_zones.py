"""Time zones: what people choose is what the database reckons with."""

from django.db import connection

from web.forms.base import zones


def test_every_zone_offered_is_one_that_the_database_knows(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        known = {name for (name,) in cursor.fetchall()}

    assert {name for name, _ in zones()} - known == set()
