"""What a moved date does to the milestones that wait for it. Pure: no clock, no database.

A milestone cannot be finished before what it needs is finished, plus the lag, plus the working days that
are left of its own work. Dates move later by themselves and never earlier: pulling in is only offered.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from graphlib import TopologicalSorter
from typing import NamedTuple
from uuid import UUID

from workspaces.working_time import Calendar

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A milestone of the plan. `forecast` is the day it ended where `ended`; None where no day is known."""

    id: UUID
    forecast: date | None
    planned: date | None = None
    planned_start: date | None = None
    started: date | None = None
    ended: bool = False


class Edge(NamedTuple):
    """`milestone` waits for `needs`, and `lag` working days longer."""

    milestone: UUID
    needs: UUID
    lag: int = 0


class Shift(NamedTuple):
    """One forecast that moves. `because_of` is what it waits for; None for the one that was moved itself."""

    milestone_id: UUID
    before: date | None
    to: date
    because_of: UUID | None = None


@dataclass(frozen=True)
class Plan:
    """The milestones of a project and what waits for what, without circles."""

    nodes: Mapping[UUID, Node]
    edges: Iterable[Edge]
    calendar: Calendar
    today: date
    needs: dict[UUID, list[Edge]] = field(init=False, default_factory=dict)
    dependents: dict[UUID, list[UUID]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for edge in self.edges:
            self.needs.setdefault(edge.milestone, []).append(edge)
            self.dependents.setdefault(edge.needs, []).append(edge.milestone)


def cascade(plan: Plan, moved: UUID, to: date) -> list[Shift]:
    """All forecasts that move when one moves to `to`: itself first, then those that wait, in their order."""
    root = Shift(moved, plan.nodes[moved].forecast, to)
    shifts = {moved: root}
    if root.before is None or to > root.before:
        for node in _after(plan, moved):
            if later := _pushed(plan, node, shifts):
                shifts[node.id] = later
    return list(shifts.values())


def could_pull_in(plan: Plan, moved: UUID, to: date) -> list[Shift]:
    """What could come earlier once `moved` comes earlier; nobody moves it without being asked."""
    before = plan.nodes[moved].forecast
    if before is None or to >= before:
        return []
    shifts = {moved: Shift(moved, before, to)}
    for node in _after(plan, moved):
        if earlier := _pulled(plan, node, shifts):
            shifts[node.id] = earlier
    return list(shifts.values())[1:]


def taken_back(plan: Plan, days: Mapping[UUID, date]) -> list[Shift]:
    """What comes back to its day of `days` when moves are undone, each after what it needs itself.

    Nothing comes earlier than what it needs lets it, nor into the past; what can come no earlier stays.
    """
    shifts: dict[UUID, Shift] = {}
    waits = {pk: [edge.needs for edge in plan.needs.get(pk, ())] for pk in plan.nodes}
    for pk in TopologicalSorter(waits).static_order():
        if pk in days and (back := _returned(plan, plan.nodes[pk], days[pk], shifts)):
            shifts[pk] = back
    return list(shifts.values())


def earliest(plan: Plan, pk: UUID) -> Shift | None:
    """The first day on which a milestone can be finished after what it needs, and which of these says so."""
    return _floor(plan, plan.nodes[pk], {})


def waiting_for(plan: Plan, pk: UUID) -> list[UUID]:
    """Every milestone that is still open and waits for this one, near or far, in their order."""
    return [node.id for node in _after(plan, pk) if not node.ended]


def remaining_days(plan: Plan, node: Node) -> int:
    """The working days of the planned span, less those worked since it started; never below none."""
    start, end = _planned_start(plan, node), node.planned
    if start is None or end is None:
        return 0
    span = plan.calendar.working_days_between(start, end + DAY)
    worked = plan.calendar.working_days_between(node.started, plan.today) if node.started else 0
    return max(span - max(worked, 0), 0)


def _planned_start(plan: Plan, node: Node) -> date | None:
    """Where none is given, it was meant to follow the last thing that it needs."""
    if node.planned_start or node.planned is None:
        return node.planned_start
    ends = [
        nth_working_day_after(plan.calendar, planned, edge.lag)
        for edge in plan.needs.get(node.id, ())
        if (planned := plan.nodes[edge.needs].planned)
    ]
    return min(max(ends) + DAY, node.planned + DAY) if ends else None


def nth_working_day_after(calendar: Calendar, day: date, count: int) -> date:
    """The working day on which `count` working days after `day` are over; the day itself for none."""
    return calendar.add_working_days(day + DAY, count - 1) if count else day


def _floor(plan: Plan, node: Node, shifts: Mapping[UUID, Shift]) -> Shift | None:
    own = remaining_days(plan, node)
    floors = []
    for edge in plan.needs.get(node.id, ()):
        shift = shifts.get(edge.needs)
        if ends := shift.to if shift else plan.nodes[edge.needs].forecast:
            day = nth_working_day_after(plan.calendar, ends, edge.lag + own)
            floors.append(Shift(node.id, node.forecast, day, edge.needs))
    return max(floors, key=lambda floor: floor.to, default=None)


def _pushed(plan: Plan, node: Node, shifts: Mapping[UUID, Shift]) -> Shift | None:
    if node.ended or node.forecast is None or not _waits_for(plan, node, shifts):
        return None
    floor = _floor(plan, node, shifts)
    return floor if floor and floor.to > node.forecast else None


def _pulled(plan: Plan, node: Node, shifts: Mapping[UUID, Shift]) -> Shift | None:
    if node.ended or node.forecast is None or not _waits_for(plan, node, shifts):
        return None
    floor, held = _floor(plan, node, shifts), _floor(plan, node, {})
    if floor is None or held is None:
        return None
    # Slack that was there before was meant; only what the predecessor held back, or what slipped, comes back.
    kept = plan.today if held.to >= node.forecast else max(node.planned or plan.today, plan.today)
    day = max(floor.to, kept)
    return floor._replace(to=day) if day < node.forecast else None


def _returned(plan: Plan, node: Node, day: date, shifts: Mapping[UUID, Shift]) -> Shift | None:
    if node.ended or node.forecast is None:
        return None
    floor = _floor(plan, node, shifts)
    to = max(day, plan.today, node.planned_start or day, floor.to if floor else day)
    because_of = next((edge.needs for edge in plan.needs.get(node.id, ()) if edge.needs in shifts), None)
    return Shift(node.id, node.forecast, to, because_of) if to < node.forecast else None


def _waits_for(plan: Plan, node: Node, shifts: Mapping[UUID, Shift]) -> bool:
    return any(edge.needs in shifts for edge in plan.needs.get(node.id, ()))


def _after(plan: Plan, start: UUID) -> Iterator[Node]:
    """Everything that waits for `start`, near or far, each after all that it needs itself."""
    reached = _reached(plan, start)
    open_needs = {pk: sum(edge.needs in reached for edge in plan.needs.get(pk, ())) for pk in reached}
    ready = [start]
    while ready:
        pk = ready.pop(0)
        if pk != start:
            yield plan.nodes[pk]
        for dependent in plan.dependents.get(pk, ()):
            open_needs[dependent] -= 1
            if not open_needs[dependent]:
                ready.append(dependent)


def _reached(plan: Plan, start: UUID) -> set[UUID]:
    reached, to_visit = {start}, [start]
    while to_visit:
        for dependent in plan.dependents.get(to_visit.pop(), ()):
            if dependent not in reached:
                reached.add(dependent)
                to_visit.append(dependent)
    return reached
