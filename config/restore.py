"""Puts a dump of the backup role back: `python -m config.restore FILE`, into the empty database DATABASE_URL.

The dump is `pg_dump --enable-row-security --format=custom` by the role cairn_backup. Roles belong to the
server and are made first. The functions that look before a workspace is known go to their own role again,
which takes a right that it otherwise has not; who may run them it says itself, in a second step. Should that
one fail, `python -m config.restore --rights FILE` does it alone.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from config import database
from config.database import DOOR, Unfit
from config.embedded.postgres import program

# As libpq reads them: a password in the arguments would stand in every list of processes.
NAMES: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
}
RIGHTS: Final = "--rights"
NOTHING: Final = "The dump was not put back; the database is as empty as before."
UNREAD: Final = "The dump could not be read; no right was given."
NOT_YET: Final = """
Everything was put back, but nobody may run yet what looks things up before a workspace is known: {error}
Mend that, then run: python -m config.restore --rights {dump}
""".strip()
HELD: Final = """
SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""


class WithoutRights(Exception):
    """Everything is put back, but who may run the door's functions is not said yet."""


def restore(dump: Path, owner_dsn: str, *, environment: Mapping[str, str]) -> None:
    """Restores all or nothing, and then says who may run the door's functions.

    Raises:
        Unfit: when the database is not empty, or cannot serve Cairn.
        CalledProcessError: when the dump cannot be put back; pg_restore has said why.
        WithoutRights: when the second step failed; `give_rights` does it alone.
    """
    _check_is_named(owner_dsn)
    with psycopg.connect(owner_dsn) as connection:
        _check_is_empty(connection)
    _prepare(owner_dsn, environment)
    _, others = _entries(dump)
    _let_door_make(owner_dsn, "GRANT CREATE ON SCHEMA public TO {}")
    try:
        _put_back(dump, others, owner_dsn)
    except BaseException:
        _let_door_make(owner_dsn, "REVOKE CREATE ON SCHEMA public FROM {}")
        raise
    try:
        give_rights(dump, owner_dsn)
    except (psycopg.Error, subprocess.CalledProcessError) as error:
        raise WithoutRights(str(error).strip()) from error


def give_rights(dump: Path, owner_dsn: str) -> None:
    """The second step, safe to repeat: the door makes nothing any more, and says who may run what it has."""
    of_door, _ = _entries(dump)
    _let_door_make(owner_dsn, "REVOKE CREATE ON SCHEMA public FROM {}")
    _grant_as_door(dump, of_door, owner_dsn)


def _check_is_named(owner_dsn: str) -> None:
    if not conninfo_to_dict(owner_dsn).get("dbname"):
        raise Unfit("DATABASE_URL names no database. Add the name of an empty one.")


def _prepare(owner_dsn: str, environment: Mapping[str, str]) -> None:
    try:
        database.prepare(owner_dsn, environment=environment)
    except KeyError as missing:
        raise Unfit(f"{missing.args[0]} is not set (.env.example lists every variable).") from missing


def _entries(dump: Path) -> tuple[list[str], list[str]]:
    """What the door itself has to say, and all else."""
    entries = _pg_restore("--list", str(dump)).splitlines()
    of_door = [entry for entry in entries if " ACL " in entry and entry.endswith(f" {DOOR}")]
    return of_door, [entry for entry in entries if entry not in of_door]


def _check_is_empty(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute(HELD).fetchone()
    if row and row[0]:
        raise Unfit(f"The database holds {row[0]} tables already. Restore into an empty one.")


def _let_door_make(owner_dsn: str, statement: str) -> None:
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(DOOR)))


def _put_back(dump: Path, entries: Sequence[str], owner_dsn: str) -> None:
    place = conninfo_to_dict(owner_dsn)
    given = {NAMES[name]: str(value) for name, value in place.items() if name in NAMES}
    at = ("--exit-on-error", "--single-transaction", "--dbname", given["PGDATABASE"])
    with _listed(entries) as chosen:
        _pg_restore(*at, chosen, str(dump), environment=given)


def _grant_as_door(dump: Path, entries: Sequence[str], owner_dsn: str) -> None:
    """Who may run the door's functions only the door itself can say."""
    with _listed(entries) as chosen:
        script = _pg_restore("--file=-", chosen, str(dump))
    statements = [line for line in script.splitlines() if not line.startswith("\\")]  # orders to psql
    with psycopg.connect(owner_dsn) as connection:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(DOOR)))
        connection.execute("\n".join(statements).encode())


@contextmanager
def _listed(entries: Sequence[str]) -> Iterator[str]:
    """The argument by which pg_restore takes these entries only."""
    with NamedTemporaryFile("w", suffix=".list") as file:
        file.write("\n".join(entries))
        file.flush()
        yield f"--use-list={file.name}"


def _pg_restore(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    command = [program("pg_restore"), *arguments]
    surroundings = {**os.environ, **(environment or {})}
    return subprocess.run(command, check=True, env=surroundings, stdout=subprocess.PIPE, text=True).stdout


def main() -> int:
    *options, dump = sys.argv[1:] or [""]
    if not dump or options not in ([], [RIGHTS]):
        print(f"Name the dump: python -m config.restore [{RIGHTS}] FILE", file=sys.stderr)
        return 2
    owner_dsn = os.environ.get("DATABASE_URL", "")
    try:
        if options:
            give_rights(Path(dump), owner_dsn)
        else:
            restore(Path(dump), owner_dsn, environment=os.environ)
    except WithoutRights as error:
        print(NOT_YET.format(error=error, dump=dump), file=sys.stderr)
    except (Unfit, psycopg.Error) as error:
        print(str(error).strip(), file=sys.stderr)
    except subprocess.CalledProcessError:
        print(UNREAD if options else NOTHING, file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
