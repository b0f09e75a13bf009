"""The drill: a dump by the backup role, put back into an empty database, works as before."""

import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest
from allauth.account.models import EmailAddress
from django.db import connections
from django.test import Client
from django.urls import reverse
from psycopg import sql

from config.database import Unfit
from config.embedded.postgres import program
from config.restore import main, restore
from journal.actors import Recipient
from journal.models import ChainHead
from journal.queries import fault_of
from milestones.models import Project
from tenancy.door import inside
from tests import factories
from tests.api.everything import made_by_people
from tests.factories import MONDAY
from tests.guards import catalogue
from workspaces.actions import address_of, make_link
from workspaces.models import Purpose, User

pytestmark = pytest.mark.slow

TABLES = """
SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname
"""


@pytest.fixture
def studio(fresh_database):
    """A workspace with something in every table that people fill, and an owner who can sign in."""
    ada = factories.person(password=factories.PASSWORD)
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    workspace = factories.workspace(ada, slug="studio")
    with inside(workspace):
        made_by_people(factories.actor(ada), mark="Ähre")
    return workspace


def counts(dsn: str) -> dict[str, int]:
    """Rows of each table, as the backup role sees them."""
    with psycopg.connect(dsn) as connection:
        names = [name for (name,) in connection.execute(TABLES)]
        return {name: _count(connection, name) for name in names}


def _count(connection, name: str) -> int:
    counted = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
    return connection.execute(counted).fetchone()[0]


def dumped(dsn: str, path) -> None:
    command = [program("pg_dump"), "--enable-row-security", "--format=custom", f"--file={path}", dsn]
    subprocess.run(command, check=True)


def emptied(name: str) -> None:
    """The database is lost, and an empty one has its name."""
    connections.close_all()
    with psycopg.connect(os.environ["CAIRN_TEST_DATABASE_URL"], autocommit=True) as connection:
        for statement in ("DROP DATABASE {} WITH (FORCE)", "CREATE DATABASE {}"):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def portal_of(workspace) -> str:
    """The secret address of a client's portal."""
    with inside(workspace):
        to = Recipient("contact", None, "Northwind", "")
        by, project = factories.actor(User.objects.get()), Project.objects.order_by("pk")[0]
        return address_of(make_link(Purpose.PORTAL, subject=project, to=to, by=by, now=MONDAY))


def head_of(workspace) -> tuple[int, bytes, str]:
    with inside(workspace):
        head = ChainHead.objects.get()
        return head.seq, bytes(head.hash), fault_of(head)


def test_what_was_lost_is_put_back_and_works(studio, fresh_database, tmp_path):
    environment = {**os.environ, **fresh_database.environment}
    dump, backup = tmp_path / "cairn.dump", fresh_database.environment["BACKUP_DATABASE_URL"]
    portal = portal_of(studio)
    before, head = counts(backup), head_of(studio)
    dumped(backup, dump)
    emptied(fresh_database.name)

    restore(dump, fresh_database.environment["DATABASE_URL"], environment=environment)

    assert counts(backup) == before
    assert sum(before.values()) > 300
    assert head_of(studio) == head
    assert head[2] == ""
    assert catalogue.faults(connections["owner"]) == []
    client = Client()
    signed_in = client.post(
        reverse("account_login"), {"login": "ada@studio.example", "password": factories.PASSWORD}
    )
    assert signed_in.status_code == 302
    assert client.get(reverse("today", args=["studio"])).status_code == 200
    assert client.get(urlsplit(portal).path).status_code == 200


def test_a_database_that_holds_something_is_left_alone(fresh_database, tmp_path):
    owner = fresh_database.environment["DATABASE_URL"]

    with pytest.raises(Unfit, match="Restore into an empty one"):
        restore(tmp_path / "any.dump", owner, environment={**os.environ, **fresh_database.environment})

    assert counts(fresh_database.environment["BACKUP_DATABASE_URL"])["django_migrations"] > 0


def test_a_broken_dump_leaves_nothing(fresh_database, tmp_path):
    dump = tmp_path / "cairn.dump"
    dumped(fresh_database.environment["BACKUP_DATABASE_URL"], dump)
    dump.write_bytes(dump.read_bytes()[:-2000])
    emptied(fresh_database.name)
    environment = {**os.environ, **fresh_database.environment}

    with pytest.raises(subprocess.CalledProcessError):
        restore(dump, fresh_database.environment["DATABASE_URL"], environment=environment)

    assert counts(fresh_database.environment["BACKUP_DATABASE_URL"]) == {}


STRANGER = "cairn_test_stranger"
MAY_RUN = "SELECT has_function_privilege('cairn_app', 'door(text, bytea)', 'EXECUTE')"


def as_server(*statements: str) -> None:
    with psycopg.connect(os.environ["CAIRN_TEST_DATABASE_URL"], autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(sql.Identifier(STRANGER)))


@pytest.fixture
def of_a_stranger(fresh_database, tmp_path):
    """A dump in which a role that the server does not know any more may run the door."""
    dump = tmp_path / "cairn.dump"
    as_server("DROP ROLE IF EXISTS {}", "CREATE ROLE {}")
    with psycopg.connect(fresh_database.environment["DATABASE_URL"]) as connection:
        connection.execute("SET LOCAL ROLE cairn_door")
        grant = sql.SQL("GRANT EXECUTE ON FUNCTION door(text, bytea) TO {}")
        connection.execute(grant.format(sql.Identifier(STRANGER)))
    dumped(fresh_database.environment["BACKUP_DATABASE_URL"], dump)
    emptied(fresh_database.name)
    as_server("DROP ROLE {}")
    yield dump
    emptied(fresh_database.name)
    as_server("DROP ROLE IF EXISTS {}")


def commanded(database, *arguments: str) -> tuple[int, str]:
    """Exit status of the command, and what it said."""
    command = [sys.executable, "-m", "config.restore", *arguments]
    ran = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, **database.environment}
    )
    return ran.returncode, ran.stderr


def may_run(database) -> bool:
    with psycopg.connect(database.environment["DATABASE_URL"]) as connection:
        return connection.execute(MAY_RUN).fetchone()[0]


def test_when_only_the_rights_fail_they_are_given_alone(of_a_stranger, fresh_database):
    status, said = commanded(fresh_database, str(of_a_stranger))

    assert status == 1
    assert f'nobody may run yet what looks things up before a workspace is known: role "{STRANGER}"' in said
    assert said.endswith(f"run: python -m config.restore --rights {of_a_stranger}\n")
    assert counts(fresh_database.environment["BACKUP_DATABASE_URL"])["django_migrations"] > 0
    assert not may_run(fresh_database)

    as_server("CREATE ROLE {}")

    assert commanded(fresh_database, "--rights", str(of_a_stranger)) == (0, "")
    assert may_run(fresh_database)
    assert catalogue.faults(connections["owner"]) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://nobody@127.0.0.1:1", "DATABASE_URL names no database. Add the name of an empty one."),
        ("", "DATABASE_URL names no database. Add the name of an empty one."),
        ("postgresql://nobody@127.0.0.1:1/cairn", "connection to server at"),
        ("nonsense", "missing"),
    ],
)
def test_a_database_that_is_not_reached_is_said_in_a_sentence(monkeypatch, capsys, address, said):
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setattr(sys, "argv", ["config.restore", "any.dump"])

    assert main() == 1
    assert said in capsys.readouterr().err
