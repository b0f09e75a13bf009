"""Reads of the first ninety days: what each phase's weeks hold, one statement each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject, Least

from escalation.models import Blocker
from milestones.gates import Definition, missing_for_execution
from milestones.models import Milestone, Project
from proofs import rollout
from proofs.models import ProofPacket, Rollout
from proofs.queries.opportunities import delivered_proofs
from proofs.rollout import PHASES, Answered, Clocked, NewProject, PhaseTold, Result, Window
from tenancy.models import Workspace
from workspaces.queries import calendar_of
from workspaces.working_time import Calendar

DAY = timedelta(days=1)
RECORD = (
    *("output", "owner_primary_id", "owner_client_id", "approver_id", "review_owner_id", "approval_channel"),
    *("planned_date", "dependency_risks", "invoice_trigger", "next_stage_trigger"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """The rollout on the workspace's day `today`; `version` for whoever changes its beginning."""

    started_on: date
    version: int
    week: int
    phases: list[PhaseTold]


def rollout_of(workspace: Workspace) -> Rollout:
    """The workspace's rollout; not saved while nobody has said when it began."""
    made_on = workspace.created_at.astimezone(ZoneInfo(workspace.time_zone)).date()
    return Rollout.objects.first() or Rollout(started_on=made_on)


def told_of(workspace: Workspace, *, now: datetime) -> Told:
    began, zone = rollout_of(workspace), ZoneInfo(workspace.time_zone)
    today = now.astimezone(zone).date()
    results = _results(began.started_on, workspace, zone, now=now)
    phases = [
        rollout.told(phase, began.started_on, result, today=today)
        for phase, result in zip(PHASES, results, strict=True)
    ]
    return Told(began.started_on, began.version, rollout.week_of(today, began.started_on), phases)


def _results(started_on: date, workspace: Workspace, zone: ZoneInfo, *, now: datetime) -> list[Result]:
    records, responses, packets, expansion = (
        _span(rollout.window(phase, started_on), zone) for phase in PHASES
    )
    return [
        rollout.complete_records(new_projects(*records)),
        rollout.response_times(blockers(*responses, calendar=calendar_of(workspace), now=now)),
        rollout.published_same_day(clocked(*packets, now=now)),
        rollout.expansion([each for each in delivered_proofs() if each.delivered_at < expansion[1]]),
    ]


def _span(days: Window, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of a window up to, not including, the first one after it."""
    return (
        datetime.combine(days.first, time(), zone),
        datetime.combine(days.last + DAY, time(), zone),
    )


def new_projects(since: datetime, until: datetime) -> list[NewProject]:
    """The projects whose kickoff was within a span, with what their first milestones' records miss."""
    first = Milestone.objects.filter(project=OuterRef("pk"), is_first=True).annotate(n=Count("criteria"))
    said = first.values(said=JSONObject(criteria="n", **{name: F(name) for name in RECORD}))
    rows = (
        Project.objects.filter(kickoff_completed_at__gte=since, kickoff_completed_at__lt=until)
        .annotate(record=Subquery(said[:1]))
        .order_by("kickoff_completed_at", "pk")
        .values_list("pk", "name", "account__name", "record")
    )
    return [NewProject(pk, f"{name}, {client}", _missing(record)) for pk, name, client, record in rows]


def _missing(record: Mapping[str, Any] | None) -> list[str]:
    """What the gate into execution asks for, and who reviews it, in words."""
    if record is None:
        return ["a first milestone"]
    unmet = [item.code.replace("_", " ") for item in missing_for_execution(_definition(record))]
    return [*unmet, *([] if record["review_owner_id"] else ["review owner"])]


def _definition(record: Mapping[str, Any]) -> Definition:
    planned = record["planned_date"]
    return Definition(
        output=record["output"],
        criteria=record["criteria"],
        has_owner=bool(record["owner_primary_id"]),
        has_client_owner=bool(record["owner_client_id"]),
        has_approver=bool(record["approver_id"]),
        has_channel=bool(record["approval_channel"]),
        planned_date=date.fromisoformat(planned) if planned else None,
        dependency_risks=record["dependency_risks"],
        invoice_trigger=record["invoice_trigger"],
        next_stage_trigger=record["next_stage_trigger"],
    )


def blockers(since: datetime, until: datetime, *, calendar: Calendar, now: datetime) -> list[Answered]:
    """The blockers that opened within a span, with their working hours until a response, or until now.

    Who resolves a blocker has answered it, too.
    """
    opened = Blocker.objects.filter(opened_at__gte=since, opened_at__lt=until).order_by("opened_at", "pk")
    rows = opened.annotate(answered_at=Least("responded_at", "resolved_at")).values_list(
        "milestone_id", "number", "title", "opened_at", "answered_at"
    )
    return [
        Answered(
            milestone_id,
            f"Blocker #{number} “{title}”",
            _hours(opened_at, answered_at or now, calendar),
            answered_at is not None,
        )
        for milestone_id, number, title, opened_at, answered_at in rows
    ]


def _hours(opened_at: datetime, until: datetime, calendar: Calendar) -> Decimal:
    return Decimal(str(round(calendar.working_hours_between(opened_at, until), 4)))


def clocked(since: datetime, until: datetime, *, now: datetime) -> list[Clocked]:
    """The packets whose same-day clock began within a span and has ended."""
    ended = Q(same_day__isnull=False) | Q(clock_ends_at__lte=now)
    rows = (
        ProofPacket.objects.filter(ended, clock_started_at__gte=since, clock_started_at__lt=until)
        .order_by("clock_started_at", "pk")
        .values_list(
            *("milestone_id", "milestone__code", "milestone__name", "milestone__project__name"),
            *("published_at", "same_day"),
        )
    )
    return [
        Clocked(pk, f"{code} {name}, {project}", published_at is not None, bool(same_day))
        for pk, code, name, project, published_at, same_day in rows
    ]
