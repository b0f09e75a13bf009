"""Writes about handoff packets: drafted by themselves, written over, published for good, following the plan.

A published version never changes. When the plan is rescheduled the next one says so, by itself.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from journal.actions import record, stand_in_line
from journal.actors import SYSTEM, Actor
from journal.letters import link_placeholder
from milestones.actions import endings
from milestones.actions.engagements import check_is_not_archived
from milestones.models import Milestone
from milestones.words import Outcome, Stage
from proofs import handing
from proofs.actions import renderings, versions
from proofs.actions.links import opened
from proofs.models import HandoffPacket
from proofs.queries import handoffs as queries
from proofs.queries.telling import journal_told, with_people
from proofs.words import PacketState
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from workspaces.models import Purpose

drop: Final = partial(versions.drop, HandoffPacket)
journal_refusal: Final = partial(versions.journal_refusal, HandoffPacket)


def begin(milestone_id: UUID, *, by: Actor = SYSTEM, now: datetime) -> HandoffPacket:
    """Begins the draft that a milestone needs. Twice changes nothing.

    What a draft says follows the record while it is read; only what people wrote is kept in it. Returns the
    draft, or the published packet that still stands.

    Raises:
        Refused: when there is nothing to hand over yet, or nothing will be handed over any more.
    """
    milestone = locked(Milestone, milestone_id)
    check_is_not_archived(milestone.project)
    last = queries.versions_of(milestone_id).first()
    if last and (last.state == PacketState.DRAFT or milestone.handoff_packet_link):
        return last
    _check_may_hand_over(milestone)
    reason = handing.ACCEPTED if milestone.accepted_at else ""
    return _begun(milestone, known=journal_told()["seq"], by=by, now=now, reason=reason)


def _refreshed(milestone: Milestone, reason: str, *, known: int, now: datetime) -> HandoffPacket:
    """The draft, begun or told why it is looked at again."""
    if (draft := queries.draft_of(milestone.pk)) is None:
        return _begun(milestone, known=known, by=SYSTEM, now=now, reason=reason)
    _note_plan(milestone, known)
    packet = locked(HandoffPacket, draft.pk)
    if packet.reason != reason:
        packet.reason = reason
        packet.save(update_fields=["reason"])  # no new version: whoever writes goes on writing
        data = {"number": packet.number, "reason": reason}
        record(packet, "handoff_packet.refreshed", by=SYSTEM, at=now, data=data, thread_id=milestone.pk)
    return packet


def _note_plan(milestone: Milestone, known: int) -> None:
    """Versions that follow the plan know of everything that became of it up to this entry of the journal."""
    followed = queries.versions_of(milestone.pk).filter(planned_through__isnull=False)
    followed.update(planned_through=known)


def _check_may_hand_over(milestone: Milestone) -> None:
    if milestone.stage == Stage.SETUP:
        raise Refused(
            f"Nothing of {milestone.code} can be handed over before its work has begun.", code="not_begun"
        )
    if milestone.outcome not in ("", Outcome.APPROVED):
        raise Refused(
            f"{milestone.code} was closed without acceptance: there is nothing to hand over.",
            code="not_accepted",
        )


def _begun(milestone: Milestone, *, known: int, by: Actor, now: datetime, **said: str) -> HandoffPacket:
    """The draft of the next version, with what people wrote in the one before."""
    last = queries.published(milestone.pk).first()
    words = {name: getattr(last, name) for name in handing.WRITTEN} if last else {}
    number = last.number + 1 if last else 1
    _note_plan(milestone, known)
    given = {"number": number, "created_at": now, "planned_through": known}
    packet = add(HandoffPacket(milestone=milestone, **given, **words, **said))
    data = {"number": number, "reason": packet.reason, "correction": packet.correction}
    record(packet, "handoff_packet.drafted", by=by, at=now, data=data, thread_id=milestone.pk)
    return packet


def correct(milestone_id: UUID, *, correction: str, by: Actor, now: datetime) -> HandoffPacket:
    """Begins the next version from the one before, which stays. `correction` is printed on it.

    Raises:
        Refused: when nothing is published, the next version is being written, or the reason is missing.
    """
    milestone, _ = versions.to_correct(HandoffPacket, milestone_id, correction=correction)
    known = journal_told()["seq"]
    return _begun(milestone, known=known, by=by, now=now, correction=correction.strip())


def write(
    handoff_id: UUID, changes: Mapping[str, str], *, by: Actor, now: datetime, expected: int | None = None
) -> HandoffPacket:
    """Writes over what the record says. A text that says the same as the record goes on following it.

    Raises:
        Refused: when it is published already: that version stays.
        Stale: when somebody saved since version `expected`.
    """
    packet = versions.draft(HandoffPacket, handoff_id, expected=expected)
    check_is_not_archived(packet.milestone.project)
    own = handing.own_words(changes, queries.recorded(with_people(packet.milestone_id)))
    if moved := change(packet, own):
        data = {"number": packet.number, "fields": [name for name in changes if name in moved]}
        record(packet, "handoff_packet.written", by=by, at=now, data=data, thread_id=packet.milestone_id)
    return packet


def publish(handoff_id: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> HandoffPacket:
    """Freezes the packet for good, opens it to the client and has its files made.

    Raises:
        Refused: when it is published already, or with everything that is `unmet`.
        Stale: when somebody saved since version `expected`.
    """
    milestone = locked(
        Milestone, HandoffPacket.objects.values_list("milestone_id", flat=True).get(pk=handoff_id)
    )
    check_is_not_archived(milestone.project)
    packet = versions.draft(HandoffPacket, handoff_id, expected=expected)
    followed = queries.published(milestone.pk).filter(planned_through__isnull=False)
    followed.update(planned_through=None)  # from here on the new version follows the plan
    stand_in_line()
    _freeze(packet, by=by, now=now)
    link = opened(Purpose.HANDOFF, milestone, by=by, now=now)
    endings.link_packets(milestone.pk, handoff_packet_link=link_placeholder(link.pk), by=by, now=now)
    renderings.ask(handoff=packet, now=now)
    _journal_published(packet, by=by, now=now)
    return packet


def _freeze(packet: HandoffPacket, *, by: Actor, now: datetime) -> None:
    milestone = with_people(packet.milestone_id)
    if unmet := queries.missing(packet, milestone):
        raise versions.incomplete(packet, unmet)
    signed = {"outcome": Outcome.APPROVED, "approval_state": queries.approval_state(milestone)}
    versions.freeze(packet, partial(queries.content_of, now=now), by=by, now=now, **signed)


def _journal_published(packet: HandoffPacket, *, by: Actor, now: datetime) -> None:
    data = {
        "number": packet.number,
        "content_sha256": packet.content_sha256,
        "journal_seq": packet.journal_seq,
    }
    record(packet, "handoff_packet.published", by=by, at=now, data=data, thread_id=packet.milestone_id)


def follow_plan(milestone_id: UUID, *, now: datetime) -> HandoffPacket | None:
    """Lets a handoff follow the plan: a draft is refreshed, after a published version the next is published.

    Several moves since the last look make one version. None where it no longer counts, or nothing is new.
    """
    milestone = locked(Milestone, milestone_id)
    known = journal_told()["seq"]
    last = queries.versions_of(milestone_id).first()
    if last is None:
        return _refreshed(milestone, handing.SHORT_OF_HANDS, known=known, now=now)
    if last.planned_through is None:
        return None
    if queries.is_followed_on(milestone):
        HandoffPacket.objects.filter(pk=last.pk).update(planned_through=None)
        return None
    if not (news := queries.news_since(milestone, last.planned_through, through=known)):
        return None
    draft = _refreshed(milestone, handing.reason_of(news), known=known, now=now)
    if last.state == PacketState.DRAFT or queries.missing(draft, with_people(milestone_id)):
        return draft
    return publish(draft.pk, by=SYSTEM, now=now)
