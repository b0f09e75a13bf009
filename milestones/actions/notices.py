"""Telling the client what they are owed. Never lost, never twice: a notice has one cause, and one row.

The message leaves by the outbox, in the transaction of whatever caused it; `follow` brings its end back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID

from django.db import models
from django.db.models import Max, Q

from journal import outbox
from journal.actions import record, stand_in_line
from journal.actors import SYSTEM, Actor, Recipient
from journal.letters import compose, link_placeholder
from journal.models import Delivery, State
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Contact, Milestone, Notice, Project
from milestones.queries.notices import NOT_INFORMED
from milestones.words import Authority, NoticeKind, NoticeState
from tenancy.numbers import next_number
from tenancy.refusal import Refused
from tenancy.saving import change, check, locked
from workspaces.models import Link, Purpose, WorkspaceSettings

NOBODY = "There is nobody to write to: name the client's owner, or a decision maker, with an address."
SAID = ("kind", "occurrence", "title", "body")
ENDS = {
    State.PARKED: "The message could not be delivered",
    State.EXPIRED: "The message waited too long and was not sent any more.",
    State.WITHDRAWN: "The message was withdrawn before it left.",
}


class Message(TypedDict, total=False):
    """What a notice says, to whom, and which cause it has: kind, subject and occurrence name it.

    `data["links"]` holds the link that each `{name}` in the body stands for; `data["button"]` says which of
    them the message's button leads to, and its words.
    """

    project: Required[Project]
    milestone: Milestone | None
    subject: Required[models.Model]
    occurrence: str
    title: Required[str]
    body: Required[str]
    data: Mapping[str, Any]
    recipient: Contact | None


def draft(kind: NoticeKind, *, by: Actor, now: datetime, **message: Unpack[Message]) -> Notice:
    """A notice for somebody to read over before it is sent; the one that is there already, if any."""
    notice, is_new = _write(kind, message, now=now)
    if is_new:
        _journal(notice, "notice.drafted", by=by, now=now)
    return notice


def owe(kind: NoticeKind, *, by: Actor, now: datetime, **message: Unpack[Message]) -> Notice:
    """A notice that is sent at once, so that nobody can forget it; the one that is there already, if any."""
    notice, is_new = _write(kind, message, now=now)
    if is_new:
        _dispatch(notice, {}, by=by, now=now)
    return notice


def _write(kind: NoticeKind, message: Message, *, now: datetime) -> tuple[Notice, bool]:
    """The notice of this cause, and whether it was written just now."""
    # The journal's line comes first, so that two who write notices never wait for each other crosswise.
    stand_in_line()
    cause = {"kind": kind, "subject_id": message["subject"].pk, "occurrence": message.get("occurrence", "")}
    if found := Notice.objects.filter(**cause).first():
        return found, False
    project, milestone = message["project"], message.get("milestone")
    notice = Notice(
        **cause,
        project=project,
        milestone=milestone,
        number=next_number(Notice),
        recipient=message.get("recipient") or reader_of(project, milestone),
        title=message["title"],
        body=message["body"],
        data=dict(message.get("data") or {}),
        created_at=now,
    )
    check(notice, SAID)
    notice.save(force_insert=True)
    return notice, True


def reader_of(project: Project, milestone: Milestone | None) -> Contact | None:
    """The client's owner of the milestone, else its approver, else who decides at the client."""
    person: Contact | None = (milestone.owner_client or milestone.approver) if milestone else None
    if person:
        return person
    deciders = Contact.objects.filter(
        account=project.account_id, authorities__contains=[Authority.DECISION_MAKER]
    )
    return deciders.order_by("created_at", "id").first()


def revise(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Notice:
    """Changes the words or the reader of a draft."""
    notice = _draft(pk, expected=expected)
    _check_reader(notice, changes.get("recipient"))
    if moved := change(notice, changes):
        data = {"number": notice.number, "fields": sorted(moved)}
        record(notice, "notice.revised", by=by, at=now, data=data, thread_id=_thread(notice))
    return notice


def _check_reader(notice: Notice, reader: Contact | None) -> None:
    if reader and reader.account_id != notice.project.account_id:
        words = "This contact is of another account."
        raise Refused(words, code="invalid", fields={"recipient": [words]})


def send(
    pk: UUID,
    *,
    by: Actor,
    now: datetime,
    title: str | None = None,
    body: str | None = None,
    expected: int | None = None,
) -> Notice:
    """Sends a draft, or sends again what did not arrive.

    Raises:
        Refused: when it has been sent already, or was withdrawn.
        Stale: when somebody saved since version `expected`.
    """
    notice = locked(Notice, pk, expected=expected)
    check_is_not_archived(notice.project)
    _check_may_send(notice)
    words = {name: text for name, text in {"title": title, "body": body}.items() if text is not None}
    if words and notice.state != NoticeState.DRAFT:
        raise _not_a_draft()
    _dispatch(notice, words, by=by, now=now)
    return notice


def _check_may_send(notice: Notice) -> None:
    if notice.state not in (NoticeState.DRAFT, NoticeState.BOUNCED):
        raise Refused(
            f"Notice {notice.number} is {NoticeState(notice.state).label.lower()} already; "
            "it is not sent twice.",
            code="sent",
        )
    if notice.told_otherwise_at:
        raise Refused("The client was told another way already; there is nothing left to send.", code="told")


def _dispatch(notice: Notice, words: Mapping[str, str], *, by: Actor, now: datetime) -> None:
    """Puts the message into the outbox, or says that there is nobody to write to."""
    contact = notice.recipient or reader_of(notice.project, notice.milestone)
    changes: dict[str, Any] = {**words, "recipient": contact, "sent_at": now}
    if contact is None or not contact.email:
        change(
            notice,
            {**changes, "state": NoticeState.BOUNCED, "bounced_at": now, "problem": NOBODY},
        )
        _journal(notice, "notice.bounced", by=by, now=now, problem=NOBODY)
        return
    change(notice, {**changes, "state": NoticeState.SENT, "bounced_at": None, "problem": ""})
    change(notice, {"delivery_id": _enqueue(notice, contact, now=now)})
    _journal(notice, "notice.sent", by=by, now=now)


def _enqueue(notice: Notice, contact: Contact, *, now: datetime) -> UUID | None:
    return outbox.enqueue(
        compose("notice", _facts(notice, contact, now=now)),
        kind="notice",
        subject=notice,
        to=Recipient("contact", contact.pk, contact.name, contact.email),
        due_at=now,
        thread_id=_thread(notice),
        occurrence=1 + _times_told(notice),
    )


def _times_told(notice: Notice) -> int:
    """By the last of its messages: earlier ones may be forgotten."""
    told = Delivery.objects.filter(subject_id=notice.pk).aggregate(last=Max("occurrence"))
    return told["last"] or 0


def _facts(notice: Notice, contact: Contact, *, now: datetime) -> dict[str, Any]:
    brand = WorkspaceSettings.objects.select_related("workspace").get()
    return {
        "notice": notice,
        "recipient": contact,
        "project": notice.project,
        "sender": brand.brand_name or brand.workspace.name,
        "greets": notice.kind != NoticeKind.PROOF,  # a packet comes in the workspace's own words
        "body": _body(notice),
        **_button(notice, contact, now=now),
    }


def _body(notice: Notice) -> str:
    """The text with the place of each link that it names; no address is kept."""
    body = notice.body
    for name, link_id in notice.data.get("links", {}).items():
        body = body.replace(f"{{{name}}}", link_placeholder(UUID(link_id)))
    return body


def _button(notice: Notice, contact: Contact, *, now: datetime) -> dict[str, str]:
    """Where the message leads: to what it brings, else to the reader's own portal."""
    if own := notice.data.get("button"):
        link_id = UUID(notice.data["links"][own["link"]])
        return {"url": link_placeholder(link_id), "action": own["words"]}
    return {"url": _portal(notice.project_id, contact, now=now), "action": "See where the project stands"}


def _portal(project_id: UUID, contact: Contact, *, now: datetime) -> str:
    """The place of the reader's own portal address, if they have one."""
    alive = Q(expires_at=None) | Q(expires_at__gt=now)
    links = Link.objects.filter(alive, purpose=Purpose.PORTAL, subject_id=project_id, revoked_at=None)
    link = links.filter(recipient_id=contact.pk).order_by("-created_at").first()
    return link_placeholder(link.pk) if link else ""


def told_otherwise(pk: UUID, *, how: str, by: Actor, now: datetime, expected: int | None = None) -> Notice:
    """Notes how a client whom no message reached was told after all."""
    notice = locked(Notice, pk, expected=expected)
    check_is_not_archived(notice.project)
    if notice.state != NoticeState.BOUNCED or notice.told_otherwise_at:
        raise Refused("Only a client who is not informed yet can be told another way.", code="not_bounced")
    if not how.strip():
        words = "Say how and whom: “by phone, Carla, at 10:30”."
        raise Refused("Say how the client was told.", code="invalid", fields={"how": [words]})
    change(notice, {"told_otherwise_at": now, "told_otherwise": how.strip()})
    personal = {"how": notice.told_otherwise}
    _journal(notice, "notice.told_otherwise", by=by, now=now, personal=personal)
    return notice


def withdraw(subject_id: UUID, *, now: datetime) -> int:
    """Takes back drafts about a subject that has become moot, and what has not left yet. Returns how many."""
    open_ones = Notice.objects.select_for_update().filter(
        subject_id=subject_id, state__in=[NoticeState.DRAFT, NoticeState.SENT]
    )
    return sum(_take_back(notice, now=now) for notice in open_ones.order_by("id"))


def _take_back(notice: Notice, *, now: datetime) -> bool:
    if notice.state == NoticeState.SENT and not outbox.withdraw(notice, now=now):
        return False
    change(notice, {"state": NoticeState.WITHDRAWN})
    _journal(notice, "notice.withdrawn", by=SYSTEM, now=now)
    return True


def replay(delivery: Delivery, *, by: Actor, now: datetime) -> None:
    """Puts a message back in line; a notice that bounced with it is on its way again.

    Raises:
        Refused: when the message is neither parked nor expired.
    """
    # A message about a notice names it as its subject.
    bounced = Notice.objects.select_for_update().filter(NOT_INFORMED, pk=delivery.subject_id)
    notice = bounced.filter(delivery_id=delivery.pk).first()
    outbox.replay(delivery, by=by, now=now)
    if notice:
        change(notice, {"state": NoticeState.SENT, "bounced_at": None, "problem": ""})
        _journal(notice, "notice.sent", by=by, now=now)


def follow(pk: UUID, *, now: datetime) -> Notice:
    """Brings the end of a sent notice's message back to it."""
    notice = locked(Notice, pk)
    if notice.state != NoticeState.SENT or notice.delivery_id is None:
        return notice
    delivery = Delivery.objects.get(pk=notice.delivery_id)
    if delivery.state == State.QUEUED:
        return notice
    if delivery.state == State.SENT:
        change(notice, {"state": NoticeState.DELIVERED, "delivered_at": delivery.finished_at})
        _journal(notice, "notice.delivered", by=SYSTEM, now=now)
        return notice
    problem = _problem(delivery)
    change(notice, {"state": NoticeState.BOUNCED, "bounced_at": delivery.finished_at, "problem": problem})
    _journal(notice, "notice.bounced", by=SYSTEM, now=now, problem=ENDS[State(delivery.state)])
    return notice


def _problem(delivery: Delivery) -> str:
    said = ENDS[State(delivery.state)]
    return (f"{said}: {delivery.last_error}" if delivery.state == State.PARKED else said)[:300]


def _draft(pk: UUID, *, expected: int | None) -> Notice:
    notice = locked(Notice, pk, expected=expected)
    check_is_not_archived(notice.project)
    if notice.state != NoticeState.DRAFT:
        raise _not_a_draft()
    return notice


def _not_a_draft() -> Refused:
    return Refused(
        "Only a draft can be changed; what was said stays as it was said. Write another notice instead.",
        code="not_a_draft",
    )


def _thread(notice: Notice) -> UUID:
    thread: UUID = notice.milestone_id or notice.project_id
    return thread


def _journal(
    notice: Notice,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    problem: str = "",
    personal: Mapping[str, str] | None = None,
) -> None:
    data = {"number": notice.number, "kind": notice.kind, "title": notice.title}
    if problem:
        data["problem"] = problem
    to = {"to": notice.recipient.name} if notice.recipient else {}
    record(
        notice, kind, by=by, at=now, data=data, personal={**to, **(personal or {})}, thread_id=_thread(notice)
    )
