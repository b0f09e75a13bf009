"""A milestone that goes as it should."""

from typing import Final

from config.demo.people import MARA
from config.demo.steps import Item, Moved, Progressed, Tested, Worked
from config.demo.telling import DaysAgo, Engagement, HoursAgo
from milestones.actions.kickoff import ContactInput
from milestones.words import Authority, Stage

AMINA = ContactInput(
    name="Dr. Amina Yusuf",
    email="amina.yusuf@harbor.example",
    time_zone="Europe/London",
    authorities=[Authority.DECISION_MAKER, Authority.INPUT_PROVIDER, Authority.STAKEHOLDER],
)

HARBOR: Final = Engagement(
    account="Harbor Health",
    project="Patient intake copilot",
    people=(AMINA,),
    kicked_off=DaysAgo(7),
    due_in=5,
    record={
        "first_milestone_name": "Intake questionnaire live in staging",
        "acceptance_criteria": [
            "A nurse completes an intake on a tablet without help",
            {
                "statement": "Answers reach the test record",
                "verification": "Ten intakes compared",
                "measure": "matches",
                "target": "10",
            },
        ],
    },
    definition={
        "output": "Nurses can complete the intake questionnaire in the staging system.",
        "description": "You can try the new intake on a tablet, with test patients.",
        "dependency_risks": "none",
        "invoice_trigger": "none",
        "next_stage_trigger": "Pilot on ward 3 is scheduled",
    },
    story=(
        Moved(DaysAgo(7, 12), Stage.EXECUTION),
        Worked(
            (
                Item("Question flow agreed", started=6, done=6),
                Item("Tablet layout", started=6, done=5),
                Item("Save and resume", started=5, done=4),
                Item("Write to the test record", started=4, done=2),
                Item("Consent text", started=2, done=1),
                Item("Nurse walkthrough", started=1),
            )
        ),
        Tested(DaysAgo(2, 15), "Intake checklist", 88),
        Tested(DaysAgo(1, 15), "Intake checklist", 94),
        Progressed(
            at=HoursAgo(2),
            done="Consent text is in; nine of ten test intakes match.",
            next="Walkthrough with two nurses.",
            percent=80,
            confidence=5,
            by=MARA,
        ),
    ),
)
