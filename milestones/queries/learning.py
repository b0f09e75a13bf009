"""What finished milestones say about the estimates: planned against actual, slips, lessons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet, Sum

from milestones.layout import span_of
from milestones.learning import Lesson, lessons
from milestones.models import DateMove, Milestone
from milestones.slips import Slip
from milestones.words import Attribution, DateKind, Kind, Stage
from tenancy.models import Workspace
from workspaces.queries import calendar_of

LATEST = 500  # finished milestones that are looked back upon


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A milestone that was completed. Days are working days, both ends included; `kept` says in time."""

    milestone_id: UUID
    code: str
    name: str
    kind: str
    project_id: UUID
    project_name: str
    account_name: str
    is_closed: bool
    planned_date: date
    actual_date: date
    planned_days: int
    actual_days: int

    @property
    def days_over(self) -> int:
        return self.actual_days - self.planned_days

    @property
    def slipped_days(self) -> int:
        """Calendar days between the planned and the actual date; negative when it came early."""
        return (self.actual_date - self.planned_date).days

    @property
    def kind_name(self) -> str:
        return str(Kind(self.kind).label)


@dataclass(frozen=True, slots=True)
class SlipsOfKind:
    """How many days the forecasts of one kind moved later, by whose they were."""

    kind: str
    by: dict[Attribution, Slip]

    @property
    def kind_name(self) -> str:
        return str(Kind(self.kind).label)

    @property
    def later(self) -> int:
        return sum(slip.later for slip in self.by.values())


def finished(workspace: Workspace) -> list[Finished]:
    """The latest completed milestones, newest first: closed ones, and those accepted or under review."""
    calendar, zone = calendar_of(workspace), ZoneInfo(workspace.time_zone)

    def row(milestone: Milestone) -> Finished:
        begun, completed = milestone.execution_started_at, milestone.completed_at
        actual = completed.astimezone(zone).date()  # type: ignore[union-attr]
        planned = span_of(milestone.planned_start, milestone.planned_date)
        started = begun.astimezone(zone).date() if begun else planned.start
        return Finished(
            milestone_id=milestone.pk,
            code=milestone.code,
            name=milestone.name,
            kind=milestone.kind,
            project_id=milestone.project_id,
            project_name=milestone.project.name,
            account_name=milestone.project.account.name,
            is_closed=milestone.stage == Stage.CLOSED,
            planned_date=planned.end,
            actual_date=actual,
            planned_days=calendar.working_days_in(planned.start, planned.end),
            actual_days=calendar.working_days_in(started, actual),
        )

    return [row(milestone) for milestone in _completed()[:LATEST]]


def _completed() -> QuerySet[Milestone]:
    return (
        Milestone.objects.filter(completed_at__isnull=False)
        .exclude(planned_start=None)
        .exclude(planned_date=None)
        .select_related("project__account")
        .order_by("-completed_at", "-id")
    )


def learned(workspace: Workspace) -> list[Lesson]:
    """Planned against actual working days of the latest closed milestones, by kind."""
    return lessons_of(finished(workspace))


def lessons_of(rows: Iterable[Finished]) -> list[Lesson]:
    """What the closed ones teach; what is still under review may yet come back."""
    return lessons((row.kind, row.planned_days, row.actual_days) for row in rows if row.is_closed)


def slips_by_kind() -> list[SlipsOfKind]:
    """The days that forecasts moved, by kind and by whose they were; dragged ones left out."""
    later, earlier = Sum("days", filter=Q(days__gt=0)), Sum("days", filter=Q(days__lt=0))
    rows = (
        DateMove.objects.filter(kind=DateKind.FORECAST, root=None, days__isnull=False)
        .values("attributed_to", of_kind=F("milestone__kind"))
        .annotate(later=later, earlier=earlier)
        .order_by("of_kind")
    )
    found: dict[str, dict[Attribution, Slip]] = {}
    for row in rows:
        by = found.setdefault(row["of_kind"], dict.fromkeys(Attribution, Slip()))
        by[Attribution(row["attributed_to"])] = Slip(row["later"] or 0, -(row["earlier"] or 0))
    return [SlipsOfKind(kind, by) for kind, by in found.items()]
