"""A data milestone that a missing credential threatens."""

from typing import Final

from config.demo.steps import (
    Blocked,
    Item,
    Later,
    Moved,
    Planned,
    PortalShared,
    Progressed,
    Said,
    Tested,
    Worked,
)
from config.demo.telling import DaysAgo, Engagement, HoursAgo
from escalation.models import BlockerType
from milestones.actions.kickoff import ContactInput
from milestones.words import Authority, Kind, Stage

PETRA = ContactInput(
    name="Petra Holm",
    email="petra.holm@northwind.example",
    time_zone="Europe/Copenhagen",
    authorities=[Authority.INPUT_PROVIDER, Authority.CREDENTIAL_OWNER],
)
SOREN = ContactInput(
    name="Søren Falk",
    email="soren.falk@northwind.example",
    time_zone="Europe/Copenhagen",
    authorities=[Authority.DECISION_MAKER, Authority.STAKEHOLDER],
)
DISCOVERY, DATA = "Discovery and planning", "Data preparation"

NORTHWIND: Final = Engagement(
    account="Northwind Logistics",
    project="Northwind dispatch assistant",
    people=(PETRA, SOREN),
    kicked_off=DaysAgo(9),
    due_in=4,
    record={
        "first_milestone_name": "Dispatch data access confirmed",
        "acceptance_criteria": [
            {
                "statement": "All four dispatch sources can be read with our own credentials",
                "verification": "A read of yesterday's rows from each source, logged",
                "measure": "sources",
                "target": "4",
            },
            "Petra has confirmed the list of fields in writing",
            "The retention rules of each source are documented",
        ],
    },
    definition={
        "kind": Kind.DATA,
        "output": "Every dispatch source can be read by the pipeline with its own credentials.",
        "description": "We can reach all the data the assistant needs, and you know exactly which.",
        "dependency_risks": "The telematics vendor has to open an API account for us.",
        "invoice_trigger": "First instalment, 30 %",
        "next_stage_trigger": "Data quality assessment starts",
    },
    story=(
        Planned(
            DaysAgo(9),
            phases=(DISCOVERY, DATA),
            later=(
                Later("1.2", "Data quality assessed", Kind.DATA, DISCOVERY, 4, 11),
                Later("2.1", "Data pipeline operational", Kind.INTEGRATION, DATA, 11, 23),
                Later("2.2", "Training data set prepared", Kind.DATA, DATA, 23, 36),
            ),
        ),
        Moved(DaysAgo(9, 11), Stage.EXECUTION),
        Worked(
            (
                Item("Read orders from the ERP export", started=8, done=7),
                Item("Read driver schedules", started=7, done=6),
                Item("Read depot calendar", started=6, done=3),
                Item("Map telematics fields", started=3),
                Item("Read telematics positions"),
                Item("Write down retention rules"),
            )
        ),
        Progressed(
            at=DaysAgo(6, 16),
            done="ERP export and driver schedules can be read.",
            next="Depot calendar, then telematics.",
            percent=45,
            confidence=4,
        ),
        Progressed(
            at=HoursAgo(20),
            done="Depot calendar can be read; fields of telematics mapped from the vendor's docs.",
            next="Telematics, as soon as the account is open.",
            blocked="Telematics answers 403.",
            percent=65,
            confidence=3,
        ),
        Blocked(
            at=DaysAgo(8, 14),
            type=BlockerType.INPUT,
            title="Field list of the ERP export is missing",
            detail="We need the meaning of 14 columns.",
            answered=Said(DaysAgo(7, 9), "Sent as a spreadsheet."),
            resolved=Said(DaysAgo(7, 10), "Petra sent the field list; it is stored with the project."),
        ),
        Blocked(
            at=HoursAgo(21),
            type=BlockerType.TECHNICAL,
            title="Telematics API refuses our key",
            detail="The account exists, but position reads are refused.",
            evidence='HTTP 403 {"error":"scope_missing","scope":"positions.read","account":"NW-2231"}',
        ),
        Tested(DaysAgo(3, 15), "Row counts of yesterday", 85),
        PortalShared(DaysAgo(8, 12), to=PETRA.email),
    ),
)
