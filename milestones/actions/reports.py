"""Writes about how the work goes: progress, unplanned requests."""

from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from django.db.models import F

from journal.actions import record
from journal.actors import Actor
from milestones.actions.engagements import at_work
from milestones.measures import Measure, percent_of, wrong_with
from milestones.models import Milestone, ProgressUpdate, Pulse
from milestones.words import Stage
from tenancy.refusal import Refused
from tenancy.saving import add


class Progress(TypedDict, total=False):
    """What may be said about progress."""

    done: str
    next: str
    blocked: str
    percent: int | None
    measured: Decimal | None
    confidence: int | None


def record_progress(
    milestone_id: UUID, *, by: Actor, now: datetime, **said: Unpack[Progress]
) -> ProgressUpdate:
    """Notes an internal statement of progress; it counts as a sign of life."""
    milestone = at_work(milestone_id)
    _check_is_worked_on(milestone)
    _check_says_something(said)
    said = _by_measure(milestone, said)
    author = {"author_kind": by.kind, "author_id": by.id, "author_name": by.name}
    update = add(ProgressUpdate(milestone=milestone, at=now, **author, **said))
    _follow_progress(update, now=now)
    record(
        update,
        "progress.recorded",
        by=by,
        at=now,
        data={
            "percent": update.percent,
            "measured": update.measured,
            "confidence": update.confidence,
        },
        personal={"done": update.done, "next": update.next, "blocked": update.blocked},
        thread_id=milestone.pk,
    )
    return update


def _check_says_something(said: Progress) -> None:
    words = said.get("done") or said.get("next") or said.get("blocked")
    if not words and said.get("percent") is None and said.get("measured") is None:
        raise Refused(
            "Say something: what is done, what comes next, what is in the way, or how far it is.",
            code="invalid",
            fields={"done": ["Fill in at least one of done, next, blocked or percent."]},
        )


def _by_measure(milestone: Milestone, said: Progress) -> Progress:
    """What was measured, as a share of the way, is the percentage that everything else reads."""
    measure = Measure(milestone.measure_name, milestone.measure_baseline, milestone.measure_target)
    percent, measured = said.get("percent"), said.get("measured")
    if wrong := wrong_with(milestone.kind, measure, percent=percent, measured=measured):
        fields = {name: [sentence] for name, sentence in wrong.items()}
        raise Refused(next(iter(wrong.values())), code="invalid", fields=fields)
    return said if measured is None else {**said, "percent": percent_of(measured, measure)}


def _follow_progress(update: ProgressUpdate, *, now: datetime) -> None:
    """The milestone keeps when it last moved, and the last percentage that was given."""
    percent = F("reported_percent") if update.percent is None else update.percent
    measured = F("measured") if update.measured is None else update.measured
    Milestone.objects.filter(pk=update.milestone_id).update(
        last_progress_at=now, reported_percent=percent, measured=measured
    )
    touch(update.milestone_id, now=now)


def touch(milestone_id: UUID, *, now: datetime) -> None:
    """Marks a milestone as changed, so that the next scoring looks at it."""
    Pulse.objects.filter(milestone_id=milestone_id).update(changed_at=now)


def _check_is_worked_on(milestone: Milestone) -> None:
    if milestone.stage in (Stage.SETUP, Stage.CLOSED):
        raise Refused(
            f"A milestone in {Stage(milestone.stage).label.lower()} takes no reports. "
            + (
                "Take it into execution first."
                if milestone.stage == Stage.SETUP
                else "It is closed for good."
            ),
            code="not_in_work",
        )
