"""Who looks past the door. Each use of `everywhere` and of the jobs' connection is listed with its reason."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.guards.source import RANK, files, place, tree

# How often in which file, and why.
ALLOWED = {
    "api/idempotency.py": (2, "removes answers that nobody will ask for again"),
    "config/watchman.py": (4, "what the installation's watchman saw, and the stamps of its jobs"),
    "journal/jobs.py": (1, "stamps of the installation's jobs, no tenant data"),
    "journal/outbox.py": (1, "claims due messages of all workspaces"),
    "telemetry/actions/findings.py": (2, "finds what sweeps found and nobody has acted on"),
    "telemetry/apply.py": (1, "claims received deliveries of all workspaces"),
    "telemetry/retention.py": (1, "makes and drops partitions, forgets old delivery keys"),
    "tenancy/sweep.py": (3, "runs the set-based sweeps"),
    "workspaces/tasks.py": (2, "finds calendars that run short"),
}


def test_each_look_past_the_door_is_listed_with_its_reason():
    found = Counter(place(path) for app in RANK for path in files(app) for _ in _looks_past(path))

    assert dict(found) == {name: uses for name, (uses, _) in ALLOWED.items()}


def _looks_past(path: Path) -> Iterator[ast.AST]:
    if "migrations" in path.parts:
        return
    for node in ast.walk(tree(path)):
        if _is_everywhere(node) or _names_an_alias(node):
            yield node


def _is_everywhere(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"everywhere", "_base_manager"}


def _names_an_alias(node: ast.AST) -> bool:
    """`connections["jobs"]`, `.using("jobs")`, `atomic("jobs")`, `using="jobs"`, or the owner's."""
    match node:
        case ast.Subscript(value=ast.Name(id="connections"), slice=ast.Constant(value="jobs" | "owner")):
            return True
        case ast.Call(func=ast.Attribute(attr="using" | "atomic" | "db_manager"), args=[ast.Constant()]):
            return True
        case ast.keyword(arg="using" | "database", value=ast.Constant(value="jobs" | "owner")):
            return True
    return False
