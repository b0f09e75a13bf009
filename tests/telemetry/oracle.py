"""The evidence of one milestone again, row by row and slowly: what the sweep's query is held against."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from escalation.models import Blocker
from milestones.models import ChangeRequest, DateMove, DayTally, Decision, Dependency, Milestone, Pulse
from telemetry.models import UsualPace
from telemetry.risk import Evidence
from workspaces.queries import calendar_of
from workspaces.working_time import Calendar

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FORTNIGHT = timedelta(days=14)


def evidence(milestone: Milestone, *, now: datetime) -> Evidence:
    calendar = calendar_of(milestone.workspace)
    today = now.astimezone(ZoneInfo(calendar.zone)).date()
    started = milestone.execution_started_at.astimezone(ZoneInfo(calendar.zone)).date()
    full_days = max(0, calendar.working_days_between(started + DAY, today))
    pulse = Pulse.objects.get(milestone=milestone)
    usual = UsualPace.objects.filter(kind=milestone.kind).first()
    return Evidence(
        review_or_later=milestone.stage in {"review", "closeout"},
        full_days_in_execution=full_days,
        work_total=pulse.work_total,
        work_open=pulse.work_open,
        done_total=pulse.work_done,
        done_recent=_done_recent(milestone, calendar, today, min(5, full_days)) if pulse.work_done else 0,
        working_days_left=calendar.working_days_between(today, milestone.forecast_date + DAY),
        cycle_hours_here=pulse.cycle_median_hours,
        cycle_hours_usual=usual.cycle_hours if usual else None,
        reported_percent=milestone.reported_percent,
        **_plan(milestone, calendar, today, started),
        **_blockers(milestone, calendar, now),
        review_overdue_hours=_overdue(milestone, now),
        overdue_predecessors=_late(milestone, today),
        **_slots(pulse),
        resets=milestone.resets,
        **_requests(milestone, now),
    )


def _slots(pulse: Pulse) -> dict[str, Any]:
    return {f"qa_{n}": int(slot) for n, slot in enumerate(pulse.qa_slots, start=1)}


def _done_recent(milestone: Milestone, calendar: Calendar, today: date, window: int) -> int:
    first, left = today, window
    while left:
        first -= DAY
        left -= calendar.is_working_day(first)
    days = DayTally.objects.filter(milestone=milestone, day__gte=first, day__lt=today)
    return sum(days.values_list("done", flat=True))


def _plan(milestone: Milestone, calendar: Calendar, today: date, started: date) -> dict[str, Any]:
    begins = milestone.planned_start or started
    planned = calendar.working_days_between(begins, milestone.planned_date + DAY)
    accepted = ChangeRequest.objects.filter(milestone=milestone, state="accepted", days__isnull=False)
    standing = DateMove.objects.filter(milestone=milestone, kind="baseline", decision__countermands=None)
    entries = Decision.objects.exclude(countermands=None).values("countermands")
    if agreed := standing.exclude(decision__in=entries).order_by("-at").first():
        accepted = accepted.filter(decided_at__gt=agreed.at)
    days = sum(float(request.days) for request in accepted)
    return {
        "elapsed_share": max(0, calendar.working_days_between(begins, today)) / planned if planned else None,
        "growth_percent": days / planned * 100 if planned else 0,
    }


def _blockers(milestone: Milestone, calendar: Calendar, now: datetime) -> dict[str, Any]:
    still = list(Blocker.objects.filter(milestone=milestone, resolved_at=None))
    midnight = datetime.combine(milestone.forecast_date + DAY, datetime.min.time(), ZoneInfo(calendar.zone))
    critical = [
        b
        for b in still
        if b.severity == "critical"
        or b.critical_at < now
        or (b.responded_at is None and midnight - 48 * HOUR < now)
    ]
    waits = [calendar.working_hours_between(b.opened_at, now) for b in still if b.responded_at is None]
    return {
        "blockers_open": len(still),
        "blockers_critical": len(critical),
        "longest_unanswered_hours": max(waits, default=0),
    }


def _overdue(milestone: Milestone, now: datetime) -> float:
    late = milestone.stage == "review" and milestone.decide_by and milestone.decide_by < now
    return (now - milestone.decide_by) / HOUR if late else 0


def _late(milestone: Milestone, today: date) -> int:
    needed = Dependency.objects.filter(milestone=milestone, needs__completed_at=None)
    return needed.exclude(needs__stage="closed").filter(needs__forecast_date__lt=today).count()


def _requests(milestone: Milestone, now: datetime) -> dict[str, Any]:
    recent = ChangeRequest.objects.filter(milestone=milestone, asked_at__gt=now - FORTNIGHT)
    return {"unplanned_14d": recent.count(), "undecided": recent.filter(state="undecided").count()}
