"""Migrations say all that the models say, and fence a table in the migration that makes it."""

import pytest
from django.apps import apps
from django.db import migrations
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
