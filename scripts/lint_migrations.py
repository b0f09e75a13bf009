"""Runs squawk over the SQL of each of our migrations. `make lint` starts it beside a database server."""

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parent.parent

# Nobody runs Cairn before its first release: these change tables that hold no rows anybody waits for.
BEFORE_RELEASE = {
    ("journal", "0002_webhook_endpoints"),
    ("milestones", "0002_milestone_control"),
    ("milestones", "0006_ends_say_what_is_open"),
    ("milestones", "0010_milestones_that_await_packets"),
    ("escalation", "0002_approval_blockers_ask"),
    ("telemetry", "0003_findings_are_parked"),
}
UNHURRIED = (
    "-- squawk-ignore-file adding-foreign-key-constraint, ban-drop-column, ban-drop-constraint, "
    "ban-drop-default, constraint-missing-not-valid, require-concurrent-index-creation, "
    "require-concurrent-index-deletion\n"
)
# An index that is made beside its readers needs a migration of its own, outside any transaction.
BESIDE_READERS = "-- squawk-ignore-file ban-concurrent-index-creation-in-transaction, prefer-robust-stmts\n"


def ours() -> list[tuple[str, str]]:
    """(app, name) of every migration that stands in this repository."""
    loader = MigrationLoader(None)
    return sorted(key for key in loader.disk_migrations if (ROOT / key[0] / "migrations").is_dir())


def leave_for(app: str, name: str) -> str:
    """The rules that do not hold for a migration, as a line for squawk."""
    migration = MigrationLoader(None).disk_migrations[app, name]
    if not migration.atomic and len(migration.operations) == 1:
        return BESIDE_READERS
    return UNHURRIED if (app, name) in BEFORE_RELEASE else ""


def write_sql(app: str, name: str, directory: Path) -> Path:
    """What the owner really runs: the lock timeout comes from settings, the transaction from Django."""
    sql = call_command("sqlmigrate", app, name, database="owner", stdout=StringIO(), no_color=True)
    body = re.sub(r"(?m)^(BEGIN|COMMIT);$", "", sql)
    path = directory / f"{app}.{name}.sql"
    path.write_text(f"{leave_for(app, name)}SET lock_timeout = '{settings.OWNER_LOCK_TIMEOUT}';\n{body}")
    return path


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    with tempfile.TemporaryDirectory() as directory:
        try:
            files = [write_sql(app, name, Path(directory)) for app, name in ours()]
        except CommandError as error:
            print(error, file=sys.stderr)
            return 1
        squawk = Path(sys.executable).parent / "squawk"
        configuration = str(ROOT / ".squawk.toml")
        return subprocess.run([squawk, "--config", configuration, *files], check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
