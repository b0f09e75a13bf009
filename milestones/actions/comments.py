"""Writes about comments. A comment decides nothing: "looks great!" leaves a review open."""

from datetime import datetime
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones.actions import mails
from milestones.actions.engagements import at_work
from milestones.actions.scope import queue_request
from milestones.models import ChangeRequest, Comment, Contact, DecisionRequest, Milestone, Reviewer
from tenancy import saving
from tenancy.refusal import Refused
from tenancy.text import one_line


def add(
    milestone_id: UUID,
    *,
    text: str,
    request: DecisionRequest | None = None,
    contact: Contact | None = None,
    by: Actor,
    now: datetime,
) -> Comment:
    """Keeps what somebody says about a milestone; a client's words go to whoever collects them."""
    milestone = at_work(milestone_id)
    comment = kept(milestone, text, request=request, contact=contact, by=by, now=now)
    if contact:
        _note_answer(milestone, contact, now=now)
        mails.route(comment, now=now)
    record(
        comment,
        "comment.added",
        by=by,
        at=now,
        data={"request_id": request.pk if request else None},
        personal={"text": text},
        thread_id=milestone.pk,
    )
    return comment


def kept(
    milestone: Milestone,
    text: str,
    *,
    request: DecisionRequest | None,
    contact: Contact | None,
    by: Actor,
    now: datetime,
) -> Comment:
    """The row alone, for an action whose event tells of it."""
    if not text.strip():
        raise Refused("Write something.", code="invalid", fields={"text": ["Write what you want to say."]})
    author = {"by_kind": by.kind, "by_id": by.id, "by_name": by.name}
    return saving.add(
        Comment(milestone=milestone, request=request, contact=contact, text=text, at=now, **author)
    )


def _note_answer(milestone: Milestone, contact: Contact, *, now: datetime) -> None:
    asked = Reviewer.objects.filter(review__milestone=milestone, review__ended_at=None, contact=contact)
    asked.filter(answered_at=None).update(answered_at=now)


def queue(
    pk: UUID, *, title: str = "", by: Actor, now: datetime, expected: int | None = None
) -> ChangeRequest:
    """Turns an ask among a comment's words into a change request; the milestone's boundary stays."""
    comment = saving.locked(Comment, pk, expected=expected)
    if comment.change_request_id:
        raise Refused("This comment is in the queue already.", code="queued")
    asked = queue_request(
        comment.milestone_id,
        title=title.strip() or one_line(comment.text, limit=200),
        detail=comment.text,
        asked_by=comment.by_name,
        source="comment",
        source_id=comment.pk,
        by=by,
        now=now,
    )
    saving.change(comment, {"change_request_id": asked.pk})
    record(
        comment,
        "comment.queued",
        by=by,
        at=now,
        data={"change_request_id": asked.pk, "number": asked.number},
        thread_id=comment.milestone_id,
    )
    return asked
