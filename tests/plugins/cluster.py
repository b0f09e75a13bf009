"""The databases of the tests: one cluster without fsync, one migrated template, quick clones of it.

Every run in this working copy shares the cluster. Settings read addresses from the environment, so `connect`
comes before anything imports them.
"""

import atexit
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import django
import psycopg
from psycopg import sql

from config import database, embedded

ROOT = Path(__file__).resolve().parents[2]
BASE_DSN, BASE_REDIS = "CAIRN_TEST_DATABASE_URL", "CAIRN_TEST_REDIS_URL"
REDIS_DATABASES = 1024
KEPT_TEMPLATES = 4  # for runs of other states of the code that are still going on
QUIET = {
    "CAIRN_PROCESS": "command",
    "DEVELOPMENT": "",
    "EGRESS_ALLOWED_HOSTS": "",
    "EMAIL_URL": "",
    "SCAN_COMMAND": "",
    "SENTRY_DSN": "",
}
ROLES = ("APP_DATABASE_URL", "JOBS_DATABASE_URL", "BACKUP_DATABASE_URL")

_numbers = count()


def connect() -> None:
    """Starts the servers unless the controller has, and sets Django up as role app on a clone to come."""
    if BASE_DSN not in os.environ:
        _start()
    name = _clone_name()
    os.environ.update(QUIET | environment(name) | _redis())
    _set_up_django()


def environment(name: str) -> dict[str, str]:
    """The DSNs of all roles in the database `name`, by the variables of config/env.py."""
    owner = _dsn(name)
    plain = {key: value for key, value in os.environ.items() if key not in ROLES}
    return {"DATABASE_URL": owner, **database.derived_dsns(owner, environment=plain)}


@contextmanager
def clone(name: str = "") -> Iterator[str]:
    """The name of a new migrated database that is gone when the block ends."""
    name = name or _clone_name()
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with _administration() as connection:
        connection.execute(copy.format(sql.Identifier(name), sql.Identifier(_template())))
    with psycopg.connect(_dsn(name)) as connection:
        database.allow_connections(connection)
    try:
        yield name
    finally:
        _drop(name)


def migrate_template() -> None:
    """Makes the template of the present migrations when there is none; drops what former runs left behind."""
    with embedded.locked(_home() / "run" / "template.lock"):
        if _template() not in _databases("cairn_template_%"):
            _make_template()
        for name in _databases("cairn_template_%")[KEPT_TEMPLATES:] + _orphans():
            _drop(name)


def _start() -> None:
    """Held until this process ends; workers of the same run find the addresses in the environment."""
    home = embedded.home() / "test"
    open_servers = ExitStack()
    atexit.register(open_servers.close)
    servers = open_servers.enter_context(embedded.services(home, durable=False))
    known = servers.environment()
    os.environ.update({name: value for name, value in known.items() if name not in ROLES})
    os.environ[BASE_DSN], os.environ[BASE_REDIS] = known["DATABASE_URL"], known["REDIS_URL"]


def _set_up_django() -> None:
    """The variable goes again: workers that inherit it would read settings before their own `connect`."""
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is missing
    django.setup()
    del os.environ["DJANGO_SETTINGS_MODULE"]


def _home() -> Path:
    return Path(os.environ["CAIRN_HOME"])


def _redis() -> dict[str, str]:
    """A numbered database and a prefix for each process: a flush in one test reaches no other worker."""
    address = urlsplit(os.environ[BASE_REDIS])._replace(path=f"/{os.getpid() % REDIS_DATABASES}")
    return {"REDIS_URL": urlunsplit(address), "REDIS_PREFIX": f"test-{os.getpid()}"}


def _dsn(name: str) -> str:
    return urlunsplit(urlsplit(os.environ[BASE_DSN])._replace(path=f"/{name}"))


def _administration() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ[BASE_DSN], autocommit=True)


def _clone_name() -> str:
    return f"cairn_clone_{os.getpid()}_{next(_numbers)}"


@cache
def _template() -> str:
    """Named by all that decides what a migrated database looks like."""
    sources = [
        *ROOT.glob("*/migrations/*.py"),
        ROOT / "tenancy" / "operations.py",
        ROOT / "requirements.lock",
    ]
    digest = hashlib.sha256()
    for path in sorted([*sources, Path(database.__file__)]):
        digest.update(path.read_bytes())
    return f"cairn_template_{digest.hexdigest()[:16]}"


def _databases(pattern: str) -> list[str]:
    """Newest first."""
    query = "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC"
    with _administration() as connection:
        return [name for (name,) in connection.execute(query, [pattern])]


def _orphans() -> list[str]:
    """Clones and half-made templates of processes that were killed."""
    return [name for name in _databases("cairn_clone_%") if not _is_alive(int(name.split("_")[2]))]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _make_template() -> None:
    draft = _clone_name()
    with _administration() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    known = {**os.environ, **environment(draft)}
    database.prepare(_dsn(draft), environment={name: known[name] for name in known if name not in ROLES})
    command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--database", "owner", "--verbosity", "0"]
    subprocess.run(command, check=True, cwd=ROOT, env=known)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with _administration() as connection:
        connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(_template())))


def _drop(name: str) -> None:
    with _administration() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
