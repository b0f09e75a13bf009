"""Why an on-time probability is what it is, in sentences. Pure: from the inputs that are kept with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from milestones.figures import CLOSED_OF_KIND
from milestones.words import Kind
from telemetry.forecast.assumptions import PLAN_DAYS
from telemetry.forecast.evidence import Inputs, Progress


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str


def reasons(inputs: Inputs, *, kind: str) -> list[Reason]:
    """What is left, how fast it goes, what the plan adds, what blockers take, how much history there is."""
    return [Reason(code, text) for code, text in _told(inputs, kind)]


def _told(inputs: Inputs, kind: str) -> Iterator[tuple[str, str]]:
    if inputs.left <= 0:
        yield "left", "Nothing is left to do."
        return
    yield "left", _left(inputs)
    yield "pace", _pace(inputs)
    yield "plan", _plan(inputs, kind)
    if inputs.blockers:
        yield "blockers", _blockers(inputs)
    if not has_history(inputs):
        yield "history", _history(inputs)


def has_history(inputs: Inputs) -> bool:
    """Whether enough milestones of the kind are closed to trust the figure."""
    return inputs.closed_of_kind >= CLOSED_OF_KIND


def _left(inputs: Inputs) -> str:
    share = f"{100 * inputs.left / inputs.total:.0f}%"
    open_work = {
        Progress.ITEMS: f"{inputs.left:g} of {_count(inputs.total, 'item')} open",
        Progress.REPORTS: f"{share} of the work open, by the reported percent",
        Progress.MEASURE: f"{share} of the effort ahead, by the measured figure: the last gains take longest",
        Progress.UNKNOWN: "No work items and nothing reported yet, so all of it counts as open",
    }
    days = f"{_count(inputs.days_left, 'working day')} left, today included"
    return f"{open_work[inputs.progress]}; {days if inputs.days_left else 'no working day left'}."


def _pace(inputs: Inputs) -> str:
    if inputs.done_a_day is None:
        return "No full working day in execution yet: only the plan speaks of its pace."
    over = _count(inputs.own_days, "full working day")
    return f"{_amount(inputs, inputs.done_a_day)} done a day over {over}; {_needed(inputs)}."


def _needed(inputs: Inputs) -> str:
    """Of the days that blockers are thought to leave."""
    days = inputs.days_left - inputs.days_lost
    return (
        f"{_amount(inputs, inputs.left / days)} a day are needed"
        if days >= 1
        else "no day is left for the rest"
    )


def _amount(inputs: Inputs, amount: float) -> str:
    if inputs.progress == Progress.ITEMS:
        return f"{amount:.1f}"
    return f"{100 * amount / inputs.total:.1f}%"


def _plan(inputs: Inputs, kind: str) -> str:
    planned, source = _count(inputs.planned_days, "working day"), _source(inputs, kind)
    return (
        f"The plan counts like {PLAN_DAYS} days more: {planned} were planned, and such work takes about "
        f"{inputs.factor:.1f} times its plan, {source}."
    )


def _source(inputs: Inputs, kind: str) -> str:
    if inputs.learned_from:
        return f"by {_count(inputs.learned_from, 'closed milestone')} of its kind"
    return f"the default for {Kind(kind).label.lower()} work"


def _blockers(inputs: Inputs) -> str:
    verb = "stops" if inputs.blockers == 1 else "stop"
    adds = "adds" if inputs.blockers == 1 else "add"
    lost = (
        f"about {_count(inputs.days_lost, 'working day')}" if inputs.days_lost else "less than a working day"
    )
    return f"{_count(inputs.blockers, 'blocker')} that {verb} the path {adds} {lost}."


def _history(inputs: Inputs) -> str:
    return (
        f"Not enough history: {_count(inputs.closed_of_kind, 'closed milestone')} of its kind, "
        f"{CLOSED_OF_KIND} tell more than chance."
    )


def _count(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"
