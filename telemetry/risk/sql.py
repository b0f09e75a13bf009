"""The formulas as SQL text, so that a sweep over many milestones is one statement inside the database.

All arithmetic is double precision, as in `numbers.py`, and follows the same order, so both give the same
scores.
"""

from collections.abc import Mapping
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

from telemetry.risk import formula
from telemetry.risk.evidence import Evidence


class Sql:
    """A piece of SQL that combines with others by ordinary operators; our own text, never input."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __add__(self, other: Any) -> "Sql":
        return _joined(self, "+", other)

    def __radd__(self, other: Any) -> "Sql":
        return _joined(other, "+", self)

    def __sub__(self, other: Any) -> "Sql":
        return _joined(self, "-", other)

    def __rsub__(self, other: Any) -> "Sql":
        return _joined(other, "-", self)

    def __mul__(self, other: Any) -> "Sql":
        return _joined(self, "*", other)

    def __rmul__(self, other: Any) -> "Sql":
        return _joined(other, "*", self)

    def __truediv__(self, other: Any) -> "Sql":
        return _joined(self, "/", other)

    def __le__(self, other: Any) -> "Sql":
        return _joined(self, "<=", other)

    def __gt__(self, other: Any) -> "Sql":
        return _joined(self, ">", other)

    def __ge__(self, other: Any) -> "Sql":
        return _joined(self, ">=", other)

    def __and__(self, other: Any) -> "Sql":
        return _joined(self, "AND", other)


class Statements:
    """The operations of the formulas, for PostgreSQL."""

    nothing = Sql("NULL")

    def minimum(self, a: Any, b: Any) -> Sql:
        return _called("LEAST", a, b)

    def maximum(self, a: Any, b: Any) -> Sql:
        return _called("GREATEST", a, b)

    def floor(self, a: Any) -> Sql:
        return _called("FLOOR", a)

    def where(self, condition: Any, a: Any, b: Any) -> Sql:
        return Sql(f"CASE WHEN {_text(condition)} THEN {_text(a)} ELSE {_text(b)} END")

    def given(self, a: Any) -> Sql:
        return Sql(f"({_text(a)} IS NOT NULL)")

    def either(self, a: Any, otherwise: Any) -> Sql:
        return _called("COALESCE", a, otherwise)

    def share(self, a: Any, b: Any) -> Sql:
        return self.where(_joined(b, ">", a), _joined(a, "/", b), 1)


OPS = Statements()


def sql_groups(columns: Mapping[str, str]) -> dict[str, str]:
    """Integer expressions of the groups' scores by name, NULL in setup.

    `columns` gives an SQL expression for every field of Evidence: boolean for the flags, else any number, and
    NULL only where the field may be None. Raises KeyError for a missing one.
    """
    leaves = {field.name: _leaf(columns[field.name], flag=field.type is bool) for field in fields(Evidence)}
    values = formula.groups(SimpleNamespace(**leaves), OPS)
    return {name: _whole(value) for name, value in values.items()}


def sql_risk(columns: Mapping[str, str]) -> str:
    """An integer expression of the risk, given one of each group's score: their formulas are long."""
    return _whole(formula.risk({name: _leaf(text, flag=False) for name, text in columns.items()}, OPS))


def _whole(value: Sql) -> str:
    return f"({value.text})::integer"


def _leaf(text: str, *, flag: bool) -> Sql:
    return Sql(f"({text})" if flag else f"({text})::float8")


def _joined(left: Any, operator: str, right: Any) -> Sql:
    return Sql(f"({_text(left)} {operator} {_text(right)})")


def _called(function: str, *arguments: Any) -> Sql:
    return Sql(f"{function}({', '.join(map(_text, arguments))})")


def _text(value: Any) -> str:
    """A literal is cast: bare `1 / 3` would be whole numbers, bare `0.7` a decimal one."""
    return value.text if isinstance(value, Sql) else f"{value!r}::float8"
