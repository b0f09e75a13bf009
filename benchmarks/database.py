"""Databases to measure in: migrated once, cloned for each population, gone afterwards. Durable, as in use."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from psycopg import sql

from config import database
from config.embedded import PostgresCluster

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = "bench_template"
ROLES = ("APP_DATABASE_URL", "JOBS_DATABASE_URL", "BACKUP_DATABASE_URL")


def set_up() -> None:
    """Migrates the template and points Django at it; call it before anything imports a model."""
    with superuser("postgres") as connection:
        _drop(connection, TEMPLATE)
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER cairn_owner").format(sql.Identifier(TEMPLATE)))
    known = environment_of(TEMPLATE)
    database.prepare(known["DATABASE_URL"], environment=known)
    command = [
        sys.executable,
        "manage.py",
        "migrate",
        "--database",
        "owner",
        "--skip-checks",
        "--verbosity",
        "0",
    ]
    subprocess.run(command, check=True, cwd=ROOT, env=known)
    os.environ.update(known)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()


@contextmanager
def clone(name: str) -> Iterator[str]:
    """A new database that all of Django's aliases use while the block lasts."""
    with superuser("postgres") as connection:
        _drop(connection, name)
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER cairn_owner")
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    with psycopg.connect(environment_of(name)["DATABASE_URL"]) as owner:
        database.allow_connections(owner)
    _point_at(name)
    try:
        yield name
    finally:
        _point_at(TEMPLATE)
        with superuser("postgres") as connection:
            _drop(connection, name)


def superuser(name: str) -> psycopg.Connection[Any]:
    """For seeding only: past policies and keys, autocommitting."""
    cluster = PostgresCluster(Path(os.environ["CAIRN_HOME"]))
    connection = psycopg.connect(cluster.dsn("superuser", name), autocommit=True)
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET work_mem = '128MB'")
    return connection


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def environment_of(name: str) -> dict[str, str]:
    plain = {key: value for key, value in os.environ.items() if key not in ROLES}
    owner = urlunsplit(urlsplit(plain["DATABASE_URL"])._replace(path=f"/{name}"))
    return {**plain, "DATABASE_URL": owner, **database.derived_dsns(owner, environment=plain)}


def _point_at(name: str) -> None:
    from django.db import connections

    connections.close_all()
    for alias in connections.settings:
        connections.settings[alias]["NAME"] = name
