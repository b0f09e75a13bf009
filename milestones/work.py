"""How reports about a work item, in whatever order they arrive, become the item. Pure.

The newest report says what the item is now; older ones only fill in its past. Of two reports of the same
moment the one whose state is further on counts, then the greater content: the end is the same in any order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from milestones.words import WorkState

FURTHER = {state: place for place, state in enumerate(WorkState)}
LONGEST_TRAIL = 40

T = TypeVar("T")
Step = tuple[datetime, WorkState]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a source says about an item at one moment. None: it does not say."""

    at: datetime
    title: str | None = None
    state: WorkState | None = None
    assignee: str | None = None
    labels: tuple[str, ...] | None = None
    due_on: date | None = None
    url: str | None = None
    is_removed: bool = False
    is_whole: bool = False  # it says all there is: what is None is empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A work item as its reports make it. `trail` is the way of its state, oldest first."""

    title: str
    state: WorkState
    assignee: str
    labels: tuple[str, ...]
    due_on: date | None
    url: str
    opened_at: datetime
    started_at: datetime | None
    done_at: datetime | None
    version_at: datetime
    removed_at: datetime | None
    trail: tuple[Step, ...]


def merged(item: Item | None, reports: Iterable[Report]) -> Item | None:
    """The item after these reports. None only when there was none and none came."""
    for report in sorted(reports, key=lambda report: report.at):
        item = _begun(report) if item is None else _heard(item, report)
    return item


def _begun(report: Report) -> Item:
    return _dated(
        Item(
            title=report.title or "",
            state=report.state or WorkState.TODO,
            assignee=report.assignee or "",
            labels=report.labels or (),
            due_on=report.due_on,
            url=report.url or "",
            opened_at=report.at,
            started_at=None,
            done_at=None,
            version_at=report.at,
            removed_at=report.at if report.is_removed else None,
            trail=_trail((), report),
        )
    )


def _heard(item: Item, report: Report) -> Item:
    told = _told(item, report)
    current = told if _rank(told) >= _rank(item) else _filled(item, told)
    return _dated(
        replace(
            current,
            opened_at=min(item.opened_at, report.at),
            trail=_trail(item.trail, report),
        )
    )


def _told(item: Item, report: Report) -> Item:
    """The item as this report alone would have it."""
    return replace(
        item,
        title=report.title or item.title,
        state=report.state or item.state,
        assignee=_said(report.assignee, "" if report.is_whole else item.assignee),
        labels=_said(report.labels, () if report.is_whole else item.labels),
        due_on=_said(report.due_on, None if report.is_whole else item.due_on),
        url=report.url or item.url,
        version_at=report.at,
        removed_at=report.at if report.is_removed else None,
    )


def _said(new: T | None, otherwise: T) -> T:
    return otherwise if new is None else new


def _filled(item: Item, told: Item) -> Item:
    """What a late report may still add: what nobody has said."""
    return replace(item, title=item.title or told.title, url=item.url or told.url)


def _rank(item: Item) -> tuple[object, ...]:
    return (
        item.version_at,
        FURTHER[item.state],
        item.removed_at is not None,
        item.title,
        item.url,
        item.assignee,
        item.labels,
        item.due_on or date.min,
    )


def _trail(trail: Sequence[Step], report: Report) -> tuple[Step, ...]:
    if report.state is None:
        return tuple(trail)
    steps = {*trail, (report.at, report.state)}
    return tuple(sorted(steps, key=lambda step: (step[0], FURTHER[step[1]]))[-LONGEST_TRAIL:])


def _dated(item: Item) -> Item:
    """Reads state, start and completion off the trail."""
    started = next((at for at, state in item.trail if state == WorkState.IN_PROGRESS), None)
    known = [at for at in (item.started_at, started) if at is not None]
    return replace(
        item,
        state=item.trail[-1][1] if item.trail else item.state,
        started_at=min(known, default=None),
        done_at=_done_since(item.trail),
    )


def _done_since(trail: Sequence[Step]) -> datetime | None:
    """When the last unbroken run of "done" began; None unless the item is done now."""
    since = None
    for at, state in reversed(trail):
        if state != WorkState.DONE:
            return since
        since = at
    return since
