"""The first ninety days: four phases with their weeks, and whether each has reached what it is for. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from proofs.expansion import DeliveredProof, Rate, conversation_rate
from proofs.kpis import TENTH, share

WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)
ANSWER_WITHIN: Final = Decimal(8)  # working hours
FIRST: Final = 10  # delivered packets that the later ones are compared with
UP_BY: Final = Fraction(20, 100)
NAMED: Final = 20


class State(StrEnum):
    PASSED = "passed"
    NOT_YET = "not_yet"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True)
class Phase:
    number: int
    first_week: int
    last_week: int
    focus: str
    exit: str
    counts: str  # what `n` is a number of


PHASES: Final = (
    Phase(
        *(1, 1, 2, "Acceptance templates"),
        "Every project that starts has a complete record of its first milestone.",
        "new projects",
    ),
    Phase(
        *(2, 3, 5, "Telemetry and blocker alerts"),
        "Blockers get their first response in less than 8 working hours on average.",
        "blockers",
    ),
    Phase(
        *(3, 6, 9, "Proof packets"),
        "Every packet is published on the day of the acceptance, in the client’s zone.",
        "accepted milestones",
    ),
    Phase(
        *(4, 10, 13, "Risk tuning and expansion"),
        "Of the packets after the first ten, at least 20% more lead to a conversation than of the first ten.",
        "delivered packets",
    ),
)


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the workspace's zone, both included."""

    first: date
    last: date


def window(phase: Phase, started_on: date) -> Window:
    return Window(started_on + (phase.first_week - 1) * WEEK, started_on + phase.last_week * WEEK - DAY)


def week_of(today: date, started_on: date) -> int:
    """Which week it is, 1 on the first day; 0 before it begins."""
    return max((today - started_on).days // 7 + 1, 0)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that keeps a phase from passing, by name. `about` is the page that mends it."""

    name: str
    why: str
    about: str = ""  # "project" | "milestone"
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a phase's exit metric came to. `said` tells it in a sentence, `more` counts what is not named."""

    state: State
    value: Decimal | None
    unit: str
    n: int
    said: str
    missing: Sequence[Missing] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project that started, and what its first milestone's record still misses."""

    id: UUID
    name: str
    missing: Sequence[str]


def complete_records(projects: Sequence[NewProject]) -> Result:
    if not projects:
        return _nothing("%", "No project started in these weeks.")
    bare = [project for project in projects if project.missing]
    done = share(len(projects) - len(bare), len(projects))
    return _result(
        passed=not bare,
        value=done.value,
        unit="%",
        n=len(projects),
        said=f"{len(projects) - len(bare)} of {_count(len(projects), 'new project')} "
        f"{'has' if len(projects) == 1 else 'have'} a complete record.",
        missing=[_bare(project) for project in bare],
    )


def _bare(project: NewProject) -> Missing:
    return Missing(project.name, f"The record lacks {', '.join(project.missing)}.", "project", project.id)


@dataclass(frozen=True, slots=True)
class Answered:
    """A blocker and its working hours until somebody responded, or until now while nobody has."""

    milestone_id: UUID
    name: str
    hours: Decimal
    is_answered: bool


def response_times(blockers: Iterable[Answered]) -> Result:
    """One that waits for less than eight hours is no case yet: it can still go either way."""
    cases = [each for each in blockers if each.is_answered or each.hours >= ANSWER_WITHIN]
    if not cases:
        return _nothing("working hours", "No blocker of these weeks was answered, or waits for 8 hours.")
    mean = sum((each.hours for each in cases), Decimal()) / len(cases)
    slow = sorted((each for each in cases if each.hours >= ANSWER_WITHIN), key=lambda each: -each.hours)
    shown = mean.quantize(TENTH, ROUND_HALF_UP)
    return _result(
        passed=mean < ANSWER_WITHIN,
        value=shown,
        unit="working hours",
        n=len(cases),
        said=f"{_count(len(cases), 'blocker')} waited {shown} working hours on average for a response.",
        missing=[_slow(each) for each in slow],
    )


def _slow(blocker: Answered) -> Missing:
    hours = blocker.hours.quantize(TENTH, ROUND_HALF_UP)
    word = "Answered after" if blocker.is_answered else "Has waited for"
    return Missing(blocker.name, f"{word} {hours} working hours.", "milestone", blocker.milestone_id)


@dataclass(frozen=True, slots=True)
class Clocked:
    """An accepted milestone whose same-day clock has ended, by publishing or by the end of the day."""

    milestone_id: UUID
    name: str
    is_published: bool
    same_day: bool


def published_same_day(packets: Sequence[Clocked]) -> Result:
    if not packets:
        return _nothing("%", "No milestone was accepted in these weeks whose clock has ended.")
    late = [each for each in packets if not each.same_day]
    kept = len(packets) - len(late)
    return _result(
        passed=not late,
        value=share(kept, len(packets)).value,
        unit="%",
        n=len(packets),
        said=f"{kept} of {_count(len(packets), 'packet')} appeared on the day of the acceptance.",
        missing=[_late(each) for each in late],
    )


def _late(packet: Clocked) -> Missing:
    why = "Published after the day had ended." if packet.is_published else "Not published; its day is over."
    return Missing(packet.name, why, "milestone", packet.milestone_id)


def expansion(delivered: Sequence[DeliveredProof]) -> Result:
    """The later packets held against the workspace's own first ten. `delivered`: the earliest first."""
    first, later = conversation_rate(delivered[:FIRST]), conversation_rate(delivered[FIRST:])
    n = len(delivered)
    if not later.n:
        said = f"No baseline yet: {_count(n, 'packet')} delivered, and later ones are held against {FIRST}."
        return _nothing("%", said, n=n)
    change = _change(first, later)
    return _result(
        passed=_is_up(first, later),
        value=change,
        unit="%",
        n=n,
        said=f"Of the first {FIRST}, {first.reached} led to a conversation ({_percent(first)}%); of "
        f"{_count(later.n, 'later one')}, {later.reached} ({_percent(later)}%){_moved(change)}.",
        missing=[_needed(first, later)],
    )


def _is_up(first: Rate, later: Rate) -> bool:
    """By a fifth of the first rate; from nothing, by anything."""
    before, after = Fraction(first.reached, first.n), Fraction(later.reached, later.n)
    return after >= before * (1 + UP_BY) and after > before


def _change(first: Rate, later: Rate) -> Decimal | None:
    """How much higher the later rate is, in percent of the first; None where that is 0."""
    if not first.reached:
        return None
    moved = Fraction(later.reached, later.n) / Fraction(first.reached, first.n) - 1
    exact = Decimal(100 * moved.numerator) / Decimal(moved.denominator)
    return exact.quantize(TENTH, ROUND_HALF_UP)


def _moved(change: Decimal | None) -> str:
    if change is None:
        return ""
    return f": {'up' if change >= 0 else 'down'} {abs(change)}%"


def _percent(rate: Rate) -> Decimal | None:
    return share(rate.reached, rate.n).value


def _needed(first: Rate, later: Rate) -> Missing:
    """How many more of the later packets would have to lead to a conversation."""
    enough = (k for k in range(later.reached, later.n + 1) if _is_up(first, Rate(k, later.n)))
    if (wanted := next(enough, None)) is None:
        return Missing("Later packets", "More of them have to be delivered: these alone cannot reach it.")
    return Missing("Conversations", f"{wanted - later.reached} more of the later packets must lead to one.")


def _result(
    *, passed: bool, value: Decimal | None, unit: str, n: int, said: str, missing: Sequence[Missing]
) -> Result:
    """What is missing is told of a phase that has not passed."""
    missing = () if passed else missing
    return Result(
        state=State.PASSED if passed else State.NOT_YET,
        value=value,
        unit=unit,
        n=n,
        said=said,
        missing=missing[:NAMED],
        more=max(len(missing) - NAMED, 0),
    )


def _nothing(unit: str, said: str, *, n: int = 0) -> Result:
    return Result(state=State.NO_DATA, value=None, unit=unit, n=n, said=said)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseTold:
    """A phase as it is shown: its days, its exit metric, what came of it. `time`: ahead, running or over."""

    number: int
    weeks: str
    first_day: date
    last_day: date
    time: str
    focus: str
    exit: str
    counts: str
    result: Result


def told(phase: Phase, started_on: date, result: Result, *, today: date) -> PhaseTold:
    days = window(phase, started_on)
    time = "ahead" if today < days.first else "over" if today > days.last else "running"
    return PhaseTold(
        number=phase.number,
        weeks=f"{phase.first_week}–{phase.last_week}",
        first_day=days.first,
        last_day=days.last,
        time=time,
        focus=phase.focus,
        exit=phase.exit,
        counts=phase.counts,
        result=result if time != "ahead" else _nothing(result.unit, f"Begins on {days.first:%-d %B %Y}."),
    )


Row = dict[str, Any]
COLUMNS: Final = (
    *("phase", "weeks", "first_day", "last_day", "focus", "exit", "state", "value", "unit", "n", "said"),
    "missing",
)


def table(phases: Iterable[PhaseTold]) -> list[Row]:
    """One row for each phase."""
    return [
        {
            "phase": each.number,
            "weeks": each.weeks,
            "first_day": each.first_day,
            "last_day": each.last_day,
            "focus": each.focus,
            "exit": each.exit,
            "state": each.result.state.value,
            "value": each.result.value,
            "unit": each.result.unit,
            "n": each.result.n,
            "said": each.result.said,
            "missing": "; ".join(f"{item.name}: {item.why}" for item in each.result.missing),
        }
        for each in phases
    ]
