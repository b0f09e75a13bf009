"""Ways out of a bad block: pause, re-scope, proceed conditionally, close out. Chosen, explained, ended."""

from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from journal.actions import record
from journal.actors import Actor
from milestones.actions import labels, notices
from milestones.actions.engagements import at_work
from milestones.actions.reports import touch
from milestones.models import Milestone, Recourse
from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.words import NoticeKind, Stage, Way
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked

OVER = (Stage.CLOSEOUT, Stage.CLOSED)
TITLES = {
    Way.PAUSE: "Paused",
    Way.RESCOPE: "To be re-scoped",
    Way.CONDITIONAL: "Going on under a condition",
    Way.CLOSEOUT: "To be closed out",
}
SAID = {
    Way.PAUSE: "Work on “{name}” pauses until {until}.",
    Way.RESCOPE: "“{name}” cannot be finished as agreed. We will propose a new scope by {until}.",
    Way.CONDITIONAL: "Work on “{name}” goes on under a condition until {until}: {condition}",
    Way.CLOSEOUT: "“{name}” cannot go on. We will close it by {until}, and say what stays open.",
}


def choose(
    pk: UUID,
    way: Way,
    *,
    reason: str,
    condition: str = "",
    until: date,
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> Recourse:
    """Takes one way out, with its reason and its end, and tells the client.

    Raises:
        Refused: when the milestone is over, takes a way already, or something is left unsaid.
    """
    milestone = at_work(pk, expected=expected)
    _check_is_open(milestone)
    _check_is_said(way, reason, condition, until, today=_today(milestone, now))
    taken = add(
        Recourse(
            milestone=milestone,
            way=way,
            reason=reason,
            condition=condition,
            until=until,
            chosen_at=now,
            by_name=by.name,
        )
    )
    if way == Way.PAUSE:
        change(milestone, {"paused_at": now, "paused_until": until, "pause_reason": reason})
    touch(milestone.pk, now=now)
    data = {"way": way, "reason": reason, "condition": condition, "until": until}
    record(taken, "recourse.chosen", by=by, at=now, data=data, thread_id=milestone.pk)
    labels.evaluate(milestone.pk, now=now)
    _tell(milestone, taken, by=by, now=now)
    return taken


def _today(milestone: Milestone, now: datetime) -> date:
    return now.astimezone(ZoneInfo(milestone.workspace.time_zone)).date()


def _check_is_open(milestone: Milestone) -> None:
    if milestone.stage in OVER:
        raise Refused(
            f"A milestone in {Stage(milestone.stage).label.lower()} has no block left to get out of.",
            code="not_in_work",
        )
    if taken := milestone.recourses.filter(ended_at=None).first():
        way = Way(taken.way).label.lower()
        raise Refused(
            f"A way is taken already: {way} until {_day(taken.until)}. End that first.", code="already_taken"
        )


def _check_is_said(way: Way, reason: str, condition: str, until: date, *, today: date) -> None:
    faults = {}
    if not reason.strip():
        faults["reason"] = ["Say why: the client reads it."]
    if way == Way.CONDITIONAL and not condition.strip():
        faults["condition"] = ["Name the condition under which work goes on."]
    if not is_in_reach(until):
        faults["until"] = [OUT_OF_REACH]
    elif until <= today:
        faults["until"] = ["Give a day after today, on which this ends or is decided anew."]
    if faults:
        raise Refused("Some fields need another look.", code="invalid", fields=faults)


def end(pk: UUID, *, note: str = "", by: Actor, now: datetime, expected: int | None = None) -> Recourse:
    """Ends the way that was taken; a pause gives the milestone its rules back.

    Raises:
        Refused: when it has ended already.
    """
    milestone = at_work(Recourse.objects.values_list("milestone_id", flat=True).get(pk=pk))
    taken = locked(Recourse, pk, expected=expected)
    taken.milestone = milestone
    if taken.ended_at:
        raise Refused("This has ended already.", code="ended")
    change(taken, {"ended_at": now, "end_note": note})
    if taken.way == Way.PAUSE:
        change(milestone, {"paused_at": None, "paused_until": None, "pause_reason": ""})
    touch(milestone.pk, now=now)
    data = {"way": taken.way, "note": note}
    record(taken, "recourse.ended", by=by, at=now, data=data, thread_id=milestone.pk)
    labels.evaluate(milestone.pk, now=now)
    if taken.way == Way.PAUSE:
        _tell_resumed(milestone, taken, by=by, now=now)
    return taken


def _tell(milestone: Milestone, taken: Recourse, *, by: Actor, now: datetime) -> None:
    words = {"name": milestone.name, "until": _day(taken.until), "condition": taken.condition}
    kind = NoticeKind.PAUSE if taken.way == Way.PAUSE else NoticeKind.RECOVERY
    body = f"{SAID[Way(taken.way)].format(**words)}\n\nWhy: {taken.reason}"
    title = f"{TITLES[Way(taken.way)]}: {milestone.name}"
    _owe(kind, milestone, taken, "", title, body, by=by, now=now)


def _tell_resumed(milestone: Milestone, taken: Recourse, *, by: Actor, now: datetime) -> None:
    body = "\n\n".join(part for part in (f"Work on “{milestone.name}” goes on.", taken.end_note) if part)
    _owe(NoticeKind.PAUSE, milestone, taken, "end", f"Goes on: {milestone.name}", body, by=by, now=now)


def _owe(
    kind: NoticeKind,
    milestone: Milestone,
    taken: Recourse,
    occurrence: str,
    title: str,
    body: str,
    **told: Any,
) -> None:
    notices.owe(
        kind,
        project=milestone.project,
        milestone=milestone,
        subject=taken,
        occurrence=occurrence,
        title=title,
        body=body,
        **told,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
