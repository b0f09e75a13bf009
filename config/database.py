"""Makes a PostgreSQL database ready for Cairn: its roles, what they may do, and the refusal of unsafe ones.

Owner migrates and owns every table; app serves people; jobs sweeps; backup reads; door owns the few functions
that look things up before a workspace is known. `python -m config.database` prepares what DATABASE_URL names.
"""

import os
import sys
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from config.env import DatabaseRole, dsn_for, role_password

LOGINS: Final[tuple[DatabaseRole, ...]] = ("app", "jobs", "backup")
DOOR: Final = "cairn_door"
OLDEST: Final = 180000
LOCK: Final = 0x63616972  # "cair": two processes that prepare at once take turns

Connection = psycopg.Connection[Any]


class Unfit(Exception):
    """The database server or the role cannot serve Cairn; the text says why and what to do."""


def _one(connection: Connection, query: str, *values: Any) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def _check_server(connection: Connection) -> None:
    found = connection.info.server_version
    if found < OLDEST:
        raise Unfit(
            f"This server is PostgreSQL {found // 10000}; Cairn needs 18 or newer. Upgrade it, "
            "or leave DATABASE_URL unset and let `make run` start its own."
        )


def _check_owner(connection: Connection) -> None:
    name = connection.info.user
    may = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    if not _one(connection, may):
        raise Unfit(
            f"The role {name} in DATABASE_URL may not create roles. "
            f"As a superuser run: ALTER ROLE {name} CREATEROLE;"
        )
    if not _one(
        connection,
        "SELECT pg_has_role(current_user, datdba, 'USAGE') FROM pg_database WHERE datname = %s",
        connection.info.dbname,
    ):
        raise Unfit(
            f"The role {name} in DATABASE_URL does not own the database. As a superuser run: "
            f"ALTER DATABASE {connection.info.dbname} OWNER TO {name};"
        )


def _create_role(connection: Connection, name: str, attributes: str) -> None:
    """Roles belong to the server, so another database of it may have made them before."""
    verb = "ALTER" if _one(connection, "SELECT true FROM pg_roles WHERE rolname = %s", name) else "CREATE"
    connection.execute(sql.SQL(f"{verb} ROLE {{}} {attributes}").format(sql.Identifier(name)))


def set_password(connection: Connection, name: str, password: str) -> None:
    """Hashed here, so that the password itself reaches no server log."""
    hashed = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(hashed)))


def login_password(role: DatabaseRole, *, environment: Mapping[str, str]) -> str:
    """What a process will present: the password in the role's own DSN, else one derived from SECRET_KEY."""
    own = urlsplit(environment.get(f"{role.upper()}_DATABASE_URL", "")).password
    return unquote(own) if own else role_password(role, secret_key=environment["SECRET_KEY"])


def _make_logins(connection: Connection, environment: Mapping[str, str]) -> None:
    for role in LOGINS:
        name = f"cairn_{role}"
        _create_role(connection, name, "LOGIN NOCREATEDB NOCREATEROLE NOINHERIT")
        set_password(connection, name, login_password(role, environment=environment))


def _make_door(connection: Connection) -> None:
    """The owner may hand functions to the door (SET) without reading as the door itself (no INHERIT)."""
    _create_role(connection, DOOR, "NOLOGIN NOCREATEDB NOCREATEROLE NOINHERIT")
    connection.execute(f"GRANT {DOOR} TO CURRENT_USER WITH SET TRUE, INHERIT FALSE".encode())


def allow_connections(connection: Connection) -> None:
    """Who may connect. Not copied when a database is cloned, so a clone calls this again."""
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    for role in LOGINS:
        grant = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
        connection.execute(grant.format(database, sql.Identifier(f"cairn_{role}")))


def _set_privileges(connection: Connection) -> None:
    """On tables to come only backup gets anything; what app and jobs may do, each table's migration says."""
    for statement in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO cairn_app, cairn_jobs, cairn_backup, {DOOR}",
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO cairn_backup",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON SEQUENCES TO cairn_backup",
    ):
        connection.execute(statement.encode())


def prepare(owner_dsn: str, *, environment: Mapping[str, str]) -> None:
    """Makes roles, passwords and default privileges. Safe to repeat, and by two processes at once.

    Raises:
        Unfit: the server is older than PostgreSQL 18, or the owner lacks CREATEROLE or the database.
    """
    with psycopg.connect(owner_dsn) as connection:
        _check_server(connection)
        _check_owner(connection)
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        _make_logins(connection, environment)
        _make_door(connection)
        allow_connections(connection)
        _set_privileges(connection)


UNSAFE: Final = """
    SELECT rolsuper, rolbypassrls,
           EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind IN ('r', 'p'))
      FROM pg_roles WHERE rolname = current_user
"""


def assert_safe_role(connection: Any) -> None:
    """Refuses a connection (psycopg's or Django's) whose role row-level security would not bind.

    Raises:
        Unfit: the role is a superuser, has BYPASSRLS, or owns tables.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNSAFE)
        found = cursor.fetchone()
    faults = ("is a superuser", "has BYPASSRLS", "owns tables")
    if wrong := [fault for fault, present in zip(faults, found, strict=True) if present]:
        raise Unfit(
            f"The web process refuses its database role: it {' and '.join(wrong)}, so workspaces would "
            "not be kept apart. Set APP_DATABASE_URL to the role cairn_app."
        )


def derived_dsns(owner_dsn: str, *, environment: Mapping[str, str]) -> dict[str, str]:
    """The DSNs of the three roles by the names of their variables; those already set are kept."""
    return {
        f"{role.upper()}_DATABASE_URL": environment.get(f"{role.upper()}_DATABASE_URL")
        or dsn_for(role, owner_dsn=owner_dsn, secret_key=environment["SECRET_KEY"])
        for role in LOGINS
    }


def main() -> int:
    try:
        prepare(os.environ["DATABASE_URL"], environment=os.environ)
    except KeyError as missing:
        print(f"{missing.args[0]} is not set (.env.example lists every variable).", file=sys.stderr)
    except (Unfit, psycopg.OperationalError) as error:
        print(str(error).strip(), file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
