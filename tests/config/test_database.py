"""Roles, clones and the refusal of roles that row-level security does not bind."""

import os

import psycopg
import pytest
from django.db import ProgrammingError, connection, connections

from config import database
from tests.plugins.database import FreshDatabase


def _role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_tests_run_as_the_app_role():
    assert _role() == "cairn_app"


@pytest.mark.django_db
def test_the_app_role_is_safe():
    database.assert_safe_role(connection)


@pytest.mark.django_db(databases=["owner"])
def test_a_role_that_owns_tables_is_refused():
    with pytest.raises(database.Unfit, match="it owns tables"):
        database.assert_safe_role(connections["owner"])


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["CREATE TABLE x (id int)", "CREATE TEMPORARY TABLE x (id int)"])
def test_the_app_role_makes_no_tables(statement):
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.slow
def test_a_fresh_database_shows_committed_rows_to_others(fresh_database: FreshDatabase):
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE noted (word text)")
        cursor.execute("INSERT INTO noted VALUES ('seen')")

    with psycopg.connect(fresh_database.environment["DATABASE_URL"]) as other:
        assert other.execute("SELECT word FROM noted").fetchall() == [("seen",)]


@pytest.mark.slow
def test_preparing_twice_changes_nothing(fresh_database: FreshDatabase):
    roles = "SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'cairn_%'"
    database.prepare(fresh_database.environment["DATABASE_URL"], environment=os.environ)

    with connections["owner"].cursor() as cursor:
        cursor.execute(f"{roles} ORDER BY rolname")
        found = cursor.fetchall()

    assert found == [
        ("cairn_app", True, False, False),
        ("cairn_backup", True, False, False),
        ("cairn_door", False, False, False),
        ("cairn_jobs", True, False, False),
        ("cairn_owner", True, False, False),
    ]


@pytest.mark.slow
def test_a_role_that_may_not_create_roles_is_refused_with_the_command(fresh_database: FreshDatabase):
    app_dsn = fresh_database.environment["APP_DATABASE_URL"]

    with pytest.raises(database.Unfit, match="ALTER ROLE cairn_app CREATEROLE"):
        database.prepare(app_dsn, environment=fresh_database.environment)
