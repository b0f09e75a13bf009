"""One milestone's scores: its evidence now, why a stored score is what it is, and what if.

The evidence comes from the very query that the sweeps use, the scores from the very formulas. Call these
inside the workspace's door.
"""

# ruff: noqa: S608 - the text is ours, every value is a parameter

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import connection

from milestones.models import Milestone
from telemetry import risk
from telemetry.models import RiskScore
from telemetry.risk import Evidence, Reason, Scores
from telemetry.sweeps.evidence import by_ids, evidence, named
from tenancy.door import current_workspace_id
from tenancy.refusal import Refused

INPUTS = [field.name for field in fields(Evidence)]
ONE = f"WITH {evidence(by_ids, active='true', awake='true')} SELECT {', '.join(INPUTS)} FROM evidence"


def evidence_of(milestone: Milestone, *, now: datetime) -> Evidence:
    """Every input of the milestone's scores, in whatever stage it is."""
    with connection.cursor() as cursor:
        cursor.execute(ONE, named([(current_workspace_id(), milestone.pk)], now=now))
        row = cursor.fetchone()
    return Evidence(**dict(zip(INPUTS, row, strict=True)))


def explain(score: RiskScore) -> list[Reason]:
    """The points of a stored score, made again from the evidence stored with it."""
    return risk.reasons(stored_evidence(score))


def stored_evidence(score: RiskScore) -> Evidence:
    return Evidence(**{name: getattr(score, name) for name in INPUTS})


def what_if(
    milestone: Milestone, changes: Mapping[str, Any], *, now: datetime
) -> tuple[Scores, list[Reason]]:
    """The scores and their reasons if some inputs (fields of Evidence) were different.

    Raises:
        Refused: naming inputs that do not exist or are no numbers.
    """
    found = evidence_of(milestone, now=now)
    wrong = {name: [_complaint(name)] for name, value in changes.items() if not _fits(name, value)}
    if wrong:
        raise Refused("Some inputs cannot be changed like this.", code="invalid", fields=wrong)
    changed = Evidence(**{name: changes.get(name, getattr(found, name)) for name in INPUTS})
    return risk.scores(changed), risk.reasons(changed)


def _fits(name: str, value: Any) -> bool:
    if name not in INPUTS:
        return False
    if name in FLAGS or isinstance(value, bool):
        return name in FLAGS and isinstance(value, bool)
    return (value is None and name in OPTIONAL) or (isinstance(value, int | float) and abs(value) <= LARGEST)


FLAGS = {field.name for field in fields(Evidence) if field.type is bool}
OPTIONAL = {field.name for field in fields(Evidence) if field.default is None}
LARGEST = 1_000_000


def _complaint(name: str) -> str:
    if name not in INPUTS:
        return "There is no such input."
    return "Give true or false." if name in FLAGS else "Give a number."
