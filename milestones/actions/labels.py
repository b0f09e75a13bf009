"""Writing the label: at once where it may, yellow before red where it must.

The label as it truly is (`computed`) is the team's; the colour that is written is the client's. Red waits for
the evaluation after the one that warned, so that a warning is on its way before anybody sees red.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from journal import outbox
from journal.actions import record
from journal.actors import SYSTEM
from milestones import label_letters, schedule
from milestones.actions import notices
from milestones.label_letters import Red
from milestones.models import Dependency, LabelChange, Milestone, Notice, Pulse
from milestones.queries.labels import facts
from milestones.schedule import RED, Label, Shown, Step
from milestones.words import NoticeKind, Stage
from tenancy.saving import locked

REASON = 300
SKIPPED_WITHIN = timedelta(hours=1)
DAY = timedelta(days=1)
TURNS_AFTER = (DAY, schedule.AT_MOST_AT_RISK + DAY)


def evaluate(milestone_id: UUID, *, now: datetime, is_told: bool = False) -> None:
    """Computes a milestone's label and writes of it what may be written.

    `is_told` says that a notice of this very transaction warns of it already: one covers a whole cascade.
    """
    evaluate_together({milestone_id: is_told}, now=now)


def evaluate_together(told: Mapping[UUID, bool], *, now: datetime) -> None:
    """As `evaluate`, for several milestones of one project, each with its `is_told`.

    All that turn red at once are told of in one notice to each reader.
    """
    held = [locked(Milestone, pk) for pk in sorted(told)]
    _tell_red([red for row in held if (red := _evaluated(row, is_told=told[row.pk], now=now))], now=now)


def _evaluated(milestone: Milestone, *, is_told: bool, now: datetime) -> Red | None:
    zone = ZoneInfo(milestone.workspace.time_zone)
    known = facts(milestone, today=now.astimezone(zone).date(), zone=zone)
    is_planned = not (known.stage == Stage.SETUP and known.planned is None)
    red = None
    if is_planned and milestone.project.archived_at is None:
        red = _follow(milestone, schedule.label(known), is_told=is_told, now=now)
    _arm(milestone, known, zone)
    return red


def _follow(milestone: Milestone, computed: Shown, *, is_told: bool, now: datetime) -> Red | None:
    """Writes the label; returns it where it has just turned red, which is still to be told."""
    before = Label(milestone.colour) if milestone.colour else None
    step = schedule.next_label(before, computed, _is_warned(milestone, now=now))
    if must_warn := _must_warn(milestone, before, step, now=now):
        milestone.warned_at = now
    is_skipped = _is_skipped(milestone, before, step, now=now)
    _save(milestone, before, step, now=now)
    if before and step.colour and step.colour != before:
        _note(milestone, before, step.colour, step, is_skipped=is_skipped, now=now)
    if must_warn and not is_told:
        _warn(milestone, step, now=now)
    elif before and before not in RED and step.colour in RED:
        return Red(milestone, step)
    return None


def _is_warned(milestone: Milestone, *, now: datetime) -> bool:
    """Whether the warning is on its way, or cannot arrive at all."""
    if milestone.warned_at is None or milestone.warned_at >= now:
        return False
    warnings = Notice.objects.filter(milestone=milestone, kind=NoticeKind.EARLY_WARNING)
    sent = warnings.order_by("-created_at").values_list("delivery_id", flat=True).first()
    return sent is None or outbox.is_committed(sent)


def _must_warn(milestone: Milestone, before: Label | None, step: Step, *, now: datetime) -> bool:
    if step.colour != Label.AT_RISK or before is None:
        return False
    if before == Label.ON_TRACK:
        return not schedule.warning_covers(milestone.warned_at, now)
    return step.turning_red and milestone.warned_at is None


def _save(milestone: Milestone, before: Label | None, step: Step, *, now: datetime) -> None:
    changes: dict[str, Any] = {"turning_red": step.turning_red, "warned_at": milestone.warned_at}
    if step.colour != before:
        changes |= {"colour": step.colour, "colour_since": now}
        changes["green_until"] = now if before == Label.ON_TRACK else _green_until(milestone, step)
    # Not a change by a person: whoever edits the record meanwhile has seen all of it.
    Milestone.objects.filter(pk=milestone.pk).update(**changes)
    for name, value in changes.items():
        setattr(milestone, name, value)


def _green_until(milestone: Milestone, step: Step) -> datetime | None:
    return None if step.colour == Label.ON_TRACK else milestone.green_until


def _is_skipped(milestone: Milestone, before: Label | None, step: Step, *, now: datetime) -> bool:
    """Red that was due within an hour of green: nobody had the time that a warning is meant to give."""
    if before != Label.AT_RISK or step.colour not in RED or milestone.green_until is None:
        return False
    return milestone.turning_red or now - milestone.green_until <= SKIPPED_WITHIN


def _note(
    milestone: Milestone, before: Label, after: Label, step: Step, *, is_skipped: bool, now: datetime
) -> None:
    LabelChange.objects.create(
        milestone=milestone,
        at=now,
        before=before,
        after=after,
        reason=step.reason[:REASON],
        warning_skipped=is_skipped,
    )
    data = {"from": before, "to": after, "reason": step.reason, "turning_red": step.turning_red}
    record(milestone, "label.changed", by=SYSTEM, at=now, data=data, thread_id=milestone.pk)


def _warn(milestone: Milestone, step: Step, *, now: datetime) -> None:
    later = _waiting_for([milestone])
    words = label_letters.early_warning(milestone, step, later)
    _owe(NoticeKind.EARLY_WARNING, [milestone], words, reason=step.reason, later=later, now=now)


def _tell_red(turned: Sequence[Red], *, now: datetime) -> None:
    by_reader: dict[UUID | None, list[Red]] = {}
    for red in turned:
        reader = notices.reader_of(red.milestone.project, red.milestone)
        by_reader.setdefault(reader.pk if reader else None, []).append(red)
    for told in by_reader.values():
        milestones = [red.milestone for red in told]
        later = _waiting_for(milestones)
        words = label_letters.late(told, later)
        reason = " ".join(dict.fromkeys(red.step.reason for red in told))
        _owe(NoticeKind.LATE, milestones, words, reason=reason, later=later, now=now)


def _waiting_for(milestones: Sequence[Milestone]) -> list[str]:
    """What comes later than all of them, by name."""
    waiting = Dependency.objects.filter(needs__in=milestones, milestone__closed_at=None)
    rows = waiting.exclude(milestone__in=milestones).select_related("milestone")
    return list(dict.fromkeys(str(row.milestone) for row in rows.order_by("milestone__code")))


def _owe(
    kind: NoticeKind,
    milestones: Sequence[Milestone],
    words: tuple[str, str],
    *,
    reason: str,
    later: list[str],
    now: datetime,
) -> None:
    """The row names the first of them, its data all of them."""
    (title, body), first = words, milestones[0]
    notices.owe(
        kind,
        project=first.project,
        milestone=first,
        subject=first,
        occurrence=now.isoformat(),
        title=title,
        body=body,
        data={"reason": reason, "later": later, "milestones": [str(each.pk) for each in milestones]},
        by=SYSTEM,
        now=now,
    )


def _arm(milestone: Milestone, known: schedule.Facts, zone: ZoneInfo) -> None:
    """Says when time alone may change the label; red that waits is looked at in the next run."""
    turns_on = _turns_on(milestone, known)
    due_at = datetime.combine(turns_on, time.min, zone) if turns_on else None
    Pulse.objects.filter(milestone=milestone).update(needs_label=milestone.turning_red, label_due_at=due_at)


def _turns_on(milestone: Milestone, known: schedule.Facts) -> date | None:
    """The first day on which the label may differ though nobody did anything."""
    if milestone.paused_until:
        days = [milestone.paused_until + DAY]
    elif known.planned is None or known.completed_on or known.accepted or known.outcome:
        days = []
    else:
        days = [known.planned + span for span in TURNS_AFTER]
    return min((day for day in days if day > known.today), default=None)
