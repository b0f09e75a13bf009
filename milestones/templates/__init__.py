"""Plans to start from: those that are shipped, and the form that a workspace's own have as well."""

import json
from functools import cache
from pathlib import Path
from typing import NotRequired, TypedDict

HERE = Path(__file__).parent
SHIPPED = ("ai_agency", "service_project", "single_milestone")


class CriterionPlan(TypedDict, total=False):
    statement: str
    verification: str
    measure: str
    target: str


class MilestonePlan(TypedDict):
    """`days` are working days; `needs` are codes of milestones of the same plan, `lags` the
    working days to wait after one of them.
    """

    code: str
    kind: str
    name: str
    days: int
    weight: float
    needs: list[str]
    lags: NotRequired[dict[str, int]]
    output: str
    description: str
    criteria: list[CriterionPlan]
    dependency_risks: str
    invoice_trigger: str
    next_stage_trigger: str


class PhasePlan(TypedDict):
    name: str
    milestones: list[MilestonePlan]


class Document(TypedDict):
    code: str
    name: str
    description: str
    phases: list[PhasePlan]


@cache
def shipped() -> dict[str, Document]:
    """The templates of the product by code, in the order in which they are offered."""
    return {code: json.loads((HERE / f"{code}.json").read_text()) for code in SHIPPED}


FIRST_CODE = "1.1"  # of the milestone that a kickoff makes


def opening(document: Document) -> MilestonePlan:
    """The milestone that a kickoff's first one stands for."""
    plans = milestones_of(document)
    return next((plan for plan in plans if plan["code"] == FIRST_CODE), plans[0])


def milestones_of(document: Document) -> list[MilestonePlan]:
    return [milestone for phase in document["phases"] for milestone in phase["milestones"]]
