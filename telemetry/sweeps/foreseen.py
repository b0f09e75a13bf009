"""What on-time probabilities rest on, read for many milestones at once.

What all milestones of a workspace share is read once for it: its working days, how its closed milestones kept
their plans, how long its blockers stayed.
"""

# ruff: noqa: S608 - the text is ours, every value is a parameter

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from milestones.measures import Measure, share_of
from milestones.words import Kind, Stage
from telemetry.forecast.assumptions import MOST_CLOSED, MOST_OWN_DAYS, MOST_RESOLUTIONS, effort_behind
from telemetry.forecast.evidence import Evidence, OpenBlocker, Progress
from telemetry.forecast.series import by_working_day, gains
from telemetry.sweeps.evidence import by_ids, named
from tenancy.sweep import rows

DAYS_BEHIND, DAYS_AHEAD = 200, 400  # of the calendar, around today
AT_WORK = (Stage.EXECUTION, Stage.QA)


def _working_days_before(day: str) -> str:
    return f"(SELECT d.ordinal FROM workspaces_workday d WHERE d.workspace_id = w.id AND d.day = {day})"


def span(start: str, end: str) -> str:
    """Working days, both ends included, at least one. Beyond the calendar's lay-out all days count."""
    worked = f"{_working_days_before(f'({end} + 1)')} - {_working_days_before(start)}"
    return f"GREATEST(1, COALESCE({worked}, {end} - {start} + 1))"


TODAY = "CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE w.time_zone)::date AS today) t"
STARTED_ON = "(m.execution_started_at AT TIME ZONE w.time_zone)::date"
COMPLETED_ON = "(m.completed_at AT TIME ZONE w.time_zone)::date"

MILESTONES = f"""
SELECT m.workspace_id, m.id, m.stage, m.paused_at IS NOT NULL, m.kind, t.today,
       ((t.today + 1)::timestamp AT TIME ZONE w.time_zone), m.planned_date, {COMPLETED_ON},
       {STARTED_ON} - t.today, {span(f"COALESCE(m.planned_start, {STARTED_ON})", "m.planned_date")},
       p.work_total, p.work_open, m.reported_percent, m.measured,
       m.measure_name, m.measure_baseline, m.measure_target,
       done.days, done.amounts, said.days, said.percents, said.figures, b.numbers, b.ages
FROM milestones_milestone m
JOIN milestones_pulse p ON p.workspace_id = m.workspace_id AND p.milestone_id = m.id
JOIN tenancy_workspace w ON w.id = m.workspace_id
{TODAY}
LEFT JOIN LATERAL (
    SELECT array_agg(y.day - t.today) AS days, array_agg(y.done) AS amounts FROM milestones_daytally y
    WHERE y.workspace_id = m.workspace_id AND y.milestone_id = m.id AND y.done > 0
      AND y.day > t.today - {DAYS_BEHIND} AND m.stage IN ('execution', 'qa')
) done ON true
LEFT JOIN LATERAL (
    SELECT array_agg((u.at AT TIME ZONE w.time_zone)::date - t.today ORDER BY u.at, u.id) AS days,
           array_agg(u.percent ORDER BY u.at, u.id) AS percents,
           array_agg(u.measured ORDER BY u.at, u.id) AS figures
    FROM milestones_progressupdate u
    WHERE u.workspace_id = m.workspace_id AND u.milestone_id = m.id AND u.at >= m.execution_started_at
      AND (p.work_total = 0 OR m.kind = 'model') AND m.stage IN ('execution', 'qa')
) said ON true
LEFT JOIN LATERAL (
    SELECT array_agg(x.number) AS numbers,
           array_agg(EXTRACT(EPOCH FROM %(now)s - x.opened_at)::float8 / 86400) AS ages
    FROM escalation_blocker x
    WHERE x.workspace_id = m.workspace_id AND x.milestone_id = m.id
      AND x.resolved_at IS NULL AND x.stops_path AND m.stopped_since IS NOT NULL
) b ON true
WHERE {by_ids("m.workspace_id", "m.id")}
"""

WORKDAYS = f"""
SELECT w.id, array_agg(d.day - t.today ORDER BY d.day)
FROM tenancy_workspace w {TODAY}
JOIN workspaces_workday d ON d.workspace_id = w.id AND d.is_working
    AND d.day BETWEEN t.today - {DAYS_BEHIND} AND t.today + {DAYS_AHEAD}
WHERE w.id = ANY(%(workspaces)s)
GROUP BY w.id
"""

CLOSED = f"""
WITH closed AS (
    SELECT m.*, count(*) OVER (PARTITION BY m.workspace_id, m.kind) AS n,
           row_number() OVER (PARTITION BY m.workspace_id, m.kind
                              ORDER BY m.completed_at DESC NULLS LAST, m.id DESC) AS place
    FROM milestones_milestone m
    WHERE m.workspace_id = ANY(%(workspaces)s) AND m.stage = 'closed' AND m.closed_at <= %(now)s
)
SELECT m.workspace_id, m.kind, max(m.n),
       COALESCE(array_agg({span(f"COALESCE({STARTED_ON}, m.planned_start)", COMPLETED_ON)}::float8
                / {span("m.planned_start", "m.planned_date")} ORDER BY m.place)
           FILTER (WHERE m.completed_at IS NOT NULL AND m.planned_start IS NOT NULL
                   AND m.planned_date IS NOT NULL), '{{}}')
FROM closed m JOIN tenancy_workspace w ON w.id = m.workspace_id
WHERE m.place <= {MOST_CLOSED}
GROUP BY m.workspace_id, m.kind
"""

RESOLUTIONS = f"""
SELECT w.id, lasted.days FROM tenancy_workspace w
CROSS JOIN LATERAL (
    SELECT array_agg(latest.days) AS days FROM (
        SELECT EXTRACT(EPOCH FROM b.resolved_at - b.opened_at)::float8 / 86400 AS days
        FROM escalation_blocker b WHERE b.workspace_id = w.id AND b.resolved_at <= %(now)s
        ORDER BY b.opened_at DESC, b.id DESC LIMIT {MOST_RESOLUTIONS}
    ) latest
) lasted
WHERE w.id = ANY(%(workspaces)s) AND lasted.days IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Home:
    """What the milestones of a workspace share. Its working days are counted from today."""

    workdays: Sequence[int]
    closed: Mapping[str, tuple[int, tuple[float, ...]]]
    resolutions: tuple[float, ...]

    def workdays_between(self, first: int, last: int) -> tuple[int, ...]:
        """Both included."""
        low, high = bisect_left(self.workdays, first), bisect_right(self.workdays, last)
        return tuple(self.workdays[low:high])


@dataclass(frozen=True, slots=True)
class Found:
    """A milestone as it was found: `started` and days of the series are counted from today."""

    workspace_id: UUID
    milestone_id: UUID
    stage: str
    is_paused: bool
    kind: str
    today: date
    tomorrow_at: datetime
    planned_date: date | None
    completed_on: date | None
    started: int | None
    planned_days: int
    work_total: int
    work_open: int
    reported_percent: int | None
    measured: Decimal | None
    measure_name: str
    measure_baseline: Decimal | None
    measure_target: Decimal | None
    done_on: list[int] | None
    done: list[int] | None
    said_on: list[int] | None
    percents: list[int | None] | None
    figures: list[Decimal | None] | None
    blocker_numbers: list[int] | None
    blocker_ages: list[float] | None

    @property
    def is_at_work(self) -> bool:
        return self.stage in AT_WORK and not self.is_paused

    @property
    def measure(self) -> Measure:
        return Measure(self.measure_name, self.measure_baseline, self.measure_target)


@dataclass(frozen=True, slots=True)
class Work:
    """How much there is, how much of it is left, and what was done on which day."""

    progress: Progress
    total: float
    left: float
    done: tuple[tuple[int, float], ...] = ()


def find(milestones: Sequence[tuple[UUID, UUID]], *, now: datetime) -> list[Found]:
    """Milestones as they are now, each named as (workspace, milestone)."""
    return [Found(*row) for row in rows(MILESTONES, named(milestones, now=now))]


def homes(workspaces: Collection[UUID], *, now: datetime) -> dict[UUID, Home]:
    """What was closed or resolved by `now`, which may lie in the past."""
    values = {"workspaces": list(workspaces), "now": now}
    workdays: dict[UUID, list[int]] = dict(rows(WORKDAYS, values))
    resolutions: dict[UUID, list[float]] = dict(rows(RESOLUTIONS, values))
    closed: dict[UUID, dict[str, tuple[int, tuple[float, ...]]]] = {pk: {} for pk in workspaces}
    for workspace_id, kind, n, ratios in rows(CLOSED, values):
        closed[workspace_id][kind] = (n, tuple(ratios))
    return {pk: Home(workdays.get(pk, []), closed[pk], tuple(resolutions.get(pk, ()))) for pk in workspaces}


def evidence_of(found: Found, home: Home) -> Evidence:
    """What the probability of a milestone at work is made from."""
    days_left, started = _days_left(found), found.started or 0
    work = _work(found)
    lived = home.workdays_between(started + 1, -1)[-MOST_OWN_DAYS:]
    closed, ratios = home.closed.get(found.kind, (0, ()))
    return Evidence(
        kind=found.kind,
        progress=work.progress,
        total=work.total,
        left=work.left,
        planned_days=found.planned_days,
        workdays=home.workdays_between(0, days_left),
        is_past=days_left < 0,
        own_days=() if work.progress == Progress.UNKNOWN else by_working_day(work.done, lived),
        ratios=ratios,
        closed_of_kind=closed,
        blockers=tuple(map(OpenBlocker, found.blocker_numbers or (), found.blocker_ages or ())),
        resolutions=home.resolutions,
    )


def _days_left(found: Found) -> int:
    if found.planned_date is None:
        raise ValueError("Only a milestone with a planned date can be in time.")
    return (found.planned_date - found.today).days


def _work(found: Found) -> Work:
    """A model is as far as its figure is; anything else as its items are, or as was reported."""
    if found.kind == Kind.MODEL and found.measure.is_complete:
        return _by_measure(found)
    if found.work_total:
        done = zip(found.done_on or (), map(float, found.done or ()), strict=True)
        return Work(Progress.ITEMS, found.work_total, found.work_open, tuple(done))
    if found.kind != Kind.MODEL and found.reported_percent is not None:
        return _by_reports(found, found.reported_percent)
    return Work(Progress.UNKNOWN, 1, 1)


def _by_measure(found: Found) -> Work:
    if found.measured is None:
        return Work(Progress.UNKNOWN, 1, 1)
    levels = _levels(found.said_on, [_effort(found, figure) for figure in found.figures or ()])
    return Work(Progress.MEASURE, 1, 1 - (_effort(found, found.measured) or 0), tuple(gains(levels)))


def _effort(found: Found, figure: Decimal | None) -> float | None:
    return None if figure is None else effort_behind(float(share_of(figure, found.measure)))


def _by_reports(found: Found, reported: int) -> Work:
    levels = _levels(found.said_on, found.percents or ())
    return Work(Progress.REPORTS, 100, 100 - reported, tuple(gains(levels)))


def _levels(days: Iterable[int] | None, levels: Iterable[float | None]) -> list[tuple[int, float]]:
    told = zip(days or (), levels, strict=True)
    return [(day, float(level)) for day, level in told if level is not None]
