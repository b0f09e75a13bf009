"""Cutting a milestone in two: the first half keeps the row and its history, the second begins in setup."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones.actions import labels
from milestones.actions.clarity import assess
from milestones.actions.engagements import at_work
from milestones.actions.reports import touch
from milestones.actions.returns import output_changed
from milestones.models import Criterion, Dependency, Milestone, Pulse
from milestones.split import Cut, Half, Whole, halves, scope_flags
from milestones.words import Stage
from tenancy.numbers import take_turn
from tenancy.refusal import Refused, Unmet
from tenancy.saving import add, change

# What the second half has of the first.
INHERITED = (
    *("project", "phase", "kind", "description", "planned_start", "planned_date", "forecast_date"),
    *("quality_threshold", "owner_primary", "review_owner", "owner_client", "approver", "approval_channel"),
    *("accepting_round", "dependency_risks", "is_aggressive", "measure_name", "measure_baseline"),
    "measure_target",
)


@dataclass(frozen=True, slots=True)
class Split:
    """The halves, and what shows that one of them is still a scope issue."""

    first: Milestone
    second: Milestone
    flags: Sequence[Unmet]


def preview(milestone: Milestone, cut: Cut) -> tuple[Half, Half]:
    """What a split would make; nothing is saved.

    Raises:
        Refused: naming what would get lost.
    """
    _check_may_split(milestone)
    return halves(_whole(milestone), cut)


def split(pk: UUID, cut: Cut, *, by: Actor, now: datetime, expected: int | None = None) -> Split:
    """Cuts a milestone in two. Whoever waited for it waits for both, and the second waits as the first did.

    What was checked or is waiting for the client's answer was the whole: it is reset.

    Raises:
        Refused: when the milestone is accepted or closed, or something would get lost.
    """
    milestone = at_work(pk, expected=expected)
    take_turn(f"dependencies {milestone.project_id}")
    before = milestone.code
    first, half = preview(milestone, cut)
    change(milestone, _columns(first))
    second = _second(milestone, cut, half, now=now)
    Criterion.objects.filter(milestone=milestone, pk__in=half.criteria).update(milestone=second)
    _depend(milestone, second)
    for each in (milestone, second):
        assess(each)
    touch(milestone.pk, now=now)
    _journal(milestone, second, before, cut, by=by, now=now)
    output_changed(milestone, f"{before} was split into {first.code} and {half.code}", by=by, now=now)
    for each in (milestone, second):
        labels.evaluate(each.pk, now=now)
    return Split(milestone, second, scope_flags(first, half))


def _check_may_split(milestone: Milestone) -> None:
    if milestone.stage in (Stage.CLOSEOUT, Stage.CLOSED):
        raise Refused(
            f"A milestone in {Stage(milestone.stage).label.lower()} stays as it was accepted. "
            "Add another milestone for what is still to come.",
            code="not_in_work",
        )


def _whole(milestone: Milestone) -> Whole:
    return Whole(
        code=milestone.code,
        taken=set(milestone.project.milestones.values_list("code", flat=True)),
        criteria=tuple(milestone.criteria.order_by("position").values_list("pk", flat=True)),
        weight=milestone.weight,
        invoice_trigger=milestone.invoice_trigger,
        next_stage_trigger=milestone.next_stage_trigger,
    )


def _columns(half: Half) -> dict[str, Any]:
    names = ("code", "output", "weight", "invoice_trigger", "next_stage_trigger")
    return {name: getattr(half, name) for name in names}


def _second(milestone: Milestone, cut: Cut, half: Half, *, now: datetime) -> Milestone:
    inherited = {name: getattr(milestone, name) for name in INHERITED}
    second = add(
        Milestone(**inherited, **_columns(half), name=cut.second_name, split_from=milestone, created_at=now)
    )
    Pulse.objects.create(milestone=second, changed_at=now)
    return second


def _depend(first: Milestone, second: Milestone) -> None:
    """No circle can arise: the second half stands in the plan exactly where the first does."""
    waits = [
        Dependency(milestone=second, needs_id=needs_id, lag_days=lag)
        for needs_id, lag in first.predecessors.values_list("needs_id", "lag_days")
    ]
    awaited = [
        Dependency(milestone_id=waiting_id, needs=second, lag_days=lag)
        for waiting_id, lag in first.dependents.values_list("milestone_id", "lag_days")
    ]
    Dependency.objects.bulk_create(waits + awaited)


def _journal(first: Milestone, second: Milestone, before: str, cut: Cut, *, by: Actor, now: datetime) -> None:
    weights = {"first": str(first.weight), "second": str(second.weight)}
    data = {
        "code": before,
        "codes": [first.code, second.code],
        "second_id": second.pk,
        "reason": cut.reason,
        "criteria": sorted(str(pk) for pk in cut.criteria),
        "weights": weights,
        "invoice_to": cut.invoice_to,
        "next_stage_to": cut.next_stage_to,
    }
    record(first, "milestone.split", by=by, at=now, data=data, thread_id=first.pk)
    made = {"code": second.code, "name": second.name, "planned_date": second.planned_date}
    record(
        second,
        "milestone.created",
        by=by,
        at=now,
        data={**made, "split_from": first.pk},
        thread_id=second.pk,
    )
