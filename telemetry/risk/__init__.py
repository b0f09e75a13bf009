"""Delivery risk: four groups of health, one risk, and every point explained.

The formulas are written once (`formula.py`) over abstract values and evaluated in two ways: as numbers and
arrays (`numbers.py`) and as SQL for sweeps (`sql.py`). Both round the same way and agree on every input.
"""

from telemetry.risk.evidence import Evidence, Group, Scores
from telemetry.risk.explain import Reason, reasons
from telemetry.risk.named_actions import NAMED_ACTIONS, NamedAction, rules_fired
from telemetry.risk.numbers import array_scores, as_arrays, scores, what_if
from telemetry.risk.sql import sql_groups, sql_risk

__all__ = [
    "NAMED_ACTIONS",
    "Evidence",
    "Group",
    "NamedAction",
    "Reason",
    "Scores",
    "array_scores",
    "as_arrays",
    "reasons",
    "rules_fired",
    "scores",
    "sql_groups",
    "sql_risk",
    "what_if",
]
