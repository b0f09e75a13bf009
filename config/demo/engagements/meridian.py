"""Quality fails and the client keeps asking for more."""

from decimal import Decimal
from typing import Final

from config.demo.people import MARA
from config.demo.steps import Asked, Blocked, Item, Moved, Progressed, Tested, Worked
from config.demo.telling import DaysAgo, Engagement, HoursAgo
from escalation.models import BlockerType, Severity
from milestones.actions.kickoff import ContactInput
from milestones.words import Authority, Kind, Stage

JONAS = ContactInput(
    name="Jonas Weber",
    email="jonas.weber@meridian.example",
    time_zone="Europe/Berlin",
    authorities=[Authority.INPUT_PROVIDER, Authority.STAKEHOLDER],
)
CLAIRE = ContactInput(
    name="Claire Dubois",
    email="claire.dubois@meridian.example",
    time_zone="Europe/Paris",
    authorities=[Authority.DECISION_MAKER],
)
SOME_DAYS = Decimal("2.5")

MERIDIAN: Final = Engagement(
    account="Meridian Foods",
    project="Weekly demand forecast",
    people=(JONAS, CLAIRE),
    kicked_off=DaysAgo(12),
    due_in=1,
    record={
        "first_milestone_name": "Baseline forecast beats last year's plan",
        "acceptance_criteria": [
            {
                "statement": "Error on the last eight weeks is below the plan's",
                "verification": "Backtest on held-out weeks",
                "measure": "MAPE %",
                "target": "18",
            },
        ],
    },
    definition={
        "kind": Kind.MODEL,
        "measure_name": "MAPE %",
        "measure_baseline": Decimal(27),
        "measure_target": Decimal(18),
        "output": "A baseline forecast for 40 products that beats last year's plan.",
        "description": "The first forecast you can hold against your own plan.",
        "dependency_risks": "Promotions calendar comes from marketing.",
        "invoice_trigger": "Second instalment, 40 %",
        "next_stage_trigger": "Forecast goes to the planners",
    },
    story=(
        Moved(DaysAgo(12, 13), Stage.EXECUTION),
        Worked(
            (
                Item("Clean sales history", started=11, done=6),
                Item("Naive baseline", started=7, done=5),
                Item("Promotions feature", started=5),
                Item("Backtest harness", started=4, done=3),
                Item("Holiday feature"),
                Item("Report for planners"),
                Item("Explain the top ten misses"),
            )
        ),
        Tested(DaysAgo(4, 15), "Backtest", 82),
        Tested(DaysAgo(2, 15), "Backtest", 61),
        Tested(DaysAgo(1, 15), "Backtest", 58),
        Asked(DaysAgo(6, 11), "Forecast by store, not only by product", JONAS.name, SOME_DAYS),
        Asked(DaysAgo(3, 11), "Export to their planning tool", JONAS.name, SOME_DAYS),
        Asked(DaysAgo(1, 11), "Include the new product line", JONAS.name, SOME_DAYS),
        Blocked(
            at=DaysAgo(3, 12),
            type=BlockerType.APPROVAL,
            severity=Severity.CRITICAL,
            title="Which weeks count as promotions?",
            detail=(
                "Option A: marketing's calendar. Option B: weeks with a price cut above 10 %. We recommend B."
            ),
            by=MARA,
        ),
        Progressed(
            at=HoursAgo(30),
            done="Backtest runs.",
            blocked="Definition of promotions.",
            measured=Decimal(22),
            confidence=2,
        ),
    ),
)
