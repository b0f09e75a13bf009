"""Pieces of templates that are written by the dozen: text and plain variables, put together quickly.

Django's engine takes some 10 µs for each variable and as much for each `if` and `include`: in rows, most of a
page's time. A piece stands in a template as a `partialdef`, so that markup stays with markup; who writes it
chooses among pieces instead of asking `if`.
"""

from collections.abc import Iterable
from functools import cached_property
from html import escape
from typing import Any

from django.template import TemplateSyntaxError
from django.template.base import Node, TextNode, VariableNode
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe


class Piece:
    """One partial, such as `web/team/_needs.html#link`; read at its first use.

    Raises:
        TemplateSyntaxError: when it holds more than text and `{{ names }}`.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, **values: object) -> SafeString:
        """The piece with its values escaped, but those that are safe already."""
        texts, names = self._parts
        parts = [texts[0]]
        for name, text in zip(names, texts[1:], strict=True):
            value = values[name]
            parts += (value if isinstance(value, SafeString) else escape(str(value)), text)
        return mark_safe("".join(parts))  # noqa: S308 - every value is escaped above

    @cached_property
    def _parts(self) -> tuple[list[str], list[str]]:
        """The texts, and the names between them."""
        template: Any = get_template(self._name)
        texts, names = [""], []
        for node in template.template.nodelist:
            if isinstance(node, TextNode):
                texts[-1] += node.s
            else:
                names.append(_name_of(node, self._name))
                texts.append("")
        return texts, names


def _name_of(node: Node, piece: str) -> str:
    expression = node.filter_expression if isinstance(node, VariableNode) else None
    if expression is None or expression.filters or not str(expression.var).isidentifier():
        raise TemplateSyntaxError(f"{piece} may hold text and plain variables only, not {node}.")
    return str(expression.var)


def joined(pieces: Iterable[SafeString]) -> SafeString:
    return mark_safe("".join(pieces))  # noqa: S308 - pieces are safe
