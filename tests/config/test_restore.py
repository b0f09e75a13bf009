"""The drill: a dump by the backup role, put back into an empty database, works as before."""

import os
import subprocess
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
from config.restore import restore
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
