"""What a weekly review finds: milestones at risk, what they wait for, and where the project is heading."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from escalation.models import Blocker
from milestones.models import DateMove, DecisionRequest, Milestone, Miss, ProgressUpdate, Project
from milestones.queries.decisions import pending_of_project
from milestones.queries.labels import label_of
from milestones.queries.portfolio import Portfolio, portfolio
from milestones.schedule import Label
from milestones.weekly import (
    LOOKED_BACK,
    WEEK,
    Line,
    Moved,
    Pattern,
    Trajectory,
    monday_of,
    pattern_of,
    status_update,
)
from milestones.words import DateKind, Stage

AT_RISK = (Label.AT_RISK, Label.DELAYED, Label.BLOCKED)
AHEAD = 3  # milestones that the client reads of as next


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """A milestone at risk: why, and whether it is the first time. `cause` and `action` begin the answer."""

    milestone: Milestone
    word: str
    why: str
    moves: Sequence[DateMove]
    cause: str
    pattern: Pattern
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Something that somebody else owes: what, who, since or until when; `is_late` asks for escalation."""

    subject_id: UUID
    what: str
    who: str
    day: date
    is_late: bool
    escalation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Everything that the three questions are pre-filled from."""

    monday: date
    risks: list[Risk]
    unresolved: list[Unresolved]
    trajectory: Trajectory
    done: list[Line]
    ahead: list[Milestone]
    asks: list[str]


def week_of(project: Project, *, now: datetime) -> Week:
    """What is known of a project's week. Ten statements, however many milestones there are."""
    found = portfolio(project, now=now)
    monday = monday_of(found.today)
    still = [milestone for milestone in found.plan if not milestone.accepted_at and not milestone.closed_at]
    requests = list(pending_of_project(project.pk))
    blockers = list(_blockers(project.pk))
    return Week(
        monday=monday,
        risks=list(_risks(still, found, monday, now=now)),
        unresolved=[
            *(_of_blocker(row, found.zone, now=now) for row in blockers),
            *(_of_request(row, found.zone, now=now) for row in requests),
            *_overdue(still, found.today),
        ],
        trajectory=_trajectory(found, still, monday),
        done=[
            Line(name=str(m), day=day)
            for m in found.plan
            if (day := found.day(m.accepted_at)) and day >= monday - WEEK
        ],
        ahead=sorted(still, key=lambda m: (m.forecast_date or date.max, m.code))[:AHEAD],
        asks=[
            *(f"{row.question} (by {_day(found.day(row.decide_by))})" for row in requests),
            *(f"{row.title} ({row.milestone.name})" for row in blockers if row.response_contact),
        ],
    )


def letter(week: Week, answers: Mapping[str, Any]) -> str:
    """The client's status update from what was found and what was answered."""
    said = {row.get("milestone_id"): row for row in answers.get("risks", [])}
    return status_update(
        done=week.done,
        ahead=[Line(name=str(m), day=m.forecast_date) for m in week.ahead],
        at_risk=[_line(risk.milestone, said.get(str(risk.milestone.pk), {})) for risk in week.risks],
        asks=week.asks,
    )


def _line(milestone: Milestone, said: Mapping[str, str]) -> Line:
    return Line(
        name=str(milestone),
        day=milestone.forecast_date,
        planned=milestone.planned_date,
        cause=said.get("cause", ""),
        action=said.get("action", ""),
    )


def _risks(still: list[Milestone], found: Portfolio, monday: date, *, now: datetime) -> Iterator[Risk]:
    later = [move for move in found.moves if _is_slip(move)]
    recent = [_moved(move, found) for move in later if found.day(move.at) >= found.today - LOOKED_BACK]  # type: ignore[operator]
    plans = _recovery_plans(still)
    for milestone in still:
        told = label_of(milestone, zone=found.zone, now=now)
        mine = [move for move in later if move.milestone_id == milestone.pk]
        moves = [move for move in mine if (day := found.day(move.at)) and day >= monday]
        if told.word in AT_RISK or moves:
            yield Risk(
                milestone=milestone,
                word=str(told.word.label) if told.word else "",
                why=told.reason,
                moves=moves,
                cause=" ".join(move.reason for move in moves) or told.reason,
                pattern=pattern_of([_moved(move, found) for move in moves or mine[:1]], among=recent),
                action=plans.get(milestone.pk, ""),
            )


def _is_slip(move: DateMove) -> bool:
    return move.kind == DateKind.FORECAST and (move.days or 0) > 0 and move.root_id is None


def _moved(move: DateMove, found: Portfolio) -> Moved:
    return Moved(found.day(move.at) or found.today, move.milestone.kind, move.attributed_to)


def _recovery_plans(still: Collection[Milestone]) -> dict[UUID, str]:
    misses = Miss.objects.filter(milestone__in=[m.pk for m in still], closed_at=None).exclude(plan="")
    return dict(misses.values_list("milestone_id", "plan"))


def _blockers(project_id: UUID) -> Any:
    return (
        Blocker.objects.filter(milestone__project=project_id, resolved_at=None)
        .exclude(milestone__stage=Stage.CLOSED)
        .select_related("response_contact", "response_member__user", "milestone")
        .order_by("opened_at", "id")
    )


def _of_blocker(blocker: Blocker, zone: ZoneInfo, *, now: datetime) -> Unresolved:
    person = blocker.response_contact or (blocker.response_member and blocker.response_member.user)
    is_late = blocker.responded_at is None and blocker.response_due_at < now
    return Unresolved(
        subject_id=blocker.pk,
        what=f"Blocker #{blocker.number} of {blocker.milestone.code}: {blocker.title}",
        who=str(person or "nobody yet"),
        day=blocker.opened_at.astimezone(zone).date(),
        is_late=is_late,
        escalation=f"Call {person}: the answer is overdue." if is_late and person else "",
    )


def _of_request(request: DecisionRequest, zone: ZoneInfo, *, now: datetime) -> Unresolved:
    is_late = request.decide_by < now
    return Unresolved(
        subject_id=request.pk,
        what=f"Decision on {request.milestone.code}: {request.question}",
        who=str(request.approver),
        day=request.decide_by.astimezone(zone).date(),
        is_late=is_late,
        escalation=f"Call {request.approver}: the decide-by date has passed." if is_late else "",
    )


def _overdue(still: list[Milestone], today: date) -> Iterator[Unresolved]:
    """What milestones wait for although its day has passed."""
    for milestone in still:
        for edge in milestone.predecessors.all():
            needed = edge.needs
            if needed.completed_at is None and needed.forecast_date and needed.forecast_date < today:
                yield Unresolved(
                    subject_id=edge.pk,
                    what=f"{milestone.code} waits for {needed}",
                    who="the plan",
                    day=needed.forecast_date,
                    is_late=True,
                    escalation="",
                )


def _trajectory(found: Portfolio, still: list[Milestone], monday: date) -> Trajectory:
    slips = [(found.day(move.at) or found.today, move.days or 0) for move in found.moves if _is_slip(move)]
    risks = [m.delivery_risk_score for m in still if m.delivery_risk_score is not None]
    return Trajectory(
        value=found.value,
        slipped=sum(days for day, days in slips if day >= monday),
        slipped_before=sum(days for day, days in slips if monday - WEEK <= day < monday),
        confidence=_confidence(still),
        worst_risk=max(risks, default=None),
    )


def _confidence(still: list[Milestone]) -> float | None:
    """The mean of what was last said of each open milestone."""
    said = ProgressUpdate.objects.filter(
        milestone__in=[m.pk for m in still], confidence__isnull=False
    ).order_by("milestone", "-at", "-id")
    found = said.distinct("milestone").values_list("confidence", flat=True)
    values = [confidence for confidence in found if confidence is not None]
    return sum(values) / len(values) if values else None


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B}" if day else "no date"
