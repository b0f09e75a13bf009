"""The formulas as numbers: one milestone, a what-if, or arrays of many at once. Null is NaN inside."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from telemetry.risk import formula
from telemetry.risk.evidence import Evidence, Scores

Array = NDArray[Any]

NAMES = [field.name for field in fields(Evidence)]
FLAGS = {field.name for field in fields(Evidence) if field.type is bool}


class Numbers:
    """The operations of the formulas, for numpy scalars and arrays."""

    nothing = np.nan

    def minimum(self, a: Any, b: Any) -> Any:
        return np.minimum(a, b)

    def maximum(self, a: Any, b: Any) -> Any:
        return np.maximum(a, b)

    def floor(self, a: Any) -> Any:
        return np.floor(a)

    def where(self, condition: Any, a: Any, b: Any) -> Any:
        return np.where(condition, a, b)

    def given(self, a: Any) -> Any:
        return ~np.isnan(a)

    def either(self, a: Any, otherwise: Any) -> Any:
        return np.where(np.isnan(a), otherwise, a)

    def share(self, a: Any, b: Any) -> Any:
        partial = b > a
        return np.where(partial, a / np.where(partial, b, 1), 1)


OPS = Numbers()


def scores(evidence: Evidence) -> Scores:
    values = formula.evaluate(inputs(evidence), OPS)
    return Scores(**{name: _whole(value) for name, value in values.items()})


def what_if(evidence: Evidence, **changes: float | None) -> Scores:
    """The scores as they would be with some inputs changed. Raises TypeError for an unknown input."""
    changed: dict[str, Any] = changes
    return scores(replace(evidence, **changed))


def as_arrays(rows: Iterable[Evidence]) -> dict[str, Array]:
    """One array per input, in the order of the rows: booleans for flags, doubles with NaN for the rest."""
    kept = list(rows)
    return {name: _array(name, [getattr(row, name) for row in kept]) for name in NAMES}


def array_scores(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The five scores of many milestones by name, NaN in setup; takes what `as_arrays` gives."""
    return formula.evaluate(SimpleNamespace(**arrays), OPS)


def inputs(evidence: Evidence) -> formula.Inputs:
    return SimpleNamespace(**{name: _array(name, getattr(evidence, name)) for name in NAMES})


def _array(name: str, values: Any) -> Array:
    return np.array(values, dtype=np.bool_ if name in FLAGS else np.float64)


def _whole(value: Any) -> int | None:
    return None if np.isnan(value) else int(value)
