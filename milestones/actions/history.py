"""Taking over what was accepted before Cairn: closed as it was, told to nobody, counted from then on.

Nothing of it is a step here. So no gate asks for packets that never were; packets that somewhere are may be
named by their address. The row is born closed and says so (`imported_at`); nothing becomes history later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from journal.actions import record
from journal.actors import Actor
from milestones.actions.milestone import new_milestone
from milestones.models import Criterion, Milestone, Project, Pulse
from milestones.words import Outcome, Stage
from tenancy.refusal import Refused
from tenancy.saving import add, check

NOON = time(12)
NOTHING_OPEN = "none"
NOBODY = "nobody: accepted before Cairn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """When work began, was completed and was accepted, and where its packets are."""

    started_on: date | None = None
    completed_on: date
    accepted_on: date
    proof_packet_url: str = ""
    handoff_packet_link: str = ""


def take_over(
    project: Project,
    fields: Mapping[str, Any],
    past: Past,
    *,
    criteria: Sequence[str] = (),
    by: Actor,
    now: datetime,
) -> Milestone:
    """Adds a milestone that the client accepted elsewhere.

    Raises:
        Refused: naming what is missing, or what cannot have been.
    """
    zone = ZoneInfo(project.workspace.time_zone)
    _check(past, fields, today=now.astimezone(zone).date())
    milestone = new_milestone(project, fields, now=now)
    for name, value in _as_it_was(past, zone=zone, now=now).items():
        setattr(milestone, name, value)
    add(milestone)
    _criteria(milestone, criteria)
    Pulse.objects.create(milestone=milestone, changed_at=now)
    data = {"code": milestone.code, "name": milestone.name, "planned_date": milestone.planned_date}
    data |= {"completed_on": past.completed_on, "accepted_on": past.accepted_on}
    record(milestone, "milestone.taken_over", by=by, at=now, data=data, thread_id=milestone.pk)
    return milestone


def _as_it_was(past: Past, *, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    def at(day: date) -> datetime:
        return datetime.combine(day, NOON, zone)

    return {
        "imported_at": now,
        "stage": Stage.CLOSED,
        "outcome": Outcome.APPROVED,
        "outcome_reason": f"Accepted before Cairn, taken over as history on {now:%d %b %Y}.",
        "open_dependencies": NOTHING_OPEN,
        "next_move_owner": NOBODY,
        "forecast_date": past.completed_on,
        "execution_started_at": at(past.started_on) if past.started_on else None,
        "completed_at": at(past.completed_on),
        "accepted_at": at(past.accepted_on),
        "closed_at": at(past.accepted_on),
        "proof_packet_url": past.proof_packet_url,
        "handoff_packet_link": past.handoff_packet_link,
        "clarity_score": None,  # how well it was defined is not ours to judge
    }


def _check(past: Past, fields: Mapping[str, Any], *, today: date) -> None:
    wrong = {}
    if not fields.get("planned_date"):
        wrong["planned_date"] = ["History needs the date that was planned."]
    if past.accepted_on > today:
        wrong["accepted"] = ["This day has not come yet."]
    elif past.accepted_on < past.completed_on:
        wrong["accepted"] = [f"It was completed later, on {past.completed_on:%d %b %Y}."]
    if past.started_on and past.started_on > past.completed_on:
        wrong["started"] = [f"It was completed earlier, on {past.completed_on:%d %b %Y}."]
    if wrong:
        raise Refused("This cannot be taken over as history.", code="invalid", fields=wrong)


def _criteria(milestone: Milestone, statements: Sequence[str]) -> None:
    """What was accepted met its criteria; what showed it is not ours to say."""
    rows = [
        Criterion(milestone=milestone, position=position, statement=statement, is_met=True)
        for position, statement in enumerate(statements, start=1)
    ]
    for row in rows:
        check(row)
    Criterion.objects.bulk_create(rows)
