"""Asking a client how confident they are, and taking the answer: one tap of 1 to 5, perhaps a sentence."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from journal import outbox
from journal.actions import record, stand_in_line
from journal.actors import SYSTEM, Actor, Recipient
from milestones.models import Contact, Decision, Milestone
from milestones.words import ApprovalChannel
from proofs.actions import letters
from proofs.models import Confidence
from proofs.queries.confidence import why_closed
from proofs.words import AskedAbout
from tenancy.ids import uuid7
from tenancy.refusal import Refused
from tenancy.saving import add, check
from workspaces.actions.links import add_link
from workspaces.models import Purpose

LIFE: Final = timedelta(days=90)
CHOOSE: Final = "Choose a number from 1 to 5."


def ask(
    contact: Contact, *, about: AskedAbout, subject_id: UUID, milestone: Milestone, now: datetime
) -> Confidence:
    """Asks a contact about one decision or packet; the question that is there already, if any."""
    stand_in_line()
    if found := Confidence.objects.filter(contact=contact, subject_id=subject_id).first():
        return found
    asked = Confidence(
        id=uuid7(),
        contact=contact,
        milestone=milestone,
        about=about,
        subject_id=subject_id,
        asked_at=now,
    )
    to = Recipient("contact", contact.pk, contact.name, contact.email)
    asked.link_id = add_link(Purpose.CONFIDENCE, subject=asked, to=to, now=now, expires_at=now + LIFE).pk
    add(asked)
    data = {"about": about, "subject_id": subject_id}
    personal = {"contact": contact.name}
    record(asked, "confidence.asked", by=SYSTEM, at=now, data=data, personal=personal, thread_id=milestone.pk)
    return asked


def follow_decision(decision: Decision, *, now: datetime) -> None:
    """Asks whoever decided, in the decision's own transaction; what is taken back is not asked about."""
    if decision.countermands_id is None:
        _ask_decider(decision, now=now)
        return
    for asked in Confidence.objects.filter(subject_id=decision.countermands_id):
        outbox.withdraw(asked, now=now)


def _ask_decider(decision: Decision, *, now: datetime) -> None:
    """Behind a decision link the receipt asks; who answered elsewhere gets a mail."""
    asked = ask(
        decision.contact,
        about=AskedAbout.DECISION,
        subject_id=decision.pk,
        milestone=decision.request.milestone,
        now=now,
    )
    if decision.channel != ApprovalChannel.LINK and decision.contact.email:
        letters.ask_confidence(asked, decision, now=now)


def give(pk: UUID, *, score: int | None, sentence: str | None = None, by: Actor, now: datetime) -> Confidence:
    """Takes an answer. For a week it may be given anew, and the last one counts.

    Without a score the one given before stays, so that a sentence can be added; None leaves the sentence.

    Raises:
        Refused: without any score, once the week is over, or when what it is about was taken back.
    """
    asked = Confidence.objects.select_for_update(of=("self",)).get(pk=pk)
    if closed := why_closed(asked, now=now):
        raise closed
    if score is None and asked.score is None:
        raise Refused(CHOOSE, code="invalid", fields={"score": [CHOOSE]})
    before = asked.score, asked.sentence
    asked.score = asked.score if score is None else score
    asked.sentence = asked.sentence if sentence is None else sentence.strip()
    if before == (asked.score, asked.sentence):
        return asked
    is_first = before[0] is None
    asked.answered_at = asked.answered_at or now
    check(asked, ["score", "sentence"])
    asked.save(update_fields=["score", "sentence", "answered_at"])
    _note(asked, "confidence.given" if is_first else "confidence.changed", before[0], by=by, now=now)
    return asked


def _note(asked: Confidence, kind: str, before: int | None, *, by: Actor, now: datetime) -> None:
    record(
        asked,
        kind,
        by=by,
        at=now,
        data={
            "about": asked.about,
            "subject_id": asked.subject_id,
            "score": asked.score,
            "before": before,
        },
        personal={"text": asked.sentence} if asked.sentence else None,
        thread_id=asked.milestone_id,
    )
