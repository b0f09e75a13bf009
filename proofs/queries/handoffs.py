"""Reads of handoff packets: versions, what one says, what became of the plan since. Inside the door."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from escalation.models import Blocker, BlockerType
from journal.models import Event
from milestones import gates
from milestones.models import Dependency, Milestone
from milestones.queries.following import following
from milestones.queries.labels import label_of
from milestones.words import Outcome, Stage
from proofs import handing
from proofs.content import HANDOFF_SCHEMA, HandoffContent, NextTold
from proofs.handing import Moved, News, Threat, Waiting
from proofs.models import HandoffPacket, ProofPacket
from proofs.queries.packets import acceptance_of
from proofs.queries.telling import (
    day,
    journal_told,
    milestone_told,
    packet_told,
    project_told,
    with_people,
    workspace_told,
    zone_of,
)
from proofs.words import PacketState
from tenancy.refusal import Unmet

MOST_NEXT = 5
ADDED: Final = "milestone.created"
MOVES: Final = ("milestone.forecast_moved", "milestone.rebaselined")
PLAN: Final = (ADDED, *MOVES)
ENTRY: Final = ("kind", "thread_id", "body")


def handoffs() -> QuerySet[HandoffPacket]:
    return HandoffPacket.objects.all()


def versions_of(milestone_id: UUID) -> QuerySet[HandoffPacket]:
    """Every version, the draft of the next one too, newest first."""
    return HandoffPacket.objects.filter(milestone=milestone_id).order_by("-number")


def published(milestone_id: UUID) -> QuerySet[HandoffPacket]:
    """The published versions, newest first."""
    return versions_of(milestone_id).filter(state=PacketState.PUBLISHED)


def said_last(packet: HandoffPacket | None) -> dict[str, str]:
    """What the client read in it of what is open and who moves next: the words that a close begins with."""
    if packet is None or packet.content is None:
        return {}
    open_dependencies = packet.content["open_dependencies"] or handing.NOTHING
    return {"open_dependencies": open_dependencies, "next_move_owner": packet.content["next_move_owner"]}


def draft_of(milestone_id: UUID) -> HandoffPacket | None:
    return versions_of(milestone_id).filter(state=PacketState.DRAFT).first()


def content_of(packet: HandoffPacket, *, now: datetime) -> HandoffContent:
    """What a version says: as it was published, or as a draft would say it now."""
    if packet.content is not None:
        return cast(HandoffContent, packet.content)
    milestone = with_people(packet.milestone_id)
    words = words_of(packet, milestone)
    stated = {name: text if gates.is_stated(text) else "" for name, text in words.items()}
    return {
        "schema": HANDOFF_SCHEMA,
        "workspace": workspace_told(),
        "project": project_told(milestone),
        "milestone": milestone_told(milestone),
        "packet": packet_told(packet, zone=zone_of(milestone)),
        "reason": packet.reason,
        "outcome": Outcome.APPROVED.label if milestone.accepted_at else "Not accepted yet",
        "approval_state": approval_state(milestone),
        "open_dependencies": stated["open_dependencies"],
        "next_stage_trigger": stated["next_stage_trigger"],
        "invoice_trigger": milestone.invoice_trigger if gates.is_stated(milestone.invoice_trigger) else "",
        "next_move_owner": words["next_move_owner"],
        "recommendation": stated["recommendation"],
        "next_milestones": _next_told(milestone, now=now),
        "journal": journal_told(),
    }


def words_of(packet: HandoffPacket, milestone: Milestone) -> dict[str, str]:
    """The texts that somebody may write, as they stand: their own, else the record's."""
    return handing.filled({name: getattr(packet, name) for name in handing.WRITTEN}, recorded(milestone))


def recorded(milestone: Milestone) -> dict[str, str]:
    """What the record, its dependencies and blockers and the proof packet say of the same."""
    proof = ProofPacket.objects.filter(milestone=milestone.pk).order_by("-number")
    return {
        "open_dependencies": handing.open_dependencies(_waiting(milestone.pk), _threats(milestone.pk)),
        "next_stage_trigger": milestone.next_stage_trigger,
        "next_move_owner": milestone.next_move_owner,
        "recommendation": proof.values_list("recommendation", flat=True).first() or "",
    }


def missing(packet: HandoffPacket, milestone: Milestone) -> list[Unmet]:
    return handing.missing(words_of(packet, milestone), is_accepted=milestone.accepted_at is not None)


def approval_state(milestone: Milestone) -> str:
    """How the acceptance stands, from the decision on record."""
    decision = acceptance_of(milestone.pk) if milestone.accepted_at else None
    if decision is None:
        return "Not approved yet."
    return handing.approval_state(
        name=decision.name,
        on=decision.at.astimezone(ZoneInfo(zone_of(milestone))).date(),
        channel=decision.get_channel_display(),
        question=decision.request.number,
    )


def _waiting(milestone_id: UUID) -> list[Waiting]:
    rows = Dependency.objects.filter(milestone=milestone_id, needs__accepted_at=None)
    rows = rows.exclude(needs__stage=Stage.CLOSED).order_by("needs__code")
    return [Waiting(*row) for row in rows.values_list("needs__code", "needs__name", "needs__forecast_date")]


def _threats(milestone_id: UUID) -> list[Threat]:
    rows = Blocker.objects.filter(milestone=milestone_id, resolved_at=None).order_by("number")
    named = rows.values_list("number", "title", "response_contact__name")
    return [Threat(number, title, contact or "") for number, title, contact in named]


def _next_told(milestone: Milestone, *, now: datetime) -> list[NextTold]:
    zone = ZoneInfo(milestone.workspace.time_zone)
    return [_told(row, zone, now=now) for row in following(milestone)[:MOST_NEXT]]


def _told(row: Milestone, zone: ZoneInfo, *, now: datetime) -> NextTold:
    word = label_of(row, zone=zone, now=now).client_word
    return {
        "code": row.code,
        "name": row.name,
        "planned_date": day(row.planned_date),
        "forecast_date": day(row.forecast_date),
        "label": str(word.label) if word else "Not planned yet",
    }


def news_since(milestone: Milestone, known: int, *, through: int) -> News:
    """What became of the plan after one entry of the journal, up to another: entries follow each other
    as they were committed, whatever the clock of their writers said."""
    told = Event.objects.filter(seq__gt=known, seq__lte=through).order_by("seq")
    rows = told.filter(kind__in=PLAN, thread_id__in=_milestones_beside(milestone))
    entries = [(kind, pk, json.loads(body)["data"]) for kind, pk, body in rows.values_list(*ENTRY)]
    codes = dict(_milestones_beside(milestone).values_list("pk", "code"))
    opened = told.filter(kind="blocker.opened", subject_id__in=_short_of_hands(milestone.pk).values("pk"))
    return News(
        moves=[_moved(codes[pk], data) for kind, pk, data in entries if kind in MOVES],
        added=sum(kind == ADDED for kind, *_ in entries),
        is_short=opened.exists(),
    )


def _milestones_beside(milestone: Milestone) -> QuerySet[Milestone]:
    return Milestone.objects.filter(project=milestone.project_id).order_by()


def _moved(code: str, data: Mapping[str, Any]) -> Moved:
    before = date.fromisoformat(data["from"]) if data["from"] else None
    is_root = data.get("because_of") is None
    return Moved(code, before, date.fromisoformat(data["to"]), data["reason"], is_root)


def _short_of_hands(milestone_id: UUID) -> QuerySet[Blocker]:
    return Blocker.objects.filter(milestone=milestone_id, type=BlockerType.CAPACITY).order_by()


def is_followed_on(milestone: Milestone) -> bool:
    """Whether it hands nothing on any more: what waits for it is accepted and has a handoff of its own."""
    if milestone.stage != Stage.CLOSED:
        return False
    if milestone.outcome != Outcome.APPROVED:
        return True
    waiting = Milestone.objects.filter(predecessors__needs=milestone.pk)
    if waiting.exists():
        return not waiting.filter(accepted_at=None).exclude(stage=Stage.CLOSED).exists()
    later = Milestone.objects.filter(project=milestone.project_id, accepted_at__gt=milestone.accepted_at)
    return later.exists()
