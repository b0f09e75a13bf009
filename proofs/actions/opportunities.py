"""Writes about opportunities: what may follow a delivered packet, step by step, with the next thing to do."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from journal import outbox
from journal.actions import record, stand_in_line
from journal.actors import SYSTEM, Actor
from journal.letters import compose
from milestones.actions.engagements import check_is_not_archived
from milestones.actions.mails import as_recipient, founder, member_for
from milestones.models import Project
from milestones.schedule import OUT_OF_REACH, is_in_reach
from proofs import expansion
from proofs.models import Opportunity, ProofPacket
from proofs.words import OpportunityStage
from tenancy.numbers import next_number
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked
from tenancy.text import one_line
from workspaces.models import Membership
from workspaces.queries import calendar_of

LIFE: Final = timedelta(days=3)  # older than that a reminder would only puzzle
REMINDER: Final = "opportunity_due"

CONVERSATION, PROPOSAL = OpportunityStage.CONVERSATION, OpportunityStage.PROPOSAL


class Noted(TypedDict, total=False):
    """What is known of an opportunity. Without a currency it has the project's."""

    notes: str
    value: Decimal | None
    currency: str
    owner: Membership | None
    next_step: str
    next_step_on: date | None


def start_from(packet: ProofPacket, *, by: Actor, now: datetime) -> Opportunity | None:
    """The opportunity of a delivered packet; None when its milestone has one, or was not accepted after all.

    A later version of the packet starts no second one.
    """
    number = _number()
    milestone = packet.milestone
    if milestone.accepted_at is None or Opportunity.objects.filter(packet__milestone=milestone).exists():
        return None
    opportunity = _added(
        milestone.project,
        number,
        title=one_line(f"After {milestone.name}", limit=200),
        packet=packet,
        notes=packet.recommendation,
        owner=member_for(milestone),
        now=now,
    )
    data = {"number": number, "title": opportunity.title, "packet": packet.number}
    _note(opportunity, "opportunity.started", by=by, now=now, data=data)
    return opportunity


def note(project: Project, *, title: str, by: Actor, now: datetime, **noted: Unpack[Noted]) -> Opportunity:
    """An opportunity that somebody saw, without a packet."""
    check_is_not_archived(project)
    _check_plan(noted)
    opportunity = _added(project, _number(), title=title, now=now, **noted)
    data = {"number": opportunity.number, "title": title}
    _note(opportunity, "opportunity.noted", by=by, now=now, data=data)
    return opportunity


def _number() -> int:
    """The next number. The journal's line comes first: a delivery that starts one stands in it already."""
    stand_in_line()
    return next_number(Opportunity)


def _added(
    project: Project,
    number: int,
    *,
    title: str,
    now: datetime,
    packet: ProofPacket | None = None,
    **noted: Unpack[Noted],
) -> Opportunity:
    known: dict[str, Any] = {**noted, "currency": noted.get("currency") or project.currency}
    return add(
        Opportunity(
            account_id=project.account_id,
            project=project,
            packet=packet,
            number=number,
            title=title,
            created_at=now,
            **known,
        )
    )


def revise(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Opportunity:
    """Changes the words, the value, the owner, or what is to be done next.

    Raises:
        Refused: once it has ended.
    """
    opportunity = _open(pk, expected=expected)
    _check_plan({**_plan(opportunity), **changes})
    if moved := change(opportunity, changes):
        if "next_step_on" in moved:
            outbox.withdraw(opportunity, now=now, kind=REMINDER)
        data = {"number": opportunity.number, "fields": moved}
        _note(opportunity, "opportunity.changed", by=by, now=now, data=data)
    return opportunity


def plan_next(
    pk: UUID, *, step: str, on: date | None, by: Actor, now: datetime, expected: int | None = None
) -> Opportunity:
    """Says what is to be done next and when; its owner is reminded on that day."""
    return revise(pk, {"next_step": step, "next_step_on": on}, by=by, now=now, expected=expected)


def advance(
    pk: UUID,
    to: OpportunityStage,
    *,
    reason: str = "",
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> Opportunity:
    """Takes an opportunity one stage on, or to its end.

    Raises:
        Refused: for a step that the table does not have, or a loss without its reason.
    """
    opportunity = locked(Opportunity, pk, expected=expected)
    before = OpportunityStage(opportunity.stage)
    expansion.check_can_advance(before, to)
    if to == OpportunityStage.LOST and not reason.strip():
        said = "Say why it was lost: the next one can learn from it."
        raise Refused(said, code="invalid", fields={"reason": [said]})
    change(opportunity, {"stage": to, **_reached(to, reason.strip(), now=now)})
    if opportunity.ended_at:
        outbox.withdraw(opportunity, now=now, kind=REMINDER)
    data = {"number": opportunity.number, "from": before, "to": to, "reason": opportunity.end_reason}
    _note(opportunity, "opportunity.advanced", by=by, now=now, data=data)
    return opportunity


def _reached(to: OpportunityStage, reason: str, *, now: datetime) -> dict[str, Any]:
    if to in expansion.ENDED:
        return {"ended_at": now, "end_reason": reason}
    return {"conversation_at" if to == CONVERSATION else "proposal_at": now}


def take_back(pk: UUID, *, reason: str, by: Actor, now: datetime, expected: int | None = None) -> Opportunity:
    """Takes the last step back that was noted by mistake. The journal keeps both.

    Raises:
        Refused: without a reason, or when no step was taken.
    """
    opportunity = locked(Opportunity, pk, expected=expected)
    before = OpportunityStage(opportunity.stage)
    to = expansion.stage_before(
        before, conversation_at=opportunity.conversation_at, proposal_at=opportunity.proposal_at
    )
    if not reason.strip():
        said = "Say what the mistake was."
        raise Refused(said, code="invalid", fields={"reason": [said]})
    change(opportunity, {"stage": to, **_undone(before)})
    data = {"number": opportunity.number, "from": before, "to": to, "reason": reason.strip()}
    _note(opportunity, "opportunity.taken_back", by=by, now=now, data=data)
    return opportunity


def _undone(stage: OpportunityStage) -> dict[str, Any]:
    if stage in expansion.ENDED:
        return {"ended_at": None, "end_reason": ""}
    return {"conversation_at" if stage == CONVERSATION else "proposal_at": None}


def remind(pk: UUID, *, now: datetime) -> Opportunity:
    """Reminds the owner of a next step on its day, once for each date, when the working day begins."""
    opportunity = locked(Opportunity, pk)
    if not _is_due(opportunity, now=now):
        return opportunity
    opens = calendar_of(opportunity.workspace).next_opening(now)
    owner = opportunity.owner if opportunity.owner and opportunity.owner.ended_at is None else founder()
    address = f"{settings.PUBLIC_URL}/w/{opportunity.workspace.slug}/proof/opportunities/{opportunity.pk}/"
    outbox.enqueue(
        compose(REMINDER, {"opportunity": opportunity, "workspace": opportunity.workspace, "url": address}),
        kind=REMINDER,
        subject=opportunity,
        to=as_recipient(owner),
        due_at=opens,
        thread_id=opportunity.project_id,
        step=str(opportunity.next_step_on),
        expires_at=opens + LIFE,
    )
    # Not a change that somebody at the page has to look at: the version stays.
    opportunity.reminded_on = opportunity.next_step_on
    opportunity.save(update_fields=["reminded_on"])
    data = {"number": opportunity.number, "next_step": opportunity.next_step, "on": opportunity.next_step_on}
    _note(opportunity, "opportunity.reminded", by=SYSTEM, now=now, data=data)
    return opportunity


def _is_due(opportunity: Opportunity, *, now: datetime) -> bool:
    today = now.astimezone(ZoneInfo(opportunity.workspace.time_zone)).date()
    on = opportunity.next_step_on
    waits = on is not None and on <= today and on != opportunity.reminded_on
    return waits and opportunity.ended_at is None and opportunity.project.archived_at is None


def _open(pk: UUID, *, expected: int | None) -> Opportunity:
    opportunity = locked(Opportunity, pk, expected=expected)
    if opportunity.ended_at:
        raise Refused(
            f"It has ended: {OpportunityStage(opportunity.stage).label.lower()}. "
            "Take that step back first if it was a mistake.",
            code="ended",
        )
    return opportunity


def _plan(opportunity: Opportunity) -> dict[str, Any]:
    return {"next_step": opportunity.next_step, "next_step_on": opportunity.next_step_on}


def _check_plan(noted: Mapping[str, Any]) -> None:
    """A day without a step would remind of nothing; a step without a day is only a note."""
    on = noted.get("next_step_on")
    if on and not is_in_reach(on):
        raise Refused(OUT_OF_REACH, code="invalid", fields={"next_step_on": [OUT_OF_REACH]})
    if on and not str(noted.get("next_step") or "").strip():
        said = "Say what is to be done on that day."
        raise Refused(said, code="invalid", fields={"next_step": [said]})


def _note(opportunity: Opportunity, kind: str, *, by: Actor, now: datetime, data: Mapping[str, Any]) -> None:
    record(opportunity, kind, by=by, at=now, data=data, thread_id=_thread(opportunity))


def _thread(opportunity: Opportunity) -> UUID:
    """The milestone that it came of, else the project."""
    thread: UUID = opportunity.packet.milestone_id if opportunity.packet else opportunity.project_id
    return thread
