"""The demo workspace: a small agency two weeks into four engagements, told by the product's own actions.

Every moment is counted back from `now`, so the story is always about today. The password is made once and
kept in CAIRN_HOME/demo.env, readable only by its owner.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from allauth.account.models import EmailAddress

from config.keys import as_text, write_private
from escalation.actions import open_blocker, resolve, respond
from escalation.models import BlockerType, Severity
from journal.actors import Actor, Recipient
from milestones.actions.clients import add_phase
from milestones.actions.kickoff import ContactInput, Handoff, Kickoff, start_engagement
from milestones.actions.milestone import add_dependency, add_milestone, move
from milestones.actions.reports import queue_request, record_progress, record_qa_run
from milestones.actions.work import add_work_item, change_work_item
from milestones.models import Contact, Milestone, Project
from milestones.words import Authority, Kind, Stage, WorkState
from tenancy.door import inside
from tenancy.models import Workspace
from workspaces.actions.links import address_of, make_link
from workspaces.actions.people import accept_invitation, invite
from workspaces.actions.workspaces import create_workspace, set_brand
from workspaces.models import Link, Purpose, Role, User

SLUG: Final = "lindqvist"
PEOPLE: Final = (
    ("mara@lindqvist.example", "Mara Lindqvist", Role.OWNER),
    ("tomas@lindqvist.example", "Tomás Ferreira", Role.MEMBER),
    ("iris@lindqvist.example", "Iris Okafor", Role.VIEWER),
)
MARA, TOMAS, IRIS = (address for address, _, _ in PEOPLE)
SHOWN: Final = "Northwind dispatch assistant"  # the project whose portal the demo shows
TROUBLED: Final = "Weekly demand forecast"


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the story: `at(days, hour)` is that many days ago at that hour, but never later than now."""

    now: datetime
    by: Actor
    other: Actor

    def at(self, days: int, hour: int = 10) -> datetime:
        day = (self.now - timedelta(days=days)).date()
        return min(datetime.combine(day, time(hour), self.now.tzinfo), self.now)

    def ago(self, **span: float) -> datetime:
        return self.now - timedelta(**span)


def password(home: Path) -> str:
    """The password of the demo people, made when it is first asked for."""
    place = home / "demo.env"
    if not place.exists():
        write_private(place, as_text({"DEMO_PASSWORD": secrets.token_urlsafe(9)}))
    return place.read_text().strip().partition("=")[2]


def tell(*, home: Path, now: datetime) -> Workspace:
    """Makes the demo people, their two workspaces and four engagements."""
    people = {email: _person(email, name, password(home)) for email, name, _ in PEOPLE}
    began = now - timedelta(days=21)
    mara = people[MARA]
    create_workspace(name="Mara's own desk", slug="mara", time_zone="Europe/Stockholm", owner=mara, now=began)
    studio = create_workspace(
        name="Lindqvist & Co", slug=SLUG, time_zone="Europe/Stockholm", owner=mara, now=began
    )
    teller = Teller(now, _actor(mara), _actor(people[TOMAS]))
    with inside(studio):
        for email, _, role in PEOPLE[1:]:
            _join(studio, people[email], role, t=teller, now=began)
        set_brand(colour="#0f766e", name="Lindqvist & Co", by=teller.by, now=began)
        for chapter in (_northwind, _harbor, _meridian, _atlas):
            chapter(teller)
    return studio


def _person(email: str, name: str, secret: str) -> User:
    user = User.objects.create_user(email, secret, name=name, time_zone="Europe/Stockholm")
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _join(studio: Workspace, person: User, role: Role, *, t: Teller, now: datetime) -> None:
    invitation = invite(workspace=studio, email=person.email, role=role, by=t.by, now=now)
    address = address_of(Link.objects.get(subject_id=invitation.pk))
    accept_invitation(address.rpartition("/")[2], user=person, now=now)


def _actor(user: User) -> Actor:
    return Actor("user", user.pk, str(user))


def _kickoff(
    t: Teller,
    *,
    account: str,
    project: str,
    people: Sequence[ContactInput],
    kicked_off: datetime,
    due_in: int,
    record: Mapping[str, Any],
    definition: Mapping[str, Any],
) -> Kickoff:
    due = datetime.combine((t.now + timedelta(days=due_in)).date(), time(16), t.now.tzinfo)
    agreed = {
        "kickoff_completed_at": kicked_off.isoformat(),
        "first_milestone_due_at": due.isoformat(),
        "quality_threshold": 80,
        "owner_primary": TOMAS,
        "milestone_review_owner": MARA,
        "owner_client": people[0].email,
        "delivery_proof_approver": people[-1].email,
        **record,
    }
    handoff = Handoff(
        account_name=account, project_name=project, contacts=people, record=agreed, definition=definition
    )
    return start_engagement(handoff, by=t.by, now=kicked_off)


def _northwind(t: Teller) -> None:
    """A data milestone that a missing credential threatens; the one the portal shows."""
    made = _kickoff(
        t,
        account="Northwind Logistics",
        project=SHOWN,
        people=(
            ContactInput(
                name="Petra Holm",
                email="petra.holm@northwind.example",
                time_zone="Europe/Copenhagen",
                authorities=[Authority.INPUT_PROVIDER, Authority.CREDENTIAL_OWNER],
            ),
            ContactInput(
                name="Søren Falk",
                email="soren.falk@northwind.example",
                time_zone="Europe/Copenhagen",
                authorities=[Authority.DECISION_MAKER, Authority.STAKEHOLDER],
            ),
        ),
        kicked_off=t.at(9),
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
    )
    _northwind_plan(t, made)
    milestone = move(made.milestone.pk, Stage.EXECUTION, by=t.by, now=t.at(9, 11))
    _work(
        t,
        milestone,
        (
            ("Read orders from the ERP export", 8, 7),
            ("Read driver schedules", 7, 6),
            ("Read depot calendar", 6, 3),
            ("Map telematics fields", 3, None),
            ("Read telematics positions", None, None),
            ("Write down retention rules", None, None),
        ),
    )
    record_progress(
        milestone.pk,
        done="ERP export and driver schedules can be read.",
        next="Depot calendar, then telematics.",
        percent=45,
        confidence=4,
        by=t.other,
        now=t.at(6, 16),
    )
    record_progress(
        milestone.pk,
        done="Depot calendar can be read; fields of telematics mapped from the vendor's docs.",
        next="Telematics, as soon as the account is open.",
        blocked="Telematics answers 403.",
        percent=65,
        confidence=3,
        by=t.other,
        now=t.ago(hours=20),
    )
    settled = open_blocker(
        milestone.pk,
        type=BlockerType.INPUT,
        title="Field list of the ERP export is missing",
        detail="We need the meaning of 14 columns.",
        by=t.other,
        now=t.at(8, 14),
    )
    respond(settled.pk, response="Sent as a spreadsheet.", by=t.other, now=t.at(7, 9))
    resolve(
        settled.pk,
        resolution="Petra sent the field list; it is stored with the project.",
        by=t.other,
        now=t.at(7, 10),
    )
    open_blocker(
        milestone.pk,
        type=BlockerType.TECHNICAL,
        title="Telematics API refuses our key",
        detail="The account exists, but position reads are refused.",
        evidence='HTTP 403 {"error":"scope_missing","scope":"positions.read","account":"NW-2231"}',
        by=t.other,
        now=t.ago(hours=21),
    )
    record_qa_run(milestone.pk, check_name="Row counts of yesterday", score=85, by=t.other, now=t.at(3, 15))
    _portal(t, made.project, made.project.account.contacts.get(email="petra.holm@northwind.example"))


def _northwind_plan(t: Teller, made: Kickoff) -> None:
    discovery = add_phase(
        project=made.project, name="Discovery and planning", position=1, by=t.by, now=t.at(9)
    )
    data = add_phase(project=made.project, name="Data preparation", position=2, by=t.by, now=t.at(9))
    Milestone.objects.filter(pk=made.milestone.pk).update(phase=discovery)
    today = t.now.date()
    later = [
        _later(t, made.project, "1.2", "Data quality assessed", Kind.DATA, discovery, today, 4, 11),
        _later(t, made.project, "2.1", "Data pipeline operational", Kind.INTEGRATION, data, today, 11, 23),
        _later(t, made.project, "2.2", "Training data set prepared", Kind.DATA, data, today, 23, 36),
    ]
    for before, after in zip([made.milestone, *later], later, strict=False):
        add_dependency(after, before, by=t.by, now=t.at(9))


def _later(
    t: Teller,
    project: Project,
    code: str,
    name: str,
    kind: Kind,
    phase: Any,
    today: Any,
    start: int,
    end: int,
) -> Milestone:
    return add_milestone(
        project,
        {
            "code": code,
            "name": name,
            "kind": kind,
            "phase": phase,
            "planned_start": today + timedelta(days=start),
            "planned_date": today + timedelta(days=end),
        },
        by=t.by,
        now=t.at(9),
    )


def _harbor(t: Teller) -> None:
    """A milestone that goes as it should."""
    made = _kickoff(
        t,
        account="Harbor Health",
        project="Patient intake copilot",
        people=(
            ContactInput(
                name="Dr. Amina Yusuf",
                email="amina.yusuf@harbor.example",
                time_zone="Europe/London",
                authorities=[Authority.DECISION_MAKER, Authority.INPUT_PROVIDER, Authority.STAKEHOLDER],
            ),
        ),
        kicked_off=t.at(7),
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
    )
    milestone = move(made.milestone.pk, Stage.EXECUTION, by=t.by, now=t.at(7, 12))
    _work(
        t,
        milestone,
        (
            ("Question flow agreed", 6, 6),
            ("Tablet layout", 6, 5),
            ("Save and resume", 5, 4),
            ("Write to the test record", 4, 2),
            ("Consent text", 2, 1),
            ("Nurse walkthrough", 1, None),
        ),
    )
    record_qa_run(milestone.pk, check_name="Intake checklist", score=88, by=t.other, now=t.at(2, 15))
    record_qa_run(milestone.pk, check_name="Intake checklist", score=94, by=t.other, now=t.at(1, 15))
    record_progress(
        milestone.pk,
        done="Consent text is in; nine of ten test intakes match.",
        next="Walkthrough with two nurses.",
        percent=80,
        confidence=5,
        by=t.by,
        now=t.ago(hours=2),
    )


def _meridian(t: Teller) -> None:
    """Quality fails and the client keeps asking for more."""
    made = _kickoff(
        t,
        account="Meridian Foods",
        project=TROUBLED,
        people=(
            ContactInput(
                name="Jonas Weber",
                email="jonas.weber@meridian.example",
                time_zone="Europe/Berlin",
                authorities=[Authority.INPUT_PROVIDER, Authority.STAKEHOLDER],
            ),
            ContactInput(
                name="Claire Dubois",
                email="claire.dubois@meridian.example",
                time_zone="Europe/Paris",
                authorities=[Authority.DECISION_MAKER],
            ),
        ),
        kicked_off=t.at(12),
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
            "output": "A baseline forecast for 40 products that beats last year's plan.",
            "description": "The first forecast you can hold against your own plan.",
            "dependency_risks": "Promotions calendar comes from marketing.",
            "invoice_trigger": "Second instalment, 40 %",
            "next_stage_trigger": "Forecast goes to the planners",
        },
    )
    milestone = move(made.milestone.pk, Stage.EXECUTION, by=t.by, now=t.at(12, 13))
    _work(
        t,
        milestone,
        (
            ("Clean sales history", 11, 6),
            ("Naive baseline", 7, 5),
            ("Promotions feature", 5, None),
            ("Backtest harness", 4, 3),
            ("Holiday feature", None, None),
            ("Report for planners", None, None),
            ("Explain the top ten misses", None, None),
        ),
    )
    for days, score in ((4, 82), (2, 61), (1, 58)):
        record_qa_run(milestone.pk, check_name="Backtest", score=score, by=t.other, now=t.at(days, 15))
    for days, title in (
        (6, "Forecast by store, not only by product"),
        (3, "Export to their planning tool"),
        (1, "Include the new product line"),
    ):
        queue_request(
            milestone.pk,
            title=title,
            asked_by="Jonas Weber",
            days=Decimal("2.5"),
            by=t.by,
            now=t.at(days, 11),
        )
    open_blocker(
        milestone.pk,
        type=BlockerType.APPROVAL,
        severity=Severity.CRITICAL,
        title="Which weeks count as promotions?",
        detail="Option A: marketing's calendar. Option B: weeks with a price cut above 10 %. We recommend B.",
        by=t.by,
        now=t.at(3, 12),
    )
    record_progress(
        milestone.pk,
        done="Backtest runs.",
        blocked="Definition of promotions.",
        percent=55,
        confidence=2,
        by=t.other,
        now=t.ago(hours=30),
    )


def _atlas(t: Teller) -> None:
    """Just kicked off: the gate still says what is missing."""
    _kickoff(
        t,
        account="Atlas Legal",
        project="Contract search pilot",
        people=(
            ContactInput(
                name="Noor Haddad",
                email="noor.haddad@atlas.example",
                time_zone="Europe/Amsterdam",
                authorities=[Authority.DECISION_MAKER, Authority.CREDENTIAL_OWNER],
            ),
        ),
        kicked_off=t.at(1),
        due_in=12,
        record={
            "first_milestone_name": "Search over 500 contracts",
            "acceptance_criteria": ["Ten agreed questions return the right clause first"],
        },
        definition={"output": "Lawyers can search 500 sample contracts in plain words."},
    )


def _work(t: Teller, milestone: Milestone, items: Sequence[tuple[str, int | None, int | None]]) -> None:
    """Work items as (title, days ago started or None, days ago done or None)."""
    opened = milestone.execution_started_at or t.now
    for title, started, done in items:
        item = add_work_item(milestone.pk, title=title, assignee="Tomás Ferreira", by=t.other, now=opened)
        if started is not None:
            change_work_item(
                item.pk, {"state": WorkState.IN_PROGRESS}, by=t.other, now=max(t.at(started, 9), opened)
            )
        if done is not None:
            change_work_item(item.pk, {"state": WorkState.DONE}, by=t.other, now=max(t.at(done, 15), opened))


def _portal(t: Teller, project: Project, contact: Contact) -> Link:
    return make_link(
        Purpose.PORTAL,
        subject=project,
        to=Recipient("contact", contact.pk, contact.name, contact.email),
        by=t.by,
        now=t.at(8, 12),
        thread_id=project.pk,
    )


def portal_address(workspace_id: UUID) -> str:
    """The portal's secret address, for the terminal of whoever started the demo."""
    with inside(workspace_id):
        project = Project.objects.get(name=SHOWN)
        link = Link.objects.filter(subject_id=project.pk, purpose=Purpose.PORTAL, revoked_at=None).latest(
            "created_at"
        )
        return address_of(link)
