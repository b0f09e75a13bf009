"""What a proof packet says: built from the record for a draft, as it was kept for a published one."""

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, TypeVar, cast

from django.db.models import OuterRef, Subquery

from journal.models import Event, EventPersonal
from milestones.asking import chosen
from milestones.models import Criterion, DateMove, Decision, Milestone, QaRun
from proofs import parts, trail
from proofs.content import (
    MOST,
    PROOF_SCHEMA,
    CriterionTold,
    DateTold,
    DecisionTold,
    ProofContent,
    QualityTold,
    TrailTold,
)
from proofs.models import ProofPacket
from proofs.queries import checks, metrics
from proofs.queries.links import link_of
from proofs.queries.packets import acceptance_of
from proofs.queries.telling import (
    day,
    instant,
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
from workspaces.models import Purpose

T = TypeVar("T")


def content_of(packet: ProofPacket) -> ProofContent:
    """All that a packet says. A draft says what the record says now."""
    if packet.state == PacketState.PUBLISHED:
        return cast(ProofContent, packet.content)
    return built(packet, with_people(packet.milestone_id))


def built(packet: ProofPacket, milestone: Milestone) -> ProofContent:
    """The content of a draft, from the record; of long lists the newest rows, and how many were left out."""
    lists: dict[str, list[Any]] = {
        "criteria": _criteria(milestone),
        "metrics": metrics.told_of(milestone),
        "artifacts": checks.told_of(milestone),
        "decisions": _decisions(milestone),
        "quality": _quality(milestone),
        "dates": _dates(milestone),
        "trail": _trail(milestone),
    }
    left_out = {name: len(rows) - MOST[name] for name, rows in lists.items() if len(rows) > MOST[name]}
    content = {
        "schema": PROOF_SCHEMA,
        "workspace": workspace_told(),
        "project": project_told(milestone),
        "milestone": milestone_told(milestone),
        "packet": packet_told(packet, same_day=packet.same_day, zone=packet.clock_zone or zone_of(milestone)),
        "recap": packet.recap,
        "not_measurable": "" if lists["metrics"] else packet.not_measurable,
        "risks": packet.risks,
        "recommendation": packet.recommendation,
        "journal": journal_told(),
        "left_out": left_out,
        **{name: _cut(name, rows) for name, rows in lists.items()},
    }
    return cast(ProofContent, content)


HISTORIES = ("decisions", "quality", "dates", "trail")  # told from their beginning; the newest rows stay


def _cut(name: str, rows: Sequence[T]) -> Sequence[T]:
    most = MOST[name]
    return rows[-most:] if name in HISTORIES else rows[:most]


def missing(packet: ProofPacket, milestone: Milestone) -> list[Unmet]:
    """What keeps a draft from being published."""
    return parts.missing(assembled(packet, milestone))


def assembled(packet: ProofPacket, milestone: Milestone) -> parts.Assembled:
    """What a draft holds, as far as it decides whether it may be published."""
    link = link_of(Purpose.PROOF, milestone.pk)
    return parts.Assembled(
        is_accepted=milestone.accepted_at is not None,
        has_decision=milestone.accepted_at is not None and acceptance_of(milestone.pk) is not None,
        recap=packet.recap,
        pairs=len(metrics.told_of(milestone)),
        not_measurable=packet.not_measurable,
        artifacts=delivered(milestone),
        as_found=packet.as_found_of,
        risks=packet.risks,
        recommendation=packet.recommendation,
        is_revoked=link is not None and link.revoked_at is not None,
    )


def delivered(milestone: Milestone) -> list[parts.Delivered]:
    """The artifacts as the last looks found them."""
    return [
        parts.Delivered(each["title"], each["found"], each["version_id"])
        for each in checks.told_of(milestone)
    ]


def _criteria(milestone: Milestone) -> list[CriterionTold]:
    rows = Criterion.objects.filter(milestone=milestone).order_by("position")
    return [
        {
            "statement": row.statement,
            "verification": row.verification,
            "measure": row.measure,
            "target": row.target,
            "is_met": row.is_met,
            "evidence": row.evidence,
        }
        for row in rows
    ]


def _decisions(milestone: Milestone) -> list[DecisionTold]:
    """Every answer and every one that was taken back, each with its entry of the journal."""
    rows = list(
        Decision.objects.filter(request__milestone=milestone).select_related("request").order_by("at", "id")
    )
    kept = {event.subject_id: event for event in _first_entries(row.pk for row in rows)}
    return [_decision(row, kept.get(row.pk)) for row in rows]


def _first_entries(subjects: Iterable[Any]) -> Iterable[Event]:
    return Event.objects.filter(subject_id__in=list(subjects)).order_by("-seq")


def _decision(row: Decision, entry: Event | None) -> DecisionTold:
    option = chosen(row.request.options, row.option)
    label = str(option["label"]) if option else row.option
    return {
        "question": row.request.question,
        "answer": f"Taken back: {label}" if row.countermands_id else label,
        "option": row.option,
        "name": row.name,
        "channel": row.get_channel_display(),
        "at": instant(row.at) or "",
        "seq": entry.seq if entry else None,
        "hash": bytes(entry.hash).hex() if entry else "",
    }


def _quality(milestone: Milestone) -> list[QualityTold]:
    """The checks that count: a void one looked at something else."""
    rows = QaRun.objects.filter(milestone=milestone, voided_at=None).order_by("at", "id")
    return [
        {
            "check": row.check_name,
            "kind": row.get_kind_display(),
            "score": row.score,
            "threshold": row.threshold,
            "passed": row.passed,
            "at": instant(row.at) or "",
        }
        for row in rows
    ]


def _dates(milestone: Milestone) -> list[DateTold]:
    rows = DateMove.objects.filter(milestone=milestone).order_by("at", "id")
    return [
        {
            "kind": row.get_kind_display(),
            "moved_at": instant(row.at) or "",
            "from_date": day(row.from_date),
            "to_date": row.to_date.isoformat(),
            "reason": row.reason,
        }
        for row in rows
    ]


def _trail(milestone: Milestone) -> list[TrailTold]:
    said = EventPersonal.objects.filter(event=OuterRef("pk")).values("content")[:1]
    rows = (
        Event.objects.filter(thread_id=milestone.pk, kind__in=trail.TOLD)
        .annotate(said=Subquery(said))
        .order_by("seq")
    )
    return list(chain.from_iterable(_entry(row) for row in rows))


def _entry(row: Any) -> Iterable[TrailTold]:
    """The entry in words; none where the client may not read it."""
    if text := trail.told(row.kind, json.loads(row.body)["data"]):
        yield {
            "seq": row.seq,
            "at": instant(row.at) or "",
            "kind": row.kind,
            "text": text,
            "actor": (row.said or {}).get("actor") or "",
            "hash": bytes(row.hash).hex(),
        }
