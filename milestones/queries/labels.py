"""Reads of labels: as they truly are for the team, as they were written for the client, how they changed.

A row that holds the columns of `COLUMNS` serves as well as a milestone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from milestones import schedule
from milestones.models import LabelChange, Milestone
from milestones.schedule import RED, Label
from milestones.words import BlockerStatus, Colour, Outcome, Stage

COLUMNS = (
    *("stage", "outcome", "planned_date", "forecast_date", "completed_at", "accepted_at", "paused_at"),
    *("pause_reason", "stopped_since", "blocker_status", "open_rules", "figures_warn", "colour"),
    *("forecast_confirmed_at", "is_aggressive", "decide_by"),
)

LATELY = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Told:
    """A milestone's label. `word` is None while nothing is planned; `client_word` is what the client sees.

    `turning_red` marks a word that the client is only being warned of; `is_stale` stands beside the label.
    """

    word: Label | Outcome | None
    reason: str
    client_word: Label | Outcome | None
    turning_red: bool
    is_stale: bool


def label_of(milestone: Milestone | Any, *, zone: ZoneInfo, now: datetime) -> Told:
    if milestone.stage == Stage.SETUP and milestone.planned_date is None:
        return Told(None, "No date is planned yet.", None, turning_red=False, is_stale=False)
    true = schedule.label(facts(milestone, today=now.astimezone(zone).date(), zone=zone))
    written = Label(milestone.colour) if true.colour and milestone.colour else None
    return Told(
        true.word,
        true.reason,
        written or true.word,
        turning_red=true.word in RED and written is not None and written not in RED,
        is_stale=_is_stale(milestone, now=now),
    )


def _is_stale(milestone: Milestone | Any, *, now: datetime) -> bool:
    is_worked_on = milestone.stage in (Stage.EXECUTION, Stage.QA) and milestone.paused_at is None
    confirmed_at, is_aggressive = milestone.forecast_confirmed_at, milestone.is_aggressive
    return is_worked_on and schedule.is_stale(confirmed_at, is_aggressive, now)


def facts(milestone: Milestone | Any, *, today: date, zone: ZoneInfo) -> schedule.Facts:
    """What a label is made of."""
    done = milestone.completed_at
    return schedule.Facts(
        stage=Stage(milestone.stage),
        planned=milestone.planned_date,
        forecast=milestone.forecast_date,
        today=today,
        completed_on=done.astimezone(zone).date() if done else None,
        accepted=milestone.accepted_at is not None,
        outcome=Outcome(milestone.outcome) if milestone.outcome else None,
        pause=milestone.pause_reason if milestone.paused_at else None,
        stopped=milestone.stopped_since is not None,
        critical=milestone.blocker_status == BlockerStatus.CRITICAL,
        open_rules=frozenset(milestone.open_rules),
        figures_warn=milestone.figures_warn,
        is_asked=milestone.decide_by is not None,
    )


def label_changes(milestone_id: UUID) -> QuerySet[LabelChange]:
    return LabelChange.objects.filter(milestone=milestone_id).order_by("-at", "-id")


@dataclass(frozen=True, slots=True)
class Warnings:
    """Early warnings. `missed` counts red that was due within an hour of green: too soon to help."""

    given: int
    missed: int


def recent_early_warnings(*, now: datetime) -> Warnings:
    """Those of the last ninety days, until this moment."""
    return early_warnings(since=now - LATELY, until=now)


def early_warnings(*, since: datetime, until: datetime) -> Warnings:
    found = LabelChange.objects.filter(at__gte=since, at__lt=until).aggregate(
        given=Count("pk", filter=Q(after=Colour.AT_RISK)),
        missed=Count("pk", filter=Q(warning_skipped=True)),
    )
    return Warnings(**found)
