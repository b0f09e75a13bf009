"""Writing the label: at once where it may, yellow before red where it must."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from milestones import schedule
from milestones.models import Milestone
from milestones.words import BlockerStatus, Outcome, Stage
from tenancy.saving import locked


def evaluate(milestone_id: UUID, *, now: datetime) -> None:
    """Computes a milestone's label and writes of it what may be written."""
    milestone = locked(Milestone, milestone_id)
    computed(milestone, now=now)


def computed(milestone: Milestone, *, now: datetime) -> schedule.Shown:
    """The label as it truly is now, whatever may be written of it."""
    zone = ZoneInfo(milestone.workspace.time_zone)
    return schedule.label(facts(milestone, now=now, zone=zone))


def facts(milestone: Milestone, *, now: datetime, zone: ZoneInfo) -> schedule.Facts:
    done = milestone.completed_at
    return schedule.Facts(
        stage=Stage(milestone.stage),
        planned=milestone.planned_date,
        forecast=milestone.forecast_date,
        today=now.astimezone(zone).date(),
        completed_on=done.astimezone(zone).date() if done else None,
        accepted=milestone.accepted_at is not None,
        outcome=Outcome(milestone.outcome) if milestone.outcome else None,
        pause=milestone.pause_reason if milestone.paused_at else None,
        stopped=milestone.stopped_since is not None,
        critical=milestone.blocker_status == BlockerStatus.CRITICAL,
        open_rules=frozenset(milestone.open_rules),
        figures_warn=milestone.figures_warn,
    )
