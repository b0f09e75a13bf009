"""Migrations say all that the models say, and fence a table in the migration that makes it."""

import pytest
from django.apps import apps
from django.db import connections, migrations
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tenancy.operations import Protect
from tests.guards.source import RANK, ROOT

APPS = sorted(app for app in RANK if (ROOT / app / "migrations").is_dir())


@pytest.fixture(scope="module")
def loader():
    return MigrationLoader(None)


def test_models_and_migrations_agree(loader):
    missing = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(
        loader.graph
    )

    assert {
        app: [str(operation) for m in found for operation in m.operations] for app, found in missing.items()
    } == {}


@pytest.mark.parametrize("app", APPS)
def test_a_table_is_fenced_in_the_migration_that_makes_it(app, loader):
    unfenced = []
    for (label, name), migration in loader.disk_migrations.items():
        if label != app:
            continue
        fenced = {
            operation.model_name for operation in migration.operations if isinstance(operation, Protect)
        }
        unfenced += [
            f"{name}: {operation.name}"
            for operation in migration.operations
            if isinstance(operation, migrations.CreateModel)
            and _is_tenant(operation)
            and operation.name not in fenced
        ]

    assert unfenced == []


def _is_tenant(operation: migrations.CreateModel) -> bool:
    return any(name == "workspace" for name, _ in operation.fields)


@pytest.mark.parametrize("app", APPS)
def test_the_newest_migration_is_named(app, loader):
    """Two people's migrations then collide in git, not in production."""
    [(_, newest)] = loader.graph.leaf_nodes(app)

    assert (ROOT / app / "migrations" / "max_migration.txt").read_text() == f"{newest}\n"


@pytest.mark.parametrize("app", APPS)
def test_migrations_are_named_by_intent(app, loader):
    named = [name for label, name in loader.disk_migrations if label == app and "auto" in name]

    assert named == []


# Each with what has to be undone before it.
UNDOABLE = [
    ("journal", ["0005_old_messages_are_forgotten"]),
    ("milestones", ["0016_sweeps_read_what_was_taken_back"]),
    ("proofs", ["0003_history_has_no_packets"]),
    ("proofs", ["0003_history_has_no_packets", "0002_closing_needs_published_packets"]),
]
RULES = """
SELECT 'policy', tablename::text, policyname::text, roles::text FROM pg_policies
UNION ALL SELECT 'table', oid::regclass::text, '', unnest(relacl)::text FROM pg_class
UNION ALL SELECT 'column', attrelid::regclass::text, attname::text, unnest(attacl)::text FROM pg_attribute
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger
UNION ALL SELECT 'function', proname::text, '', prosrc FROM pg_proc
"""


def _rules():
    """What the database says of who may do what, and of what it checks by itself."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(RULES)
        return set(cursor.fetchall())


def _undo(migration, editor):
    for operation in reversed(migration.operations):
        operation.database_backwards(migration.app_label, editor, None, None)


def _redo(migration, editor):
    for operation in migration.operations:
        operation.database_forwards(migration.app_label, editor, None, None)


@pytest.mark.slow
@pytest.mark.parametrize(("app", "names"), UNDOABLE)
def test_what_a_migration_allows_or_checks_can_be_undone_and_made_anew(app, names, loader, fresh_database):
    found = [loader.disk_migrations[app, name] for name in names]
    before = _rules()

    with connections["owner"].schema_editor() as editor:
        for migration in found:
            _undo(migration, editor)
    undone = _rules()
    with connections["owner"].schema_editor() as editor:
        for migration in reversed(found):
            _redo(migration, editor)

    assert undone != before
    assert _rules() == before
