"""People, workspaces and engagements for tests, made by the very actions that make them in the product."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from journal.actors import Actor
from milestones.actions import decisions, reviews
from milestones.actions.kickoff import ContactInput, Handoff, Kickoff, start_engagement
from milestones.actions.stages import move
from milestones.models import Artifact, ArtifactVersion, Decision, DecisionRequest, Milestone, QaRun
from milestones.words import (
    ApprovalChannel,
    ArtifactKind,
    Ask,
    Outcome,
    QaKind,
    RequestKind,
    RequestState,
    Stage,
)
from tenancy.ids import uuid7
from tenancy.models import Workspace
from tenancy.numbers import next_number
from workspaces.actions.workspaces import create_workspace
from workspaces.models import User

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a working morning in the calendar of a new workspace
PASSWORD = "correct horse battery"
# What the record holds of a milestone that ended without acceptance.
ENDED = {
    "stage": Stage.CLOSED,
    "outcome": Outcome.SCOPE,
    "closed_at": MONDAY,
    "outcome_reason": "Other plans.",
    "open_dependencies": "none",
    "next_move_owner": "Ada",
}

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


def artifact(milestone: Milestone, *, now: datetime = MONDAY) -> Artifact:
    """A linked output with one version."""
    made = Artifact.objects.create(
        milestone=milestone, kind=ArtifactKind.LINK, title="Dashboard", created_at=now
    )
    ArtifactVersion.objects.create(
        artifact=made,
        number=1,
        url="https://dashboard.client.example/",
        added_at=now,
        by_kind="user",
        by_name="Ada Agency",
    )
    return made


def checklist_run(milestone: Milestone, *, score: int = 100, now: datetime = MONDAY) -> QaRun:
    """A checklist run that answers everything with yes."""
    codes = ("scope_matches", "assets_checked", "blockers_disclosed", "criteria_evidenced")
    run = QaRun.objects.create(
        milestone=milestone,
        at=now,
        by_kind="user",
        by_name="Ada Agency",
        kind=QaKind.CHECKLIST,
        check_name="QA checklist",
        score=score,
        threshold=milestone.quality_threshold,
        items=[{"code": code, "passed": True, "note": ""} for code in codes],
    )
    if score >= milestone.quality_threshold:
        Milestone.objects.filter(pk=milestone.pk).update(qa_passed_at=now)
    return run


def milestone_in_qa(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> Milestone:
    """A milestone with its output linked and evidence for every criterion. Call it inside the workspace."""
    milestone = milestone_in_execution(by, now=now, **changes)
    artifact(milestone, now=now)
    milestone.criteria.update(is_met=True, evidence="https://evidence.example/")
    return move(milestone.pk, Stage.QA, by=by, now=now)


def milestone_cleared(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> Milestone:
    """A milestone in QA that passed its check, with the client's question prepared."""
    milestone = milestone_in_qa(by, now=now, **changes)
    checklist_run(milestone, now=now)
    reviews.prepare(
        milestone.pk,
        ask=Ask.ACCEPTANCE,
        question="Do you accept the dashboard?",
        caveats="none",
        decide_by=now + timedelta(days=3),
        by=by,
        now=now,
    )
    return Milestone.objects.get(pk=milestone.pk)


def milestone_in_review(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> Milestone:
    """A milestone whose approver has been asked. Call it inside the workspace."""
    return move(milestone_cleared(by, now=now, **changes).pk, Stage.REVIEW, by=by, now=now)


def milestone_in_closeout(by: Actor, *, now: datetime = MONDAY, **changes: Any) -> Milestone:
    """A milestone that its approver accepted. Call it inside the workspace."""
    milestone = milestone_in_review(by, now=now, **changes)
    answer(milestone, now=now)
    return Milestone.objects.get(pk=milestone.pk)


def answer(milestone: Milestone, option: str = "approved", *, now: datetime = MONDAY) -> Decision:
    """The approver's answer to the question that waits."""
    request = DecisionRequest.objects.get(milestone=milestone, state=RequestState.PENDING)
    return decisions.decide(
        request.pk,
        option=option,
        name=request.approver.name,
        comment="Two figures are missing.",
        digest=request.shown_digest,
        contact=request.approver,
        by=Actor("contact", request.approver_id, request.approver.name),
        now=now,
    )


def decision(
    milestone: Milestone, *, kind: RequestKind = RequestKind.CHANGE, option: str = "accept"
) -> Decision:
    """A decision by the milestone's approver, as a row that others may refer to."""
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
