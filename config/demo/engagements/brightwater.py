"""A date that was missed yesterday: the client waits for an explanation."""

from typing import Final

from config.demo.control import Missed
from config.demo.steps import Item, Moved, Progressed, Worked
from config.demo.telling import DaysAgo, Engagement, HoursAgo
from milestones.actions.kickoff import ContactInput
from milestones.words import Authority, Kind, Stage

EDWIN = ContactInput(
    name="Edwin Cole",
    email="edwin.cole@brightwater.example",
    time_zone="Europe/Dublin",
    authorities=[
        Authority.DECISION_MAKER,
        Authority.CREDENTIAL_OWNER,
        Authority.INPUT_PROVIDER,
        Authority.STAKEHOLDER,
    ],
)

BRIGHTWATER: Final = Engagement(
    account="Brightwater Schools",
    project="Enrolment forms online",
    people=(EDWIN,),
    kicked_off=DaysAgo(11),
    due_in=-1,
    record={
        "first_milestone_name": "Enrolment form takes its first entries",
        "acceptance_criteria": [
            {
                "statement": "Parents hand in a complete enrolment on a phone",
                "verification": "Five parents try it at the school",
                "measure": "complete enrolments",
                "target": "5",
            },
        ],
    },
    definition={
        "kind": Kind.INTEGRATION,
        "output": "Parents can enrol a child through the online form.",
        "description": "You can enrol a child on your own phone and find the entry in the office.",
        "dependency_risks": "The school's register needs an account for us.",
        "invoice_trigger": "First half of the price",
        "next_stage_trigger": "The form opens for all classes",
    },
    story=(
        Moved(DaysAgo(11, 12), Stage.EXECUTION),
        Worked(
            (
                Item("Form with every field of the paper one", started=10, done=7),
                Item("Write to the school's register", started=6, done=2),
                Item("Confirm by mail", started=2),
            )
        ),
        Progressed(
            at=HoursAgo(4),
            done="Entries reach the register.",
            next="Mails of confirmation, then the five parents.",
            percent=80,
            confidence=4,
        ),
        Missed(HoursAgo(0)),
    ),
)
