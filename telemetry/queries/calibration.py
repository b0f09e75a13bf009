"""Reads of probabilities that came out: what was said of milestones that are done, inside the door."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from milestones.models import Milestone
from milestones.words import Kind, Stage
from telemetry.forecast import calibration
from telemetry.models.outlooks import Basis, ProbabilityPoint
from tenancy.models import Workspace

LATEST = 500  # finished milestones that are looked back upon
DAYS_BEHIND = timedelta(days=180)  # before the end of each; with LATEST a bound on the days that are read

FINISHED = Q(stage=Stage.CLOSED) | Q(completed_at__isnull=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One day's probability of a milestone that has come out, with the names that a table shows."""

    code: str
    name: str
    kind: str
    project_name: str
    day: date
    completed_on: date | None
    case: calibration.Case

    @property
    def kind_name(self) -> str:
        return str(Kind(self.kind).label)


def said(workspace: Workspace) -> list[Said]:
    """What was said of the latest finished milestones while it could still come either way, oldest first.

    On the day of completion nothing is foretold any more.
    """
    return [_said(row) for row in _points(workspace)]


def _points(workspace: Workspace) -> QuerySet[Any]:
    zone = ZoneInfo(workspace.time_zone)
    completed = TruncDate("milestone__completed_at", tzinfo=zone)
    ended = TruncDate(Coalesce("milestone__completed_at", "milestone__closed_at"), tzinfo=zone)
    latest = Milestone.objects.filter(FINISHED).order_by(Coalesce("completed_at", "closed_at").desc(), "-id")
    found: QuerySet[Any] = (
        ProbabilityPoint.objects.filter(milestone__in=latest.values("pk")[:LATEST])
        .annotate(completed_on=completed, ended_on=ended)
        .filter(day__lt=F("ended_on"), day__gt=F("ended_on") - DAYS_BEHIND)
        .order_by("milestone_id", "day")
        .values(
            *("milestone_id", "day", "percent", "basis", "planned_date", "completed_on"),
            code=F("milestone__code"),
            name=F("milestone__name"),
            kind=F("milestone__kind"),
            project_name=F("milestone__project__name"),
        )
    )
    return found


def _said(row: dict[str, Any]) -> Said:
    completed_on, planned = row["completed_on"], row["planned_date"]
    return Said(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        project_name=row["project_name"],
        day=row["day"],
        completed_on=completed_on,
        case=calibration.Case(
            milestone_id=row["milestone_id"],
            planned_date=planned,
            days_ahead=(planned - row["day"]).days,
            percent=row["percent"],
            basis=row["basis"],
            on_time=completed_on is not None and completed_on <= planned,
        ),
    )


def told_of(workspace: Workspace) -> calibration.Told:
    return calibration.told([each.case for each in said(workspace)], bases=Basis.values)
