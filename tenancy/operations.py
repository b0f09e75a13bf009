"""Migration operations that protect a tenant table, in the very migration that makes it.

`Protect` gives a table its composite keys and their indexes, the policies of every role, forced row-level
security, grants, and the trigger that keeps `workspace_id` as it was. `Refer` does the keys for a field that
is added later; `PartitionByMonth` stands between CreateModel and Protect of a big append-only table.
"""

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

THIS_WORKSPACE = "workspace_id = (SELECT current_setting('app.workspace_id')::uuid)"
ALL = "SELECT, INSERT, UPDATE, DELETE"
# To the linter of migrations: nobody can be reading a table that the same migration has made.
MADE_JUST_NOW = "-- squawk-ignore renaming-table, ban-drop-table\n"


def _is_tenant_key(field: "models.Field[Any, Any]") -> bool:
    return isinstance(field, models.ForeignKey) and any(
        other.name == "workspace" for other in field.related_model._meta.fields
    )


def _tenant_keys(model: type[models.Model]) -> "Iterator[models.ForeignKey[Any, Any]]":
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey) and _is_tenant_key(field):
            yield field


def _is_indexed(model: type[models.Model], name: str) -> bool:
    """Whether an index or unique constraint over whole rows already begins with (workspace, name)."""
    declared = [
        [*getattr(item, "fields", ()), *(getattr(e, "name", "") for e in getattr(item, "expressions", ()))]
        for item in [*model._meta.indexes, *model._meta.constraints]
        if not getattr(item, "condition", None)
    ]
    return any(fields[:2] == ["workspace", name] for fields in declared)


def _composite_key(model: type[models.Model], field: "models.ForeignKey[Any, Any]") -> Iterator[str]:
    """The key on (workspace_id, x_id), validated for every workspace at once.

    Both tables shed FORCE meanwhile: under it validation would see one workspace's rows, or none.
    """
    table, column = model._meta.db_table, field.column
    target = field.related_model._meta.db_table
    nulls = f"SET NULL ({column})" if field.remote_field.on_delete is models.SET_NULL else "NO ACTION"
    unforced = list(dict.fromkeys((table, target)))
    yield from (f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY" for name in unforced)
    yield (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_same_workspace "
        f"FOREIGN KEY (workspace_id, {column}) REFERENCES {target} (workspace_id, id) "
        f"ON DELETE {nulls} DEFERRABLE INITIALLY DEFERRED"
    )
    yield from (f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY" for name in unforced)
    if not _is_indexed(model, field.name):
        yield f"CREATE INDEX {table}_{column}_idx ON {table} (workspace_id, {column})"


def _policies(table: str, *, jobs: str, door: bool) -> Iterator[str]:
    yield f"CREATE POLICY this_workspace ON {table} TO cairn_app, CURRENT_USER USING ({THIS_WORKSPACE})"
    yield f"CREATE POLICY backup ON {table} FOR SELECT TO cairn_backup USING (true)"
    if jobs:
        yield f"CREATE POLICY jobs ON {table} TO cairn_jobs USING (true)"
    if door:
        yield f"CREATE POLICY door ON {table} FOR SELECT TO cairn_door USING (true)"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"


def _grants(table: str, *, app: str, jobs: str, door: bool) -> Iterator[str]:
    yield f"GRANT {app} ON {table} TO cairn_app"
    yield f"GRANT SELECT ON {table} TO cairn_backup"
    if jobs:
        yield f"GRANT {jobs} ON {table} TO cairn_jobs"
    if door:
        yield f"GRANT SELECT ON {table} TO cairn_door"


def _run_deferred(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Makes the keys that Django keeps for the end of the migration: FORCE would blind their validation."""
    for statement in schema_editor.deferred_sql:
        schema_editor.execute(statement, None)
    schema_editor.deferred_sql.clear()


class _TenantOperation(Operation):
    reduces_to_sql = True
    reversible = False

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        _run_deferred(schema_editor)
        for statement in self.statements(to_state.apps.get_model(app_label, self.model_name)):
            schema_editor.execute(statement, params=None)

    def statements(self, model: type[models.Model]) -> Iterator[str]:
        raise NotImplementedError


class PartitionByMonth(_TenantOperation):
    """Makes a table that was created just before a partitioned one, by month (UTC) of a column.

    Its primary key is led by the workspace and joined by the column, since a unique key must hold it; nothing
    can refer to it. `ensure_partitions()` makes the months; what falls outside them lands in the default one.
    """

    def __init__(self, model_name: str, column: str) -> None:
        super().__init__(model_name)
        self.column = column

    def describe(self) -> str:
        return f"Partition {self.model_name} by month of {self.column}"

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Before the deferred keys and indexes are made, so that they land on the partitioned table."""
        for statement in self.statements(to_state.apps.get_model(app_label, self.model_name)):
            schema_editor.execute(statement, params=None)

    def statements(self, model: type[models.Model]) -> Iterator[str]:
        table = model._meta.db_table
        yield f"{MADE_JUST_NOW}ALTER TABLE {table} RENAME TO {table}_plain"
        yield (
            f"CREATE TABLE {table} (LIKE {table}_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS) "
            f"PARTITION BY RANGE ({self.column})"
        )
        yield f"{MADE_JUST_NOW}DROP TABLE {table}_plain"
        key = dict.fromkeys(["workspace_id", *(field.column for field in model._meta.pk_fields), self.column])
        yield f"ALTER TABLE {table} ADD PRIMARY KEY ({', '.join(map(str, key))})"
        yield f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT"


class Protect(_TenantOperation):
    """All that a new tenant table needs.

    `app` and `jobs` are the privileges of those roles (`jobs` empty: the sweeps have no business here);
    `door` lets the functions that look before a workspace is known read the table. A table to which nothing
    refers and whose primary key begins with the workspace says `referable=False`.
    """

    def __init__(
        self, model_name: str, *, app: str = ALL, jobs: str = "", door: bool = False, referable: bool = True
    ) -> None:
        super().__init__(model_name)
        self.app, self.jobs, self.door, self.referable = app, jobs, door, referable

    def describe(self) -> str:
        return f"Protect {self.model_name}: keys, policies, grants"

    def statements(self, model: type[models.Model]) -> Iterator[str]:
        table = model._meta.db_table
        if self.referable:
            yield f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_workspace UNIQUE (workspace_id, id)"
        yield from _policies(table, jobs=self.jobs, door=self.door)
        for field in _tenant_keys(model):
            yield from _composite_key(model, field)
        yield from _grants(table, app=self.app, jobs=self.jobs, door=self.door)
        yield (
            f"CREATE TRIGGER workspace_stays BEFORE UPDATE OF workspace_id ON {table} "
            "FOR EACH ROW WHEN (OLD.workspace_id IS DISTINCT FROM NEW.workspace_id) "
            "EXECUTE FUNCTION workspace_stays()"
        )


class Refer(_TenantOperation):
    """The composite key and index of a tenant key that joins an existing table."""

    def __init__(self, model_name: str, field_name: str) -> None:
        super().__init__(model_name)
        self.field_name = field_name

    def describe(self) -> str:
        return f"Bind {self.model_name}.{self.field_name} to its workspace"

    def statements(self, model: type[models.Model]) -> Iterator[str]:
        field = model._meta.get_field(self.field_name)
        if not isinstance(field, models.ForeignKey):
            raise TypeError(f"{self.model_name}.{self.field_name} is no key to another table.")
        yield from _composite_key(model, field)
