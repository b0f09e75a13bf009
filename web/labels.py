"""The one label of a milestone, as pages show it: word, reason, and the class of its colour."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from milestones import schedule
from milestones.models import Milestone
from milestones.words import BlockerStatus, Outcome, Stage


@dataclass(frozen=True, slots=True)
class Shown:
    """`code` names the colour (components/label.html), `word` and `reason` are for the reader."""

    code: str
    word: str
    reason: str


def shown(milestone: Milestone, *, today: date, zone: ZoneInfo, open_rules: Collection[str] = ()) -> Shown:
    if milestone.stage == Stage.SETUP and milestone.planned_date is None:
        return Shown("none", "In setup", "No date is planned yet.")
    step = schedule.label(facts(milestone, today=today, zone=zone, open_rules=open_rules))
    code = step.word.value if isinstance(step.word, schedule.Label) else "none"
    return Shown(code, str(step.word.label), step.reason)


def facts(
    milestone: Milestone, *, today: date, zone: ZoneInfo, open_rules: Collection[str]
) -> schedule.Facts:
    completed = milestone.completed_at
    return schedule.Facts(
        stage=Stage(milestone.stage),
        planned=milestone.planned_date,
        forecast=milestone.forecast_date,
        today=today,
        completed_on=completed.astimezone(zone).date() if completed else None,
        accepted=milestone.accepted_at is not None,
        outcome=Outcome(milestone.outcome) if milestone.outcome else None,
        pause="work is held." if milestone.paused_at else None,
        stopped=milestone.stopped_since is not None,
        critical=milestone.blocker_status == BlockerStatus.CRITICAL,
        open_rules=frozenset(open_rules),
    )
