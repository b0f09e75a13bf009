"""People, workspaces and engagements for tests, made by the very actions that make them in the product."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from journal.actors import Actor
from milestones.actions.kickoff import ContactInput, Handoff, Kickoff, start_engagement
from milestones.actions.stages import move
from milestones.models import Decision, DecisionRequest, Milestone
from milestones.words import ApprovalChannel, Ask, RequestKind, RequestState, Stage
from tenancy.ids import uuid7
from tenancy.models import Workspace
from tenancy.numbers import next_number
from workspaces.actions.workspaces import create_workspace
from workspaces.models import User

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a working morning in the calendar of a new workspace
PASSWORD = "correct horse battery"

RECORD: Mapping[str, Any] = {
    "kickoff_completed_at": "2026-03-02T08:00:00Z",
    "first_milestone_name": "Onboarding dashboard published",
    "first_milestone_due_at": "2026-03-13T17:00:00Z",
    "acceptance_criteria": [
        "The client's team signs in and sees last week's figures",
        {"statement": "Loads fast", "verification": "Lighthouse run", "measure": "seconds", "target": "2"},
    ],
    "quality_threshold": 80,
    "owner_primary": "ada@studio.example",
    "owner_client": "carla@client.example",
    "milestone_review_owner": "ada@studio.example",
    "delivery_proof_approver": "dan@client.example",
}
DEFINITION: Mapping[str, Any] = {
    "output": "The onboarding dashboard is live for the client's team.",
    "description": "You can see your onboarding figures in one place.",
    "dependency_risks": "none",
    "invoice_trigger": "First instalment",
    "next_stage_trigger": "Kick off the alerting milestone",
}
CONTACTS = (
    ContactInput(
        name="Carla Client",
        email="carla@client.example",
        time_zone="Europe/Berlin",
        authorities=["input_provider", "credential_owner"],
    ),
    ContactInput(
        name="Dan Decider", email="dan@client.example", authorities=["decision_maker", "stakeholder"]
    ),
)


def person(
    email: str = "ada@studio.example", name: str = "Ada Agency", *, password: str | None = None
) -> User:
    """A user; with a password one who can sign in."""
    return User.objects.create_user(email, password, name=name)


def workspace(
    owner: User | None = None,
    *,
    slug: str | None = None,
    name: str = "Studio Lind",
    time_zone: str = "UTC",
    now: datetime = MONDAY,
) -> Workspace:
    return create_workspace(
        name=name,
        slug=slug or f"studio-{uuid7().hex[-12:]}",
        time_zone=time_zone,
        owner=owner or person(),
        now=now,
    )


def actor(user: User) -> Actor:
    return Actor("user", user.pk, str(user))


def handoff(**changes: Any) -> Handoff:
    """A complete kickoff; `record` and `definition` are merged into the usual ones."""
    record = {**RECORD, **changes.pop("record", {})}
    definition = {**DEFINITION, **changes.pop("definition", {})}
    given = {
        "account_name": "Northwind",
        "project_name": "Onboarding",
        "contacts": CONTACTS,
        "external_ref": "",
        **changes,
    }
    return Handoff(record=record, definition=definition, **given)


def engagement(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> Kickoff:
    """Account, project and first milestone in setup. Call it inside the workspace."""
    return start_engagement(handoff(**changes), by=by, now=now)


def milestone_in_execution(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> Milestone:
    """A milestone that has passed its first gate. Call it inside the workspace."""
    made = engagement(by, now=now, **changes)
    return move(made.milestone.pk, Stage.EXECUTION, by=by, now=now)


def decision(
    milestone: Milestone, *, kind: RequestKind = RequestKind.CHANGE, option: str = "accept"
) -> Decision:
    """A decision by the milestone's approver, as a row that others may refer to. Call it inside the workspace."""
    request = DecisionRequest.objects.create(
        project=milestone.project,
        milestone=milestone,
        number=next_number(DecisionRequest),
        kind=kind,
        ask=Ask.CHOICE,
        subject_id=uuid7(),
        question="Do you agree?",
        options=[{"code": option, "label": "Yes", "consequence": "It is done."}],
        approver=milestone.approver,
        channel=ApprovalChannel.LINK,
        decide_by=MONDAY,
        shown_digest="0" * 64,
        state=RequestState.DECIDED,
        created_at=MONDAY,
        sent_at=MONDAY,
        ended_at=MONDAY,
    )
    return Decision.objects.create(
        request=request,
        option=option,
        contact=milestone.approver,
        name=milestone.approver.name,
        channel=ApprovalChannel.LINK,
        shown_digest=request.shown_digest,
        at=MONDAY,
        by_kind="contact",
        by_id=milestone.approver_id,
        by_name=milestone.approver.name,
    )
