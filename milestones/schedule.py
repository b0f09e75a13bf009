"""The schedule word, the one label that client and founder see with its reason, and yellow before red.

A label is computed from facts alone (`label`); what of it may be written now is a second question
(`next_label`), because a client hears a warning before a label turns red.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices

from milestones.words import Outcome, Stage

AT_MOST_AT_RISK = timedelta(days=7)
WARNING_COVERS = timedelta(days=7)
CONFIRMED_EVERY = timedelta(days=7)
CONFIRMED_TWICE_A_WEEK = timedelta(days=3, hours=12)
YEARS = range(2000, 2200)  # days and clocks beyond cannot be reckoned with
OUT_OF_REACH = f"Give a day between {YEARS[0]} and {YEARS[-1]}."


class Schedule(TextChoices):
    ON_TRACK = "on_track", "On track"
    AT_RISK = "at_risk", "At risk"
    DELAYED = "delayed", "Delayed"


class Label(TextChoices):
    APPROVED = "approved", "Approved"
    IN_REVIEW = "in_review", "In review"
    BLOCKED = "blocked", "Blocked"
    ON_TRACK = "on_track", "On track"
    AT_RISK = "at_risk", "At risk"
    DELAYED = "delayed", "Delayed"


COLOURS = {Label.ON_TRACK, Label.AT_RISK, Label.DELAYED, Label.BLOCKED}
RED = {Label.DELAYED, Label.BLOCKED}

# The open signals that keep a label from green, and what the client may read of them.
HELD_BY = {
    "blocker_aging": "A blocker has been open for too long.",
    "no_progress": "No progress has been recorded lately.",
    "quality_failing": "Quality checks have failed repeatedly.",
}

WAITS, SETTLED = "Waiting for the client's decision.", "No question waits; what is missing is being settled."


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a label is made of. Days are in the workspace's zone.

    `pause` is the reason of a pause, None while work goes on; `stopped` says that an open blocker stops the
    milestone path, `critical` that any blocker is critical; `open_rules` are codes of open daily signals;
    `is_asked` says, in review, that a question waits for the client.
    """

    stage: Stage
    planned: date | None
    forecast: date | None
    today: date
    completed_on: date | None = None
    accepted: bool = False
    outcome: Outcome | None = None
    pause: str | None = None
    stopped: bool = False
    critical: bool = False
    open_rules: frozenset[str] = frozenset()
    figures_warn: bool = False
    is_asked: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """The computed word and why. `colour` is None where the last one is kept (review, pause, end)."""

    word: Label | Outcome
    reason: str
    colour: Label | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What may be written now: word, reason, the colour to remember; `turning_red` while red must wait."""

    word: Label | Outcome
    reason: str
    colour: Label | None
    turning_red: bool = False


def is_in_reach(day: date) -> bool:
    """Whether a planned day, or the day of a time, is one that can be meant."""
    return day.year in YEARS


def schedule(planned: date | None, forecast: date | None, today: date, completed_on: date | None) -> Schedule:
    """On track up to the planned date, at risk up to and including 7 days later, then delayed."""
    late = _lateness(planned, _expected(planned, forecast, today, completed_on))
    if late <= timedelta():
        return Schedule.ON_TRACK
    return Schedule.AT_RISK if late <= AT_MOST_AT_RISK else Schedule.DELAYED


def label(facts: Facts) -> Shown:
    if facts.accepted:
        return Shown(Label.APPROVED, "Accepted by the client.")
    if facts.outcome:
        return Shown(facts.outcome, f"Closed without acceptance: {facts.outcome.label.lower()}.")
    if facts.pause is not None:
        return Shown(Label.BLOCKED, f"Paused: {facts.pause}")
    if facts.stage == Stage.REVIEW:
        return Shown(Label.IN_REVIEW, WAITS if facts.is_asked else SETTLED)
    return _coloured(facts)


def next_label(previous: Label | None, computed: Shown, warning_on_its_way: bool) -> Step:
    """What may be written after the last schedule colour `previous` (None: there was none yet).

    From green, red is written as yellow first; from yellow it waits until the warning's outbox row is
    committed. `warning_on_its_way` is also true where no warning can arrive (no address, or mail bounces).
    """
    if computed.colour is None:
        return Step(computed.word, computed.reason, previous)
    unwarned = previous == Label.AT_RISK and not warning_on_its_way
    if computed.colour in RED and (previous == Label.ON_TRACK or unwarned):
        return Step(Label.AT_RISK, computed.reason, Label.AT_RISK, turning_red=True)
    return Step(computed.word, computed.reason, computed.colour)


def warning_covers(sent_at: datetime | None, now: datetime) -> bool:
    """Whether an earlier warning still covers a return to yellow: for 7 days."""
    return sent_at is not None and now - sent_at <= WARNING_COVERS


def is_stale(confirmed_at: datetime | None, is_aggressive: bool, now: datetime) -> bool:
    """Whether a forecast waits to be confirmed: weekly, twice weekly where the date is aggressive."""
    every = CONFIRMED_TWICE_A_WEEK if is_aggressive else CONFIRMED_EVERY
    return confirmed_at is not None and now - confirmed_at > every


def _coloured(facts: Facts) -> Shown:
    if facts.critical:
        return _colour(Label.BLOCKED, "A critical blocker is open.")
    if facts.stopped:
        return _colour(Label.BLOCKED, "An open blocker stops the milestone.")
    word = schedule(facts.planned, facts.forecast, facts.today, facts.completed_on)
    if word == Schedule.ON_TRACK and (warning := _warning(facts)):
        return _colour(Label.AT_RISK, warning)
    return _colour(Label(word), _dates(facts, word))


def _warning(facts: Facts) -> str:
    held = [sentence for rule, sentence in HELD_BY.items() if rule in facts.open_rules]
    figures = ["The figures say that the date may not hold."] if facts.figures_warn else []
    return next(iter(held + figures), "")


def _colour(word: Label, reason: str) -> Shown:
    return Shown(word, reason, word)


def _expected(planned: date | None, forecast: date | None, today: date, completed_on: date | None) -> date:
    return completed_on or max(forecast or planned or today, today)


def _lateness(planned: date | None, expected: date) -> timedelta:
    return expected - planned if planned else timedelta()


def _dates(facts: Facts, word: Schedule) -> str:
    if facts.planned is None:
        return "No date is planned yet."
    expected = _expected(facts.planned, facts.forecast, facts.today, facts.completed_on)
    subject = f"{_occasion(facts, expected)} {_day(expected)}"
    if word == Schedule.ON_TRACK:
        return f"{subject}, planned for {_day(facts.planned)}."
    return f"{subject}, {_days(expected - facts.planned)} after the planned {_day(facts.planned)}."


def _occasion(facts: Facts, expected: date) -> str:
    if facts.completed_on:
        return "Completed on"
    return "Forecast for" if expected == (facts.forecast or facts.planned) else "Still open on"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _days(span: timedelta) -> str:
    return f"{span.days} day" if span.days == 1 else f"{span.days} days"
