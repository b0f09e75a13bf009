"""Every environment variable Cairn knows, read once, refused with a hint when it cannot work."""

import hashlib
import hmac
import os
import shlex
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote, urlsplit, urlunsplit

import environ
from django.core.exceptions import ImproperlyConfigured

Process = Literal["web", "worker", "beat", "command"]
DatabaseRole = Literal["app", "jobs", "backup"]

PROCESSES: tuple[Process, ...] = ("web", "worker", "beat", "command")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the surroundings say. Keys are newest first; a missing DSN is an empty string."""

    home: Path
    files_root: Path
    port: int
    process: Process
    development: bool
    public_url: str
    allowed_hosts: list[str]
    trusted_proxies: int
    secret_key: str
    field_keys: list[bytes]
    link_keys: list[bytes]
    seal_keys: list[bytes]
    seal_timestamp_url: str
    owner_dsn: str
    app_dsn: str
    jobs_dsn: str
    redis_url: str
    redis_prefix: str
    email_url: str
    email_from: str
    operator_email: str
    heartbeat_url: str
    deliveries_kept_days: int
    messages_kept_days: int
    egress_allowed_hosts: list[str]
    scan_command: list[str]
    metrics_token: str
    sentry_dsn: str


def role_password(role: str, *, secret_key: str) -> str:
    """The password of a database role, derived so that it needs no place to be kept."""
    return hmac.new(secret_key.encode(), f"database role {role}".encode(), hashlib.sha256).hexdigest()


def dsn_for(role: DatabaseRole, *, owner_dsn: str, secret_key: str) -> str:
    """The DSN of one of our roles in the database that the owner's DSN names."""
    parts = urlsplit(owner_dsn)
    place = parts.netloc.rpartition("@")[2]
    login = f"cairn_{role}:{quote(role_password(role, secret_key=secret_key))}"
    return urlunsplit(parts._replace(netloc=f"{login}@{place}"))


def _home() -> Path:
    return Path(os.environ.get("CAIRN_HOME", ".local")).expanduser().resolve()


def _env(home: Path) -> environ.Env:
    env = environ.Env()
    for file in (home / "secrets.env", home / "run" / "services.env"):  # the second only while servers run
        if file.exists():
            env.read_env(str(file), overwrite=False)
    return env


def _required(env: environ.Env, name: str) -> str:
    if value := str(env.str(name, default="")):
        return value
    raise ImproperlyConfigured(
        f"{name} is not set. `make run` writes it to CAIRN_HOME/secrets.env; "
        "on a server of your own set it in the environment (.env.example lists every variable)."
    )


def _key(name: str, text: str) -> bytes:
    try:
        key = urlsafe_b64decode(text)
    except (Base64Error, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is not URL-safe base64: {error}.") from error
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"{name} must hold keys of {KEY_BYTES} bytes in URL-safe base64.")
    return key


def _keys(env: environ.Env, name: str) -> list[bytes]:
    return [_key(name, part.strip()) for part in _required(env, name).split(",")]


def _days(env: environ.Env, name: str, *, default: int, at_least: int) -> int:
    days: int = env.int(name, default=default)
    if days < at_least:
        raise ImproperlyConfigured(f"{name} is {days}; it must be at least {at_least}.")
    return days


def _places(env: environ.Env, name: str) -> list[str]:
    places: list[str] = [place.strip().lower() for place in env.list(name, default=[])]
    for place in places:
        host, _, port = place.rpartition(":")
        if not host or not port.isdigit():
            raise ImproperlyConfigured(f"{name} holds {place!r}; each entry must be host:port.")
    return places


def _command(env: environ.Env, name: str) -> list[str]:
    try:
        return shlex.split(env.str(name, default=""))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no command: {error}.") from error


def _process(env: environ.Env) -> Process:
    name = env.str("CAIRN_PROCESS", default="command")
    if name not in PROCESSES:
        raise ImproperlyConfigured(f"CAIRN_PROCESS is {name!r}; it must be one of {', '.join(PROCESSES)}.")
    return cast(Process, name)


def _role_dsn(env: environ.Env, role: DatabaseRole, *, secret_key: str) -> str:
    """The DSN of a role; only the app role is needed by every process."""
    if given := str(env.str(f"{role.upper()}_DATABASE_URL", default="")):
        return given
    if owner := env.str("DATABASE_URL", default=""):
        return dsn_for(role, owner_dsn=owner, secret_key=secret_key)
    if role != "app":
        return ""
    raise ImproperlyConfigured(
        f"Neither {role.upper()}_DATABASE_URL nor DATABASE_URL is set. Start Cairn with `make run`, "
        "or set DATABASE_URL to the owner of a PostgreSQL 18 database."
    )


def read() -> Environment:
    """Reads and checks the environment.

    Raises:
        ImproperlyConfigured: naming the variable, what is wrong with it, and what to do.
    """
    home = _home()
    env = _env(home)
    secret_key = _required(env, "SECRET_KEY")
    port = env.int("PORT", default=8000)
    return Environment(
        home=home,
        files_root=Path(env.str("FILES_ROOT", default=str(home / "files"))).expanduser().resolve(),
        port=port,
        process=_process(env),
        development=env.bool("DEVELOPMENT", default=False),
        public_url=env.str("PUBLIC_URL", default=f"http://localhost:{port}").rstrip("/"),
        allowed_hosts=env.list("ALLOWED_HOSTS", default=[]),
        trusted_proxies=env.int("TRUSTED_PROXIES", default=0),
        secret_key=secret_key,
        field_keys=_keys(env, "FIELD_KEYS"),
        link_keys=_keys(env, "LINK_KEYS"),
        seal_keys=_keys(env, "SEAL_KEY"),
        seal_timestamp_url=env.str("SEAL_TIMESTAMP_URL", default=""),
        owner_dsn=env.str("DATABASE_URL", default=""),
        app_dsn=_role_dsn(env, "app", secret_key=secret_key),
        jobs_dsn=_role_dsn(env, "jobs", secret_key=secret_key),
        redis_url=_required(env, "REDIS_URL"),
        redis_prefix=env.str("REDIS_PREFIX", default="cairn"),
        email_url=env.str("EMAIL_URL", default=""),
        email_from=env.str("EMAIL_FROM", default="Cairn <cairn@localhost>"),
        deliveries_kept_days=_days(env, "DELIVERIES_KEPT_DAYS", default=90, at_least=30),
        messages_kept_days=_days(env, "MESSAGES_KEPT_DAYS", default=400, at_least=30),
        operator_email=env.str("OPERATOR_EMAIL", default=""),
        heartbeat_url=env.str("HEARTBEAT_URL", default=""),
        egress_allowed_hosts=_places(env, "EGRESS_ALLOWED_HOSTS"),
        scan_command=_command(env, "SCAN_COMMAND"),
        metrics_token=env.str("METRICS_TOKEN", default=""),
        sentry_dsn=env.str("SENTRY_DSN", default=""),
    )
