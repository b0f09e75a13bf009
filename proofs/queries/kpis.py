"""Reads of the KPIs, set-based: at most one statement for each. Call them inside the workspace's door."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Avg, Count, Q, Sum

from milestones.models import Milestone
from milestones.queries.labels import recent_early_warnings
from milestones.words import Stage
from proofs.confidence import score
from proofs.expansion import conversation_rate
from proofs.kpis import (
    LATELY,
    Figure,
    Further,
    KpiTold,
    Point,
    figure,
    further,
    share,
    told,
)
from proofs.models import Confidence, KpiPoint, ProofPacket
from proofs.queries.opportunities import delivered_proofs
from proofs.words import Kpi, PacketState
from telemetry.sweeps.evidence import HOURS_PASSED
from tenancy.door import current_workspace_id
from tenancy.models import Workspace

AT_WORK = (Stage.EXECUTION, Stage.QA)


def _worked(at: str) -> str:
    """Working hours before a moment. What opened before the calendar's lay-out counts from its beginning."""
    return f"COALESCE({HOURS_PASSED.format(at=at, workspace='b.workspace_id')}, 0)"


# Both clocks of both times; what was not resolved, or not answered, lately is left out of its mean.
BLOCKERS = f"""
WITH lately AS (
    SELECT b.workspace_id, b.opened_at,
           CASE WHEN b.resolved_at > %(since)s AND b.resolved_at <= %(now)s THEN b.resolved_at END
               AS resolved,
           CASE WHEN b.responded_at > %(since)s AND b.responded_at <= %(now)s THEN b.responded_at END
               AS answered
    FROM escalation_blocker b
    WHERE b.workspace_id = %(workspace_id)s AND (b.resolved_at > %(since)s OR b.responded_at > %(since)s)
)
SELECT count(b.resolved), count(b.answered),
       avg(EXTRACT(EPOCH FROM b.resolved - b.opened_at) / 3600),
       avg(CASE WHEN b.resolved IS NOT NULL THEN {_worked("b.resolved")} - {_worked("b.opened_at")} END),
       avg(EXTRACT(EPOCH FROM b.answered - b.opened_at) / 3600),
       avg(CASE WHEN b.answered IS NOT NULL THEN {_worked("b.answered")} - {_worked("b.opened_at")} END)
FROM lately b
"""  # noqa: S608 - the text is ours, every value is a parameter


@dataclass(frozen=True, slots=True)
class BlockerTimes:
    """Mean hours to resolve and to first response, on the wall and of working time."""

    resolved: Figure
    resolved_working: Figure
    answered: Figure
    answered_working: Figure


def blocker_times(*, now: datetime) -> BlockerTimes:
    """Of the blockers that were resolved, or answered, lately."""
    values: dict[str, Any] = {"workspace_id": current_workspace_id(), "since": now - LATELY, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(BLOCKERS, values)
        resolved, answered, *means = cursor.fetchone() or (0, 0, None, None, None, None)
    counts = (resolved, resolved, answered, answered)
    return BlockerTimes(*(figure(mean, n) for mean, n in zip(means, counts, strict=True)))


def clarity_and_probability() -> tuple[Figure, Figure]:
    """The means of open milestones: how clear they are, and how likely those at work end in time."""
    working = Q(stage__in=AT_WORK)
    found = (
        Milestone.objects.filter(project__archived_at=None)
        .exclude(stage=Stage.CLOSED)
        .aggregate(
            clarity=Avg("clarity_score"),
            clear=Count("clarity_score"),
            probability=Avg("on_time_probability", filter=working),
            likely=Count("on_time_probability", filter=working),
        )
    )
    return figure(found["clarity"], found["clear"]), figure(found["probability"], found["likely"])


def confidence(*, now: datetime) -> Figure:
    """The mean of the last ninety days' answers, times 20."""
    lately = Confidence.objects.filter(answered_at__gt=now - LATELY, answered_at__lte=now)
    found = lately.aggregate(total=Sum("score", default=0), n=Count("pk"))
    return score(found["total"], found["n"])


def conversation() -> Figure:
    rate = conversation_rate(delivered_proofs())
    return share(rate.reached, rate.n)


def same_day(*, now: datetime) -> Figure:
    """The share of packets, published in the last ninety days, that appeared on the day of the acceptance."""
    published = ProofPacket.objects.filter(
        state=PacketState.PUBLISHED,
        published_at__gt=now - LATELY,
        published_at__lte=now,
        same_day__isnull=False,
    )
    found = published.aggregate(n=Count("pk"), kept=Count("pk", filter=Q(same_day=True)))
    return share(found["kept"], found["n"])


def warnings_missed(*, now: datetime) -> Figure:
    """How many of the last ninety days' early warnings came too late to help."""
    warnings = recent_early_warnings(now=now)
    return figure(warnings.missed, warnings.given)


def figures(*, now: datetime, times: BlockerTimes | None = None) -> dict[Kpi, Figure]:
    """The five KPIs as they are now."""
    clarity, probability = clarity_and_probability()
    return {
        Kpi.CLARITY: clarity,
        Kpi.ON_TIME: probability,
        Kpi.RESOLUTION: (times or blocker_times(now=now)).resolved_working,
        Kpi.CONFIDENCE: confidence(now=now),
        Kpi.CONVERSATION: conversation(),
    }


@dataclass(frozen=True, slots=True)
class Told:
    """The KPIs of a workspace on its day `today`, and the figures beside them."""

    today: date
    kpis: list[KpiTold]
    further: list[Further]


def told_of(workspace: Workspace, *, now: datetime) -> Told:
    today = now.astimezone(ZoneInfo(workspace.time_zone)).date()
    points, times = _points(today), blocker_times(now=now)
    current = figures(now=now, times=times)
    return Told(
        today=today,
        kpis=[told(kpi, current[kpi], points[kpi], today=today) for kpi in Kpi],
        further=_further(times, now=now),
    )


def _points(today: date) -> dict[str, list[Point]]:
    """The last ninety days of each KPI, oldest first."""
    kept = KpiPoint.objects.filter(day__gte=today - LATELY, day__lte=today).order_by("day")
    by_kpi: dict[str, list[Point]] = defaultdict(list)
    for row in kept:
        by_kpi[row.kpi].append(Point(row.day, figure(row.value, row.n).value, row.n))
    return by_kpi


# (code, name, what it means, unit, what `n` counts)
BESIDE = (
    (
        "resolution_wall",
        "Time to resolve, wall clock",
        "As the mean blocker resolution time, on the wall clock.",
        *("hours", "resolved blockers"),
    ),
    (
        "first_response",
        "Time to first response",
        "The mean time from opening a blocker to its first response, of those answered in the last 90 days.",
        *("working hours", "answered blockers"),
    ),
    (
        "first_response_wall",
        "Time to first response, wall clock",
        "The same, on the wall clock.",
        *("hours", "answered blockers"),
    ),
    (
        "same_day_share",
        "Proof packets on the same day",
        "The share of packets of the last 90 days that appeared on the day of the acceptance, client’s zone.",
        *("%", "published packets"),
    ),
    (
        "early_warning_misses",
        "Warnings that came too late",
        "How often, in the last 90 days, red was due within an hour of green: too soon to help.",
        *("times", "warnings"),
    ),
)


def _further(times: BlockerTimes, *, now: datetime) -> list[Further]:
    found = (
        *(times.resolved, times.answered_working, times.answered),
        *(same_day(now=now), warnings_missed(now=now)),
    )
    return [further(*words, current) for words, current in zip(BESIDE, found, strict=True)]
