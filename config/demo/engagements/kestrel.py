"""A whole plan under control: accepted, in review, slipped, cut in two; the one the portal shows."""

from decimal import Decimal
from typing import Final

from config.demo.control import Answered, Filled, Halved, Offered, Reviewed, Shown, Slipped, Templated
from config.demo.people import MARA
from config.demo.proof import Closed, Confident, Delivered, Measured, Proven, Value
from config.demo.steps import Item, Moved, PortalShared, Progressed, Worked
from config.demo.telling import DaysAgo, Engagement, HoursAgo
from milestones.actions.kickoff import ContactInput
from milestones.pricing import DECLINE
from milestones.words import Authority, ChecklistKind, MoveReason, Outcome, Stage
from proofs.words import Direction

HELEN = ContactInput(
    name="Helen Marsh",
    email="helen.marsh@kestrel.example",
    time_zone="Europe/London",
    authorities=[Authority.INPUT_PROVIDER, Authority.CREDENTIAL_OWNER],
)
OWEN = ContactInput(
    name="Owen Price",
    email="owen.price@kestrel.example",
    time_zone="Europe/London",
    authorities=[Authority.DECISION_MAKER, Authority.STAKEHOLDER],
)
DOCS = "https://docs.lindqvist.example/kestrel"

KESTREL: Final = Engagement(
    account="Kestrel Insurance",
    project="Claims triage model",
    people=(HELEN, OWEN),
    kicked_off=DaysAgo(38),
    due_in=-31,
    record={
        "first_milestone_name": "Data access confirmed",
        "acceptance_criteria": [
            {
                "statement": "Each of the six sources on the agreed list has been read once",
                "verification": "Signed access log with one entry per source",
                "measure": "sources read",
                "target": "6",
            },
            "Helen has confirmed the end date of each permission in writing",
        ],
    },
    definition={
        "weight": Decimal(3),
        "output": "Every data source that the model needs can be read with the project's own credentials.",
        "description": "We can open all the data we need, with the permissions you granted.",
        "dependency_risks": "Security approval of the policy archive takes up to a week.",
        "invoice_trigger": "none",
        "next_stage_trigger": "The data quality assessment starts on the confirmed sources",
    },
    story=(
        Templated(DaysAgo(38, 11), "ai_agency"),
        PortalShared(DaysAgo(38, 12), to=OWEN.email),
        Filled(
            DaysAgo(38, 13),
            ChecklistKind.START_READINESS,
            missing="billing",
            sent_back="Iris asks sales which milestone lets us send the first invoice.",
        ),
        Moved(DaysAgo(37), Stage.EXECUTION),
        Filled(DaysAgo(36), ChecklistKind.ONBOARDING),
        Shown(code="1.1", at=DaysAgo(32), title="Access log", url=f"{DOCS}/access-log"),
        Measured(
            code="1.1",
            name="Sources that can be read",
            unit="of 6",
            baseline=Value(DaysAgo(39, 9), Decimal(1), "Counted before the kickoff"),
            since=(Value(DaysAgo(32, 9), Decimal(6), "Access log"),),
            target=Decimal(6),
            source="Access log",
        ),
        Answered(DaysAgo(31, 13), "1.1"),
        Proven(
            at=DaysAgo(31, 15),
            code="1.1",
            recap="Nothing can be learned from data that nobody may open. This milestone was to show that "
            "each of the six sources can be read with the project’s own credentials. All six were.",
            risks="The permission for the policy archive ends in June and has to be renewed by Kestrel.",
            recommendation="Begin with the assessment of data quality on the confirmed sources.",
        ),
        Closed(at=DaysAgo(31, 16), code="1.1", next_move="Tomás Ferreira, with the data quality assessment"),
        Confident(at=DaysAgo(31, 18), code="1.1", score=4),
        Moved(DaysAgo(30), Stage.EXECUTION, code="1.2"),
        Shown(code="1.2", at=DaysAgo(24), title="Data quality assessment", url=f"{DOCS}/quality-v1"),
        Answered(
            DaysAgo(23, 14),
            "1.2",
            Outcome.NEEDS_REVISIONS,
            "The handwritten notes are missing from the sample, and they are a third of our claims.",
        ),
        Delivered(
            DaysAgo(21, 9),
            "1.2",
            "Completeness by source",
            "completeness.csv",
            "source,claims,complete\npolicies,48112,45707\nclaims north,31870,30404\nnotes,16205,14504\n",
        ),
        Shown(code="1.2", at=DaysAgo(20), title="Data quality assessment", url=f"{DOCS}/quality-v2"),
        Measured(
            code="1.2",
            name="Claims with a complete record",
            unit="%",
            baseline=Value(DaysAgo(40, 9), Decimal("61.5"), "Sample of 500 claims"),
            since=(
                Value(DaysAgo(29, 9), Decimal("72.0"), "Nightly check"),
                Value(DaysAgo(25, 9), Decimal("83.5"), "Nightly check"),
                Value(DaysAgo(20, 8), Decimal("94.0"), "Nightly check"),
            ),
            target=Decimal(90),
            source="Nightly check of the claim store",
        ),
        Measured(
            code="1.2",
            name="Work to assemble one quality report",
            unit="h",
            baseline=Value(DaysAgo(40, 10), Decimal(14), "Time sheet of the analysts"),
            since=(
                Value(DaysAgo(25, 10), Decimal("6.5"), "Time sheet"),
                Value(DaysAgo(20, 10), Decimal(3), "Time sheet"),
            ),
            target=Decimal(4),
            direction=Direction.DOWN,
            source="Time sheets of Kestrel’s analysts",
        ),
        Measured(
            code="1.2",
            name="Duplicate policies",
            unit="%",
            baseline=Value(DaysAgo(34, 9), Decimal("4.2"), "First full count"),
            since=(Value(DaysAgo(20, 11), Decimal("0.6"), "Nightly check"),),
            direction=Direction.DOWN,
            source="Nightly check of the claim store",
        ),
        Answered(DaysAgo(19, 12), "1.2"),
        Proven(
            at=DaysAgo(19, 15),
            code="1.2",
            recap="A triage model is only as good as the claims it learns from. This milestone was to show "
            "whether Kestrel’s records are complete enough to train on, the handwritten notes among them, "
            "and to make the check repeatable.\n\nThey are: 94 of 100 claims now carry a complete record, "
            "and the report that took two days is assembled in three hours.",
            risks="Claims from before 2019 are not part of the sample; their completeness is unknown.\n"
            "Handwritten notes are read with 91% accuracy, which is enough to sort, not to decide.",
            recommendation="Agree the technical approach on this sample now, and decide within a month "
            "whether the claims from before 2019 are to be read as well.",
        ),
        Closed(at=DaysAgo(19, 16), code="1.2", next_move="Mara Lindqvist, with the technical approach"),
        Confident(
            at=DaysAgo(19, 18),
            code="1.2",
            score=5,
            sentence="The report alone saves my analysts two days a month.",
        ),
        Moved(DaysAgo(18), Stage.EXECUTION, code="1.3"),
        Offered(
            code="1.3",
            at=DaysAgo(17),
            title="A second model for motor claims",
            asked_by=HELEN.name,
            days=Decimal(15),
            price=Decimal(18000),
        ),
        Answered(DaysAgo(16), "1.3", DECLINE),
        Shown(code="1.3", at=DaysAgo(14), title="Technical approach", url=f"{DOCS}/approach"),
        Answered(DaysAgo(13, 14), "1.3"),
        Proven(
            at=DaysAgo(13, 16),
            code="1.3",
            recap="Before anything is built, everybody should know how the model decides and where a person "
            "does. The approach was agreed with Kestrel’s claims and security teams.",
            risks="none",
            recommendation="Lay out the baseline plan on the agreed approach.",
            not_measurable="An approach is agreed or it is not. The first figures follow with the pipeline.",
        ),
        Closed(at=DaysAgo(13, 17), code="1.3", next_move="Mara Lindqvist, with the baseline plan"),
        Confident(at=DaysAgo(13, 17), code="1.3", score=4),
        Moved(DaysAgo(13, 17), Stage.EXECUTION, code="1.4"),
        Shown(code="1.4", at=DaysAgo(10), title="Baseline plan", url=f"{DOCS}/plan"),
        Answered(DaysAgo(9, 13), "1.4"),
        Proven(
            at=DaysAgo(9, 15),
            code="1.4",
            recap="The plan gives every later milestone a date that Kestrel can hold us to.",
            risks="The archive’s vendor sets the date of its interface; 2.1 depends on it.",
            recommendation="Begin with the pipeline, and review the dates once the vendor has confirmed.",
            not_measurable="A plan is measured by what follows; planned against actual is reported weekly.",
        ),
        Moved(DaysAgo(9, 16), Stage.EXECUTION, code="2.1"),
        Moved(DaysAgo(8), Stage.EXECUTION, code="4.1", by=MARA),
        Reviewed(DaysAgo(7, 15)),
        Worked(
            (
                Item("Read policies and claims nightly", started=8, done=6),
                Item("Map both claim systems to one schema", started=6, done=3),
                Item("Check the schema of every run", started=3),
                Item("Alert a named person when a run fails"),
            ),
            code="2.1",
        ),
        Halved(
            code="5.2",
            at=DaysAgo(2, 15),
            first_output="Technical, operational and training guides are complete.",
            second_name="Documentation reviewed",
            second_output="The remarks of Kestrel's reviewers are worked into every guide.",
        ),
        Slipped(
            DaysAgo(2, 16),
            "2.1",
            3,
            MoveReason.THIRD_PARTY,
            "The archive's vendor opens its interface three working days later than promised.",
            "We build the schema checks on last month's export meanwhile.",
        ),
        Offered(
            code="2.1",
            at=DaysAgo(2, 17),
            title="Read the claims from before 2019 as well",
            asked_by=HELEN.name,
            days=Decimal("2.5"),
            price=Decimal(2400),
        ),
        Shown(
            code="4.1",
            at=DaysAgo(1, 14),
            title="Infrastructure dashboard",
            url=f"{DOCS}/infrastructure",
            failed="The load balancer of the second zone does not answer its health check.",
            caveats="Monitoring keeps 14 days of figures until your storage is enlarged.",
        ),
        Progressed(
            at=HoursAgo(5),
            done="Both claim systems arrive in one schema; two unattended runs succeeded.",
            next="The third run, and the alert.",
            blocked="The vendor's interface of the archive.",
            percent=70,
            confidence=3,
            code="2.1",
        ),
    ),
)
