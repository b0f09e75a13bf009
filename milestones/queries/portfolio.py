"""A project's portfolio: planned and earned value, pace, and where its forecasts have been."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from milestones import earned
from milestones.earned import Part, Point, Value
from milestones.models import DateMove, Milestone, Project
from milestones.pace import Pace, pace
from milestones.queries import dates, pages
from milestones.slips import Slip, tally
from milestones.words import Attribution, DateKind


@dataclass(frozen=True)
class Portfolio:
    """Everything is computed from the plan and the date moves as they were loaded."""

    start: date
    today: date
    plan: Sequence[Milestone]
    moves: Sequence[DateMove]
    zone: ZoneInfo

    @cached_property
    def parts(self) -> list[Part]:
        return [
            Part(
                weight=float(milestone.weight),
                planned=milestone.planned_date,
                forecast=milestone.forecast_date,
                accepted=self.day(milestone.accepted_at),
                is_open=milestone.closed_at is None,
            )
            for milestone in self.plan
        ]

    @cached_property
    def value(self) -> Value:
        return earned.value(self.parts, start=self.start, today=self.today)

    @cached_property
    def planned_curve(self) -> list[Point]:
        return [(self.start, 0.0), *earned.planned_curve(self.parts)]

    @cached_property
    def earned_curve(self) -> list[Point]:
        return [(self.start, 0.0), *earned.earned_curve(self.parts), (self.today, self.value.earned)]

    @cached_property
    def forecast_curve(self) -> list[Point]:
        return earned.forecast_curve(self.parts, today=self.today)

    @cached_property
    def pace(self) -> Pace:
        days = [milestone.planned_date for milestone in self.plan if milestone.planned_date]
        return pace(days, start=self.start)

    @cached_property
    def shares(self) -> dict[UUID, float]:
        """Each milestone's share of the scope, 0 to 1."""
        total = sum(part.weight for part in self.parts)
        return {milestone.pk: float(milestone.weight) / total for milestone in self.plan}

    @cached_property
    def slips(self) -> dict[Attribution, Slip]:
        """The days that forecasts were moved. What was only dragged along is not counted again."""
        return tally(
            (Attribution(move.attributed_to), move.days)
            for move in self.moves
            if move.kind == DateKind.FORECAST and move.root_id is None and move.days is not None
        )

    @cached_property
    def past(self) -> dict[UUID, list[DateMove]]:
        """Where each milestone's forecast has been, oldest first."""
        found: dict[UUID, list[DateMove]] = {}
        for move in reversed(self.moves):
            if move.kind == DateKind.FORECAST and move.from_date:
                found.setdefault(move.milestone_id, []).append(move)
        return found

    def day(self, at: datetime | None) -> date | None:
        return at.astimezone(self.zone).date() if at else None


def portfolio_of(
    project: Project, plan: Iterable[Milestone], moves: Iterable[DateMove], *, zone: ZoneInfo, now: datetime
) -> Portfolio:
    """The portfolio from rows that are loaded already; `moves` newest first."""
    return Portfolio(
        start=project.kickoff_completed_at.astimezone(zone).date(),
        today=now.astimezone(zone).date(),
        plan=list(plan),
        moves=list(moves),
        zone=zone,
    )


def portfolio(project: Project, *, now: datetime) -> Portfolio:
    """Three statements, however many milestones there are."""
    zone = ZoneInfo(project.workspace.time_zone)
    moves = dates.moves_of_project(project.pk)
    return portfolio_of(project, pages.plan(project.pk), moves, zone=zone, now=now)
