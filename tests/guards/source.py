"""Our own source, for the guards that read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = [
    "tenancy",
    "journal",
    "workspaces",
    "milestones",
    "escalation",
    "telemetry",
    "proofs",
    "web api",
    "config",
]
RANK = {app: rank for rank, names in enumerate(LAYERS) for app in names.split()}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def files(app: str) -> Iterator[Path]:
    return (path for path in sorted((ROOT / app).rglob("*.py")))


def place(path: Path, node: ast.AST | None = None) -> str:
    line = f":{node.lineno}" if isinstance(node, ast.expr | ast.stmt) else ""
    return f"{path.relative_to(ROOT)}{line}"


def imported(path: Path) -> Iterator[tuple[ast.stmt, str]]:
    """(statement, module) of every import, wherever in the file it stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or ""
