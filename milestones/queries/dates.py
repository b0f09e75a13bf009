"""Reads about dates: the plan as the cascade needs it, where dates have been, what waits to be confirmed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from milestones import cascade
from milestones.cascade import Edge, Node, Plan, Shift
from milestones.models import DateMove, Dependency, Milestone, Miss
from milestones.schedule import CONFIRMED_EVERY, CONFIRMED_TWICE_A_WEEK
from milestones.slips import Slip, tally
from milestones.words import Attribution, DateKind, Stage
from tenancy.door import current_workspace_id
from tenancy.models import Workspace
from workspaces.queries import calendar_of

OF_A_NODE = (
    *("id", "stage", "planned_start", "planned_date", "forecast_date"),
    *("execution_started_at", "completed_at", "closed_at"),
)
UNDER_WAY = (Stage.EXECUTION, Stage.QA)
SAID_AT = Coalesce("forecast_confirmed_at", "execution_started_at")


@dataclass(frozen=True, slots=True)
class Step:
    """One shift with the milestone it is about, and what it waits for."""

    milestone: Milestone
    before: date | None
    to: date
    because_of: Milestone | None

    @property
    def days(self) -> int:
        return (self.to - self.before).days if self.before else 0

    def kept(self) -> dict[str, str | None]:
        """The step as a notice keeps it."""
        return {
            "milestone_id": str(self.milestone.pk),
            "code": self.milestone.code,
            "from": self.before.isoformat() if self.before else None,
            "to": self.to.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a move would do. `offers` could come earlier, but move only when somebody moves them."""

    steps: list[Step]
    offers: list[Step]
    is_working_day: bool


def plan_of(project_id: UUID, *, now: datetime) -> Plan:
    """A project's milestones and what waits for what: two statements, however many there are."""
    workspace = Workspace.objects.get(pk=current_workspace_id())
    zone = ZoneInfo(workspace.time_zone)
    rows = Milestone.objects.filter(project=project_id).only(*OF_A_NODE)
    edges = Dependency.objects.filter(milestone__project=project_id)
    return Plan(
        nodes={row.pk: _node(row, zone) for row in rows},
        edges=[Edge(*edge) for edge in edges.values_list("milestone_id", "needs_id", "lag_days")],
        calendar=calendar_of(workspace),
        today=now.astimezone(zone).date(),
    )


def _node(row: Milestone, zone: ZoneInfo) -> Node:
    ended = row.completed_at or row.closed_at
    return Node(
        id=row.pk,
        forecast=ended.astimezone(zone).date() if ended else row.forecast_date,
        planned=row.planned_date,
        planned_start=row.planned_start,
        started=row.execution_started_at.astimezone(zone).date() if row.execution_started_at else None,
        ended=ended is not None,
    )


def foreseen(plan: Plan, milestone_id: UUID, to: date) -> Foreseen:
    """What would move, and what could come earlier, by name."""
    shifts = cascade.cascade(plan, milestone_id, to)
    offers = cascade.could_pull_in(plan, milestone_id, to)
    named = _named([*shifts, *offers])
    step = partial(_step, named)
    return Foreseen(list(map(step, shifts)), list(map(step, offers)), plan.calendar.is_working_day(to))


def taken_back(plan: Plan, moves: Iterable[DateMove]) -> list[Step]:
    """What comes back, by name, when forecasts' moves are undone."""
    by_milestone: dict[UUID, list[DateMove]] = {}
    for move in moves:
        by_milestone.setdefault(move.milestone_id, []).append(move)
    days = {pk: day for pk, mine in by_milestone.items() if (day := _day_before(plan, mine))}
    shifts = cascade.taken_back(plan, days)
    named = _named(shifts)
    return [_step(named, shift) for shift in shifts]


def _day_before(plan: Plan, moves: Sequence[DateMove]) -> date | None:
    """Where a forecast was before its moves, of one moment and one after the other.

    Where it was moved again since, their days are taken out of the forecast that stands; what was only
    dragged along stays then, as somebody meant it to be where it is.
    """
    left, reached = {move.from_date for move in moves}, {move.to_date for move in moves}
    before = next((move.from_date for move in moves if move.from_date not in reached), None)
    forecast = plan.nodes[moves[0].milestone_id].forecast
    if forecast is None or before is None or forecast in reached - left:
        return before
    own = sum(move.days or 0 for move in moves if move.root_id is None)
    return plan.calendar.add_working_days(forecast - timedelta(days=own), 0) if own else None


def pull_in_offer(plan: Plan, milestone_id: UUID) -> date | None:
    """The day to which a slipped forecast could come back, as far as what it needs allows."""
    node, floor = plan.nodes[milestone_id], cascade.earliest(plan, milestone_id)
    if floor is None or node.ended or node.forecast is None or node.planned is None:
        return None
    day = max(floor.to, node.planned, plan.today)
    return day if day < node.forecast else None


def later_milestones(plan: Plan, milestone_id: UUID, to: date) -> list[Step]:
    """Everything that waits for a milestone, with the day it comes to if that one is done on `to`."""
    shifts = {shift.milestone_id: shift for shift in cascade.cascade(plan, milestone_id, to)[1:]}
    waiting = cascade.waiting_for(plan, milestone_id)
    named = _named([Shift(pk, None, to) for pk in waiting] + list(shifts.values()))
    stays = {pk: Shift(pk, day, day) for pk in waiting if (day := plan.nodes[pk].forecast)}
    return [_step(named, shift) for pk in waiting if (shift := shifts.get(pk) or stays.get(pk))]


def _named(shifts: Iterable[Shift]) -> Mapping[UUID, Milestone]:
    wanted = {pk for shift in shifts for pk in (shift.milestone_id, shift.because_of) if pk}
    return Milestone.objects.in_bulk(wanted)


def _step(named: Mapping[UUID, Milestone], shift: Shift) -> Step:
    because_of = named[shift.because_of] if shift.because_of else None
    return Step(named[shift.milestone_id], shift.before, shift.to, because_of)


def moves_of(milestone_id: UUID) -> QuerySet[DateMove]:
    """Where a milestone's dates have been, newest first."""
    rows = DateMove.objects.filter(milestone=milestone_id).select_related("milestone", "root__milestone")
    return rows.order_by("-at", "-id")


def moves_of_project(project_id: UUID) -> QuerySet[DateMove]:
    """The slip log of a project, newest first."""
    rows = DateMove.objects.filter(milestone__project=project_id).select_related(
        "milestone", "root__milestone"
    )
    return rows.order_by("-at", "-id")


def slips_of(milestone_id: UUID) -> dict[Attribution, Slip]:
    """The days that a milestone's forecast moved, by whose they were."""
    return _tally(DateMove.objects.filter(milestone=milestone_id))


def slips_of_project(project_id: UUID) -> dict[Attribution, Slip]:
    """The days that a project's forecasts were moved. What was only dragged along is not counted again."""
    return _tally(DateMove.objects.filter(milestone__project=project_id, root=None))


def _tally(moves: QuerySet[DateMove]) -> dict[Attribution, Slip]:
    rows = moves.filter(kind=DateKind.FORECAST, days__isnull=False).values_list("attributed_to", "days")
    return tally((Attribution(whose), days) for whose, days in rows)


def confirmed_before(now: datetime) -> dict[str, datetime]:
    """What was confirmed before this waits to be confirmed again: weekly, or twice a week."""
    return {"weekly": now - CONFIRMED_EVERY, "twice": now - CONFIRMED_TWICE_A_WEEK}


def is_unconfirmed(*, weekly: datetime, twice: datetime) -> Q:
    """Whether work is under way whose forecast nobody has confirmed in time; `said_at` is `SAID_AT`."""
    is_old = Q(is_aggressive=True, said_at__lt=twice) | Q(said_at__lt=weekly)
    return Q(is_old, stage__in=UNDER_WAY, paused_at=None)


def misses() -> QuerySet[Miss]:
    return Miss.objects.all()


def misses_of(milestone_id: UUID) -> QuerySet[Miss]:
    return Miss.objects.filter(milestone=milestone_id).order_by("-opened_at", "-id")


def misses_to_acknowledge() -> QuerySet[Miss]:
    """Missed dates that still wait for their explanation, oldest first."""
    return Miss.objects.filter(closed_at=None, acknowledged_at=None).order_by("opened_at", "id")
