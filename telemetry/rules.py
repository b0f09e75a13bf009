"""The daily rules: what a day's telemetry means, and what it does. Pure: facts and `now` in, decisions out.

Ages fire by wall time, strictly beyond their threshold, and are told on both clocks. A paused milestone
suspends every rule: nothing opens, nothing closes. A decision carries the threshold that it used, so that it
can be stored.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from milestones.words import Stage
from workspaces.working_time import Calendar

HOUR = timedelta(hours=1)


class Rule(StrEnum):
    NO_PROGRESS = "no_progress"
    BLOCKER_AGING = "blocker_aging"
    QUALITY_FAILING = "quality_failing"
    SCOPE_ADDITION = "scope_addition"


class Verdict(StrEnum):
    FIRES = "fires"
    RESTS = "rests"
    SUSPENDED = "suspended"


class Move(StrEnum):
    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a firing reads, and the named action that it starts."""

    reads_as: str
    action: str
    does: str


MEANINGS = {
    Rule.NO_PROGRESS: Meaning(
        "Execution flow broken", "async_standup", "Asks the owner for an async standup: done, next, blocked."
    ),
    Rule.BLOCKER_AGING: Meaning(
        "Dependency owner mismatch", "route_to_authority", "Routes it to the stakeholder with authority."
    ),
    Rule.QUALITY_FAILING: Meaning(
        "Rework risk rising", "qa_fix_loop", "Freezes feature additions and opens the QA fix loop."
    ),
    Rule.SCOPE_ADDITION: Meaning(
        "Milestone contamination", "queue_change", "Turns it into a change request; the boundary stays."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Defaults that a workspace may override. Wall hours must be exceeded, runs must be reached."""

    no_progress_hours: float = 24
    blocker_aging_hours: float = 18
    failing_runs: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the rules look at in one milestone. Times are None where there is nothing of the kind.

    Silence counts from the latest of progress update, work-item change, start of execution and end of a
    pause. `failing_runs` are the consecutive failing QA runs up to the newest; `undecided_requests` are
    unplanned requests that nobody has decided on.
    """

    stage: Stage
    paused: bool = False
    execution_started_at: datetime | None = None
    last_progress_at: datetime | None = None
    last_work_change_at: datetime | None = None
    resumed_at: datetime | None = None
    oldest_blocker_opened_at: datetime | None = None
    failing_runs: int = 0
    undecided_requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a rule says now. `since`, `wall_hours` and `working_hours` belong to rules about an age."""

    rule: Rule
    verdict: Verdict
    sentence: str
    threshold: float
    since: datetime | None = None
    wall_hours: float | None = None
    working_hours: float | None = None

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.rule]

    def move(self, *, is_open: bool) -> Move | None:
        """What becomes of the milestone's signal of this rule."""
        if self.verdict == Verdict.FIRES:
            return None if is_open else Move.OPEN
        return Move.CLOSE if is_open and self.verdict == Verdict.RESTS else None


def decide(facts: Facts, calendar: Calendar, now: datetime, thresholds: Thresholds) -> list[Decision]:
    """All four rules."""
    return [
        no_progress(facts, calendar, now, thresholds),
        blocker_aging(facts, calendar, now, thresholds),
        quality_failing(facts, thresholds),
        scope_addition(facts),
    ]


def no_progress(facts: Facts, calendar: Calendar, now: datetime, thresholds: Thresholds) -> Decision:
    watched = facts.stage in {Stage.EXECUTION, Stage.QA}
    since = _last_movement(facts) if watched else None
    limit = thresholds.no_progress_hours
    if since is None:
        return _decision(Rule.NO_PROGRESS, facts, False, "Silence counts in execution and QA only.", limit)
    return _by_age(
        Rule.NO_PROGRESS, facts, "No progress update or work-item change", since, limit, calendar, now
    )


def blocker_aging(facts: Facts, calendar: Calendar, now: datetime, thresholds: Thresholds) -> Decision:
    since, limit = facts.oldest_blocker_opened_at, thresholds.blocker_aging_hours
    if since is None:
        return _decision(Rule.BLOCKER_AGING, facts, False, "No blocker is open.", limit)
    return _by_age(Rule.BLOCKER_AGING, facts, "A blocker is open", since, limit, calendar, now)


def quality_failing(facts: Facts, thresholds: Thresholds) -> Decision:
    runs = facts.failing_runs
    sentence = f"{runs} QA {'run' if runs == 1 else 'runs'} in a row failed." if runs else "No QA run fails."
    fires = runs >= thresholds.failing_runs
    return _decision(Rule.QUALITY_FAILING, facts, fires, sentence, thresholds.failing_runs)


def scope_addition(facts: Facts) -> Decision:
    count = facts.undecided_requests
    waiting = "1 unplanned request waits" if count == 1 else f"{count} unplanned requests wait"
    sentence = f"{waiting} for a decision." if count else "No unplanned request waits."
    return _decision(Rule.SCOPE_ADDITION, facts, count > 0, sentence, 0)


def _last_movement(facts: Facts) -> datetime | None:
    moves = (facts.execution_started_at, facts.last_progress_at, facts.last_work_change_at, facts.resumed_at)
    return max(filter(None, moves), default=None)


def _by_age(
    rule: Rule, facts: Facts, what: str, since: datetime, limit: float, calendar: Calendar, now: datetime
) -> Decision:
    wall, working = (now - since) / HOUR, calendar.working_hours_between(since, now)
    sentence = f"{what} for {int(wall)} h, {int(working)} of them working hours."
    decision = _decision(rule, facts, wall > limit, sentence, limit)
    return replace(decision, since=since, wall_hours=wall, working_hours=working)


def _decision(rule: Rule, facts: Facts, fires: bool, sentence: str, threshold: float) -> Decision:
    verdict = Verdict.FIRES if fires and facts.stage != Stage.CLOSED else Verdict.RESTS
    if facts.paused:
        verdict = Verdict.SUSPENDED
    return Decision(rule=rule, verdict=verdict, sentence=sentence, threshold=threshold)
