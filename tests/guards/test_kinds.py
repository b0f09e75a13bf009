"""Every event has its line in the catalogue, its sentence on the journal's pages, and its row in the docs."""

import ast
import re
from collections.abc import Iterator

from journal.kinds import KINDS, catalogue
from tests.guards.source import RANK, ROOT, files, tree
from web.story import TEAM

KIND = re.compile(r"[a-z_]+\.[a-z_]+")


def test_every_event_that_is_recorded_is_in_the_catalogue():
    recorded = {kind for app in RANK for path in files(app) for kind in _recorded(tree(path))}

    assert len(recorded) > 100
    assert sorted(recorded - KINDS.keys()) == []


def _recorded(module: ast.AST) -> Iterator[str]:
    """What a module gives to `record`, or to a helper of its own that hands it on."""
    helpers = {"record"} | {
        node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef) and _hands_on(node)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in helpers:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            yield from (text for each in given for text in _texts(each) if KIND.fullmatch(text))


def _hands_on(function: ast.FunctionDef) -> bool:
    """Whether it takes the kind and records it."""
    takes = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    return "kind" in takes and any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record"
        for node in ast.walk(function)
    )


def _texts(node: ast.AST) -> Iterator[str]:
    """The text itself, or both of a choice."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one)
            yield from _texts(other)


def test_every_event_is_told_in_a_sentence():
    assert sorted(TEAM) == sorted(KINDS)


def test_the_catalogue_is_in_order_and_each_line_is_a_sentence():
    assert list(KINDS) == sorted(KINDS)
    assert [kind for kind, line in KINDS.items() if not KIND.fullmatch(kind) or not line.endswith(".")] == []


def test_the_documentation_holds_the_catalogue():
    """`python -m scripts.events` writes it."""
    assert f"{catalogue()}\n" in (ROOT / "docs" / "webhooks.md").read_text()
