"""No table without its fences. The last four tests are the refusals the ground promises."""

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, models
from django.db.migrations.state import ProjectState

from config.database import Unfit, assert_safe_role
from milestones.models import Account, Project
from tenancy.door import inside
from tenancy.models import TenantKey
from tenancy.operations import Refer
from tests import factories, superuser
from tests.factories import MONDAY
from tests.guards import catalogue


def test_every_table_is_fenced(db):
    assert catalogue.faults(connection) == []


def test_every_key_between_tenant_tables_is_bound_to_the_workspace(db):
    bound = {
        (table["name"], key["target"], key["columns"][-1])
        for table in catalogue.rows(connection, catalogue.TABLES)
        for key in catalogue.rows(connection, catalogue.KEYS, table["oid"])
        if key["columns"][0] == "workspace_id" and key["targets"] == ["workspace_id", "id"]
    }

    declared = {
        (model._meta.db_table, field.related_model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, TenantKey)
    }

    assert declared - bound == set()


def test_relations_to_tenant_tables_are_tenant_keys():
    plain = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and not isinstance(field, TenantKey)
        and any(other.name == "workspace" for other in field.related_model._meta.fields)
    ]

    assert plain == []


def test_listed_exceptions_exist(db):
    indexes = {
        index["name"]
        for table in catalogue.rows(connection, catalogue.TABLES)
        for index in catalogue.rows(connection, catalogue.INDEXES, table["oid"])
    }

    assert catalogue.UNIQUE_ACROSS_WORKSPACES.keys() - indexes == set()


FORGOTTEN = {
    "CREATE TABLE plain (id uuid PRIMARY KEY)": "plain has no workspace_id and is not listed as global",
    "CREATE TABLE bare (id uuid PRIMARY KEY, workspace_id uuid)": "bare does not force row-level security",
    "ALTER TABLE journal_event NO FORCE ROW LEVEL SECURITY": "journal_event does not force",
    "DROP POLICY this_workspace ON journal_event": "journal_event has no policy for its own workspace",
    "CREATE POLICY all_of_it ON journal_event USING (true)": "journal_event has a policy of its own",
    "DROP TRIGGER workspace_stays ON journal_event": "journal_event has no trigger that keeps a row",
    "GRANT TRUNCATE ON journal_event TO cairn_app": "journal_event grants TRUNCATE to cairn_app",
    "GRANT SELECT ON journal_event TO PUBLIC": "journal_event grants SELECT to PUBLIC",
    "CREATE UNIQUE INDEX oracle ON journal_event (kind)": "oracle tells one workspace what another one holds",
    "ALTER TABLE milestones_project ADD FOREIGN KEY (account_id) REFERENCES milestones_account NOT VALID": (
        "milestones_project_account_id_fkey could point into another workspace"
    ),
    "CREATE VIEW peek AS SELECT * FROM journal_event": "peek reads as its owner",
    "CREATE FUNCTION leak() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": (
        "leak() runs as its owner without a search_path"
    ),
}


@pytest.mark.parametrize("forgetful", FORGOTTEN)
def test_a_forgotten_fence_is_found(owned_clone, forgetful):
    with psycopg.connect(owned_clone) as owner:
        owner.execute(forgetful)

        found = catalogue.faults(owner)

        owner.rollback()
    assert any(fault.startswith(FORGOTTEN[forgetful]) for fault in found), found


@pytest.fixture(scope="module")
def owned_clone(django_db_setup):
    """The owner's address of a clone that tests spoil and roll back."""
    from tests.plugins import cluster

    with cluster.clone() as name:
        yield cluster.environment(name)["DATABASE_URL"]


@pytest.fixture
def two_workspaces(db):
    ada = factories.person()
    return factories.workspace(ada), factories.workspace(ada)


def test_a_crossed_foreign_key_is_refused_by_the_database(two_workspaces):
    ours, theirs = two_workspaces
    with inside(theirs):
        foreign = Account.objects.create(name="Theirs", created_at=MONDAY)

    with inside(ours):
        Project.objects.create(
            name="Crossed", account_id=foreign.pk, kickoff_completed_at=MONDAY, created_at=MONDAY
        )
        with pytest.raises(IntegrityError, match="account_id_same_workspace"):
            connection.check_constraints()
        connection.needs_rollback = True


def test_an_orphan_of_a_second_workspace_is_refused_when_a_key_is_added(fresh_database):
    """FORCE would hide the second workspace's rows from the validation, and let the orphan stay."""
    ada = factories.person()
    for workspace in (factories.workspace(ada), factories.workspace(ada)):
        with inside(workspace):
            factories.engagement(factories.actor(ada))
    with psycopg.connect(fresh_database.environment["DATABASE_URL"]) as owner:
        owner.execute(
            "ALTER TABLE milestones_project DROP CONSTRAINT milestones_project_account_id_same_workspace"
        )
        owner.execute("DROP INDEX IF EXISTS milestones_project_account_id_idx")
    with inside(workspace), connection.cursor() as cursor:
        cursor.execute("UPDATE milestones_project SET account_id = gen_random_uuid()")

    state = ProjectState.from_apps(apps)
    with (
        pytest.raises(IntegrityError, match="same_workspace"),
        connections["owner"].schema_editor() as editor,
    ):
        Refer("Project", "account").database_forwards("milestones", editor, state, state)


def test_a_superuser_connection_is_refused(db):
    with (
        superuser.connect(connection.settings_dict["NAME"]) as intruder,
        pytest.raises(Unfit, match="is a superuser"),
    ):
        assert_safe_role(intruder)


def test_the_owners_connection_is_refused(owned_clone):
    with psycopg.connect(owned_clone) as owner, pytest.raises(Unfit, match="owns tables"):
        assert_safe_role(owner)


def test_the_apps_connection_is_accepted(db):
    assert_safe_role(connection)
