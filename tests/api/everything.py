"""One of everything in a workspace, and a fitting request for each operation of the OpenAPI document."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from api import documents
from escalation.actions import open_blocker
from escalation.models import BlockerType
from journal import endpoints, outbox
from journal.actors import Actor, Recipient
from journal.letters import Letter
from journal.models import Delivery, Event, State
from milestones.actions import comments, misses, notices, recourse
from milestones.actions.addresses import make_address
from milestones.actions.artifacts import Upload, add_file
from milestones.actions.clients import add_phase
from milestones.actions.imports import open_import
from milestones.actions.milestone import add_dependency, add_milestone
from milestones.actions.plans import keep_as_template
from milestones.actions.quality import record_qa_run
from milestones.actions.reports import record_progress
from milestones.actions.scope import queue_request
from milestones.actions.stages import move
from milestones.actions.work import add_work_item
from milestones.models import Contact, Criterion, Milestone, Review
from milestones.words import NoticeKind, Stage, Way
from proofs.actions import confidence, handoffs, opportunities
from proofs.actions.checks import look_now
from proofs.actions.links import opened
from proofs.actions.metrics import add_metric, take_snapshot
from proofs.models import ArtifactCheck, Confidence, ProofPacket, Rendering
from proofs.words import AskedAbout, Found, Role
from telemetry.actions.connections import connect
from telemetry.models import RawDelivery, Signal
from telemetry.models.inbound import DeliveryState
from tenancy.door import inside
from tenancy.models import Workspace
from tests.factories import CONTACTS, MONDAY, RECORD, engagement
from tests.milestones.asking import answer
from tests.milestones.asking import asked as sent_question
from tests.telemetry.outlooks import point
from workspaces.models import Membership, Purpose

Ids = Mapping[str, UUID]


@dataclass(frozen=True)
class Operation:
    """One method at one address. `many` says that it answers a list."""

    method: str
    path: str
    about: Mapping[str, Any]

    @property
    def has_id(self) -> bool:
        return "{" in self.path

    @property
    def writes(self) -> bool:
        saves_nothing = self.path.endswith(("/what-if", "/v1/clarity"))
        return (self.method == "post" and not saves_nothing) or self.method == "patch"

    @property
    def many(self) -> bool:
        return self.about["operationId"].endswith("_list")

    @property
    def key_filters(self) -> list[str]:
        return [
            p["name"] for p in self.about["parameters"] if p["in"] == "query" and p["name"].endswith("_id")
        ]

    def address(self, ids: Ids) -> str:
        resource = self.path.removeprefix("/api/v1/").split("/")[0]
        filled = self.path.replace("{milestone_id}", str(ids["milestones"])).replace("{number}", "1")
        filled = filled.replace("{artifact_id}", str(ids["artifacts"]))
        filled = filled.replace("{metric_id}", str(ids.get("metrics", "")))
        return filled.replace("{id}", str(ids.get(resource, "")))

    def body(self, ids: Ids) -> Any:
        """A body with every required field; keys name rows of `ids`."""
        if self.path.endswith("/kickoffs"):
            return kickoff_body()
        content = self.about.get("requestBody", {}).get("content", {}).get("application/json")
        return _sample(content["schema"], ids) if content else {}


@cache
def document() -> dict[str, Any]:
    return json.loads(documents._openapi())


def operations() -> Iterator[Operation]:
    for path, methods in document()["paths"].items():
        for method, about in methods.items():
            yield Operation(method, path, about)


def kickoff_body(**changes: Any) -> dict[str, Any]:
    contacts = [{"name": c.name, "email": c.email, "authorities": list(c.authorities)} for c in CONTACTS]
    return {
        "account": {"name": "Southwind"},
        "project": {"name": "Second"},
        "contacts": contacts,
        "record": dict(RECORD),
        **changes,
    }


KEYS = {
    "account_id": "accounts",
    "project_id": "projects",
    "phase_id": "phases",
    "milestone_id": "milestones",
    "artifact_version_id": "versions",
    "needs_id": "milestones",
    "subject_id": "milestones",
    "thread_id": "milestones",
    "actor_id": "members",
    "owner_primary_id": "members",
    "review_owner_id": "members",
    "owner_client_id": "contacts",
    "approver_id": "contacts",
    "contact_id": "contacts",
    "connection_id": "connections",
    "owner_id": "members",
    "delegate_id": "contacts",
}


def _sample(schema: Mapping[str, Any], ids: Ids, name: str = "") -> Any:
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return schema["enum"][0]
    if name in KEYS:
        return str(ids[KEYS[name]])
    makers: dict[str, Callable[[], Any]] = {
        "object": lambda: {
            field: _sample(schema["properties"][field], ids, field) for field in schema.get("required", [])
        },
        "integer": lambda: schema.get("minimum", 1),
        "boolean": lambda: True,
        "array": list,
        "string": lambda: TEXTS.get(schema.get("format", ""), "plain"),
    }
    return makers[schema["type"]]()


TEXTS = {
    "decimal": "0.50",
    "date-time": "2026-03-02T09:00:00Z",
    "date": "2026-03-09",
    "email": "new@client.example",
    "uri": "https://new.client.example/",
}


def one_of_everything(workspace: Workspace, by: Actor, *, mark: str) -> dict[str, UUID]:
    """Committed rows of every kind whose texts hold `mark`, by the resource that serves them."""
    with inside(workspace):
        made = made_by_people(by, mark=mark)
        point(Milestone.objects.get(pk=made["milestones"]))
    return made | {"signals": _signal(workspace, made["milestones"], mark)}


def _signal(workspace: Workspace, milestone_id: UUID, mark: str) -> UUID:
    """Only sweeps write signals, as their own role."""
    found = Signal.everywhere.using("jobs").create(
        workspace=workspace,
        milestone_id=milestone_id,
        rule="no_progress",
        threshold=24,
        opened_at=MONDAY,
        sentence=mark,
    )
    return found.pk


def made_by_people(by: Actor, *, mark: str) -> dict[str, UUID]:
    """Rows of every kind that people make, by the resource that serves them. Call it inside the workspace."""
    made = engagement(by, account_name=mark, project_name=mark, external_ref=mark)
    milestone = move(made.milestone.pk, Stage.EXECUTION, by=by, now=MONDAY)
    phase = add_phase(project=made.project, name=mark, position=1, by=by, now=MONDAY)
    later = add_milestone(made.project, {"code": "1.2", "name": mark}, by=by, now=MONDAY)
    dependency = add_dependency(later, milestone, by=by, now=MONDAY)
    blocker = open_blocker(milestone.pk, type=BlockerType.INPUT, title=mark, by=by, now=MONDAY)
    request = queue_request(milestone.pk, title=mark, by=by, now=MONDAY)
    record_progress(milestone.pk, done=mark, by=by, now=MONDAY)
    record_qa_run(milestone.pk, check_name=mark, score=90, by=by, now=MONDAY)
    file = add_file(milestone.pk, title=mark, file=Upload(mark, [b"%PDF-1.7"]), by=by, now=MONDAY)
    watch = look_now(file.pk, by=by, now=MONDAY)
    ArtifactCheck.objects.create(watch=watch, at=MONDAY, found=Found.MISSING, detail=mark)
    item = add_work_item(milestone.pk, title=mark, by=by, now=MONDAY)
    miss = misses.open_miss(milestone.pk, now=MONDAY + timedelta(days=14))
    until = MONDAY.date() + timedelta(days=7)
    taken = recourse.choose(milestone.pk, Way.RESCOPE, reason=mark, until=until, by=by, now=MONDAY)
    said = {"subject": milestone, "title": mark, "body": mark}
    notice = notices.draft(NoticeKind.STATUS_UPDATE, project=made.project, **said, by=by, now=MONDAY)
    asked = sent_question(milestone, by, context=mark)
    decided = answer(sent_question(milestone, by, context=mark), "vendor", comment=mark)
    comment = comments.add(milestone.pk, text=mark, by=by, now=MONDAY)
    review = Review.objects.create(milestone=milestone, number=1, counts=True, note=mark, created_at=MONDAY)
    metric = add_metric(milestone.pk, {"name": mark, "unit": mark, "source": mark}, by=by, now=MONDAY)
    snapshot = take_snapshot(metric.pk, role=Role.CURRENT, value=Decimal(7), note=mark, by=by, now=MONDAY)
    connection, _ = connect(provider="linear", name=mark, milestone=milestone, by=by, now=MONDAY)
    handoff = handoffs.begin(milestone.pk, by=by, now=MONDAY)
    handoffs.write(handoff.pk, {"recommendation": mark}, by=by, now=MONDAY)
    carla = Contact.objects.filter(account=made.account).first()
    portal = make_address(Purpose.PORTAL, project=made.project, contact=carla, by=by, now=MONDAY)
    return {
        "accounts": made.account.pk,
        "contacts": Contact.objects.filter(account=made.account).first().pk,
        "members": Membership.objects.get().pk,
        "projects": made.project.pk,
        "phases": phase.pk,
        "milestones": milestone.pk,
        "criteria": Criterion.objects.filter(milestone=milestone)[0].pk,
        "dependencies": dependency.pk,
        "blockers": blocker.pk,
        "change-requests": request.pk,
        "artifacts": file.artifact_id,
        "versions": file.pk,
        "work-items": item.pk,
        "misses": miss.pk,
        "recourses": taken.pk,
        "notices": notice.pk,
        "decision-requests": asked.pk,
        "decisions": decided.pk,
        "comments": comment.pk,
        "reviews": review.pk,
        "metrics": metric.pk,
        "handoff-packets": handoff.pk,
        "snapshots": snapshot.pk,
        "links": portal.pk,
        "packet-links": opened(Purpose.PROOF, milestone, by=by, now=MONDAY).pk,
        "connections": connection.pk,
        "webhook-endpoints": _endpoint(by, mark),
        **_expansion(milestone, by, mark),
        **_packet(milestone, mark),
        "plan-templates": keep_as_template(made.project, name=mark, by=by, now=MONDAY).pk,
        "imports": open_import(f"{mark}.csv", f"Name\n{mark}\n".encode(), by=by, now=MONDAY).pk,
        "inbound-deliveries": _parked(connection.pk, mark),
        "events": Event.objects.order_by("-seq")[0].pk,
        "deliveries": _message(milestone, mark),
    }


def _parked(connection_id: UUID, mark: str) -> UUID:
    return RawDelivery.objects.create(
        connection_id=connection_id,
        received_at=MONDAY,
        delivery_id=mark,
        headers={},
        body=b"{}",
        state=DeliveryState.PARKED,
        finished_at=MONDAY,
        error=mark,
    ).pk


def _endpoint(by: Actor, mark: str) -> UUID:
    endpoint, _ = endpoints.make(name=mark, url="https://hooks.example/in", by=by, now=MONDAY)
    return endpoint.pk


def _packet(milestone: Any, mark: str) -> dict[str, UUID]:
    """A draft, as the milestone is not in review yet, and files that could not be made."""
    packet = ProofPacket.objects.create(milestone=milestone, number=1, recap=mark, created_at=MONDAY)
    parked = {"parked_at": MONDAY, "last_error": mark, "created_at": MONDAY}
    return {"proof-packets": packet.pk, "renderings": Rendering.objects.create(proof=packet, **parked).pk}


def _expansion(milestone: Any, by: Actor, mark: str) -> dict[str, UUID]:
    about = {"about": AskedAbout.PACKET, "subject_id": milestone.pk, "milestone": milestone}
    asked = confidence.ask(milestone.approver, **about, now=MONDAY)
    Confidence.objects.filter(pk=asked.pk).update(score=4, sentence=mark, answered_at=MONDAY)
    noted = opportunities.note(milestone.project, title=mark, by=by, now=MONDAY)
    return {"confidences": asked.pk, "opportunities": noted.pk}


def _message(milestone: Any, mark: str) -> UUID:
    to = Recipient("contact", None, mark, "carla@client.example")
    outbox.enqueue(Letter(mark, mark, mark), kind="test", subject=milestone, to=to, due_at=MONDAY)
    message = Delivery.objects.filter(kind="test")
    message.update(state=State.PARKED, finished_at=MONDAY)
    return message.get().pk
