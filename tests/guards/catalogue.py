"""What PostgreSQL's own catalogue says against the tables: it sees what no model declares."""

from collections.abc import Iterator
from typing import Any, Protocol

# Tables that belong to no workspace, each with the reason.
GLOBAL = {
    "account_emailaddress": "a person's addresses; people stand above workspaces",
    "account_emailconfirmation": "as above",
    "auth_group": "Django's own, unused",
    "auth_group_permissions": "Django's own, unused",
    "auth_permission": "Django's own, unused",
    "config_cache": "counts of sign-in attempts, before anybody is known",
    "django_content_type": "Django's own",
    "django_migrations": "Django's own",
    "django_session": "a person's sessions",
    "journal_accountmail": "sign-in mails belong to a person",
    "journal_jobrun": "when the installation's jobs ran",
    "journal_watch": "what the watchman of the installation misses",
    "mfa_authenticator": "a person's second factors",
    "proofs_sealcertificate": "the installation's own certificates",
    "tenancy_workspace": "the workspace itself",
    "workspaces_attempt": "counts of tries, before any workspace is known",
    "workspaces_user": "people stand above workspaces",
}

# Unique indexes that do not begin with the workspace, each with the reason.
UNIQUE_ACROSS_WORKSPACES = {
    "door_key_opens_one_thing": "a secret is looked up before any workspace is known",
}

APP_POLICY = "(workspace_id = ( SELECT (current_setting('app.workspace_id'::text))::uuid AS current_setting))"

TABLES = """
SELECT c.oid::bigint AS oid, c.relname AS name, c.relispartition AS is_partition,
       c.relrowsecurity AND c.relforcerowsecurity AS is_forced,
       EXISTS (SELECT FROM pg_attribute a
               WHERE a.attrelid = c.oid AND a.attname = 'workspace_id') AS is_tenant,
       EXISTS (SELECT FROM pg_attribute a
               WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnotnull) AS is_whole,
       EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
               WHERE t.tgrelid = c.oid AND p.proname = 'workspace_stays' AND t.tgenabled = 'O') AS stays
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
GRANTS = """
SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role,
       a.privilege_type AS privilege
FROM pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s AND a.grantee <> c.relowner
"""
POLICIES = """
SELECT polname AS name, polcmd AS command, pg_get_expr(polqual, polrelid) AS sees,
       pg_get_expr(polwithcheck, polrelid) AS writes,
       ARRAY(SELECT CASE WHEN r = 0 THEN 'PUBLIC' ELSE r::regrole::text END FROM unnest(polroles) r) AS roles
FROM pg_policy WHERE polrelid = %s
"""
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, i.indisunique AND NOT i.indisprimary AS is_unique,
       (SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]) AS first
FROM pg_index i WHERE i.indrelid = %s AND i.indisvalid
"""
KEYS = """
SELECT k.conname AS name, k.convalidated AS is_valid, k.confrelid::regclass::text AS target,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY place) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, place)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY place) AS targets
FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = %s
"""
VIEWS = """
SELECT relname AS name FROM pg_class
WHERE relnamespace = 'public'::regnamespace
  AND (relkind = 'm' OR relkind = 'v' AND NOT 'security_invoker=true' = ANY (coalesce(reloptions, '{}')))
"""
DEFINERS = """
SELECT p.oid::regprocedure::text AS name, p.proconfig AS config,
       has_function_privilege('public', p.oid, 'EXECUTE') AS is_public
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
"""
OWNED = """
SELECT o.relowner::regrole::text AS role, o.relname AS name FROM pg_class o
WHERE o.relnamespace = 'public'::regnamespace
  AND o.relowner::regrole::text IN ('cairn_app', 'cairn_jobs', 'cairn_backup', 'cairn_door')
"""

Row = dict[str, Any]


class Connection(Protocol):
    def cursor(self) -> Any: ...


def rows(connection: Connection, query: str, *values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def faults(connection: Connection) -> list[str]:
    """Everything that would let one workspace see or touch another's rows, in words."""
    return [*_of_tables(connection), *_of_server_objects(connection)]


def _of_tables(connection: Connection) -> Iterator[str]:
    tables = rows(connection, TABLES)
    tenant = {table["name"] for table in tables if table["is_tenant"]}
    for table in tables:
        if table["is_partition"]:
            yield from _of_partition(connection, table)
        elif table["name"] in GLOBAL:
            yield from _of_global(connection, table)
        elif not table["is_tenant"]:
            yield f"{table['name']} has no workspace_id and is not listed as global"
        else:
            yield from _of_tenant_table(connection, table, tenant)
    yield from (f"{name} is listed as global but does not exist" for name in GLOBAL.keys() - _names(tables))


def _names(found: list[Row]) -> set[str]:
    return {row["name"] for row in found}


def _of_global(connection: Connection, table: Row) -> Iterator[str]:
    if table["is_tenant"]:
        yield f"{table['name']} is listed as global but has a workspace_id"
    yield from _of_grants(connection, table)


def _of_partition(connection: Connection, table: Row) -> Iterator[str]:
    for grant in rows(connection, GRANTS, table["oid"]):
        if grant["role"] != "cairn_backup":
            yield f"{table['name']} is a partition that {grant['role']} could reach past its policies"


def _of_tenant_table(connection: Connection, table: Row, tenant: set[str]) -> Iterator[str]:
    name = table["name"]
    if not table["is_forced"]:
        yield f"{name} does not force row-level security"
    if not table["is_whole"]:
        yield f"{name} allows rows without a workspace"
    if not table["stays"]:
        yield f"{name} has no trigger that keeps a row in its workspace"
    yield from _of_policies(connection, table)
    yield from _of_grants(connection, table)
    yield from _of_indexes(connection, table)
    yield from _of_keys(connection, table, tenant)


def _of_policies(connection: Connection, table: Row) -> Iterator[str]:
    policies = {policy["name"]: policy for policy in rows(connection, POLICIES, table["oid"])}
    if policies.keys() - {"this_workspace", "backup", "jobs", "door"}:
        yield f"{table['name']} has a policy of its own: {', '.join(sorted(policies))}"
    if "this_workspace" not in policies:
        yield f"{table['name']} has no policy for its own workspace"
    for policy in policies.values():
        if not _is_sound(policy):
            yield f"{table['name']} has an unsound policy: {policy}"


def _is_sound(policy: Row) -> bool:
    roles = set(policy["roles"])
    match policy["name"]:
        case "this_workspace":
            return policy["sees"] == APP_POLICY and policy["writes"] is None and "PUBLIC" not in roles
        case "jobs":
            return roles == {"cairn_jobs"}
        case "backup" | "door":
            return roles == {f"cairn_{policy['name']}"} and policy["command"] in ("r", b"r")
    return False


def _of_grants(connection: Connection, table: Row) -> Iterator[str]:
    granted = rows(connection, GRANTS, table["oid"])
    for grant in granted:
        if grant["role"] == "PUBLIC" or grant["privilege"] in {
            "TRUNCATE",
            "REFERENCES",
            "TRIGGER",
            "MAINTAIN",
        }:
            yield f"{table['name']} grants {grant['privilege']} to {grant['role']}"
        if grant["role"] in {"cairn_backup", "cairn_door"} and grant["privilege"] != "SELECT":
            yield f"{table['name']} lets {grant['role']} {grant['privilege']}"
    if "cairn_backup" not in {grant["role"] for grant in granted}:
        yield f"{table['name']} is left out of backups"


def _of_indexes(connection: Connection, table: Row) -> Iterator[str]:
    indexes = rows(connection, INDEXES, table["oid"])
    if not any(index["first"] == "workspace_id" for index in indexes):
        yield f"{table['name']} has no index that begins with workspace_id"
    for index in indexes:
        if (
            index["is_unique"]
            and index["first"] != "workspace_id"
            and index["name"] not in UNIQUE_ACROSS_WORKSPACES
        ):
            yield f"{index['name']} tells one workspace what another one holds"


def _of_keys(connection: Connection, table: Row, tenant: set[str]) -> Iterator[str]:
    for key in rows(connection, KEYS, table["oid"]):
        is_composite = key["columns"][0] == key["targets"][0] == "workspace_id"
        if key["target"] in tenant and not is_composite:
            yield f"{key['name']} could point into another workspace"
        if not key["is_valid"]:
            yield f"{key['name']} was never validated"


def _of_server_objects(connection: Connection) -> Iterator[str]:
    for view in rows(connection, VIEWS):
        yield f"{view['name']} reads as its owner, past the policies"
    for function in rows(connection, DEFINERS):
        if not any(item.startswith("search_path=pg_catalog") for item in function["config"] or []):
            yield f"{function['name']} runs as its owner without a search_path of its own"
        if function["is_public"]:
            yield f"{function['name']} may be run by anyone"
    for item in rows(connection, OWNED):
        yield f"{item['name']} is owned by {item['role']}, which its policies would not bind"
