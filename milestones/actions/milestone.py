"""Writes about a milestone's record: its fields, criteria, dependencies."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Subquery

from journal.actions import record
from journal.actors import Actor
from milestones import date_letters
from milestones.actions.clarity import assess, of_new
from milestones.actions.clocks import leave_clocks_to_sweep
from milestones.actions.engagements import at_work, check_is_not_archived
from milestones.actions.reports import touch
from milestones.actions.returns import output_changed
from milestones.cycles import cycle_through
from milestones.editing import (
    WORDING,
    check_criteria_are_open,
    check_fields_are_open,
    check_part_may_go,
    check_wording_is_open,
)
from milestones.models import Contact, Criterion, Dependency, Milestone, Phase, Project, Pulse
from milestones.owners import OWNERS, check_may_own
from milestones.queries import decisions, plan
from milestones.schedule import OUT_OF_REACH, is_in_reach
from milestones.words import Stage
from tenancy.numbers import take_turn
from tenancy.refusal import Refused
from tenancy.saving import add, change, locked

BASELINE = ("planned_date", "forecast_date", "planned_start")
# What the gate into execution asked of these fields holds from then on.
DEFINED = (
    *("output", "approval_channel", "owner_primary", "owner_client", "approver"),
    *("dependency_risks", "invoice_trigger", "next_stage_trigger"),
)
# Who was named once is replaced from then on, never taken away.
NAMED = (*DEFINED, "review_owner")
ASKED = ("approver", "approval_channel")


def add_milestone(project: Project, fields: Mapping[str, Any], *, by: Actor, now: datetime) -> Milestone:
    """Adds a milestone in setup."""
    milestone = new_milestone(project, fields, now=now)
    add(milestone)
    Pulse.objects.create(milestone=milestone, changed_at=now)
    record(
        milestone,
        "milestone.created",
        by=by,
        at=now,
        data={"code": milestone.code, "name": milestone.name, "planned_date": milestone.planned_date},
        thread_id=milestone.pk,
    )
    return milestone


def new_milestone(project: Project, fields: Mapping[str, Any], *, now: datetime) -> Milestone:
    """A milestone that is not kept yet; its forecast begins as its plan.

    Raises:
        Refused: naming the fields that cannot take these values.
    """
    check_is_not_archived(project)
    others = dict(project.milestones.values_list("code", "planned_date"))
    _check_code_is_free(others, fields.get("code"))
    _check_belongs(project, fields)
    check_may_own(fields)
    milestone = Milestone(**fields, project=project, created_at=now)
    milestone.forecast_date = milestone.planned_date
    _check_span(milestone.planned_start, milestone.planned_date)
    milestone.clarity_score = of_new(milestone, others.values())
    return milestone


def change_milestone(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Milestone:
    """Changes fields of the record. Once work has begun the plan moves only through the scope process.

    Raises:
        Refused: naming the fields that cannot take these values, or cannot change any more.
        Stale: when somebody saved since version `expected`.
    """
    milestone = at_work(pk, expected=expected)
    altered = _altered(milestone, changes)
    check_fields_are_open(Stage(milestone.stage), altered)
    _check_nobody_is_asked(milestone, altered)
    _check_plan_may_change(milestone, altered)
    _check_stays_defined(milestone, altered, changes)
    if "code" in changes and changes["code"] != milestone.code:
        _check_code_is_free(milestone.project.milestones.values_list("code", flat=True), changes["code"])
    _check_belongs(milestone.project, changes)
    check_may_own(changes, before={name: getattr(milestone, f"{name}_id") for name in OWNERS})
    if "planned_date" in altered:
        changes = {**changes, "forecast_date": changes["planned_date"]}
    planned = {"planned_start": milestone.planned_start, "planned_date": milestone.planned_date, **changes}
    _check_span(planned["planned_start"], planned["planned_date"])
    moved = change(milestone, changes)
    if moved:
        assess(milestone)
        touch(milestone.pk, now=now)
        if "forecast_date" in moved:
            leave_clocks_to_sweep(milestone, now=now)
        record(milestone, "milestone.changed", by=by, at=now, data={"fields": moved}, thread_id=milestone.pk)
        if "output" in moved:
            _void_what_was_checked(milestone, "the sentence of the record", by=by, now=now)
    return milestone


def _void_what_was_checked(milestone: Milestone, what: str, *, by: Actor, now: datetime) -> None:
    """A check, and a question to the client, hold for what the record said then."""
    if milestone.stage in (Stage.QA, Stage.REVIEW) or milestone.qa_passed_at:
        output_changed(milestone, what, by=by, now=now)


def _check_plan_may_change(milestone: Milestone, altered: Collection[str]) -> None:
    moved = [name for name in BASELINE if name in altered]
    if moved and milestone.stage != Stage.SETUP:
        raise Refused(
            "The plan is agreed: dates move only with a reason and a notice to the client.",
            code="invalid",
            fields={name: ["The plan is agreed since execution began; this date stays."] for name in moved},
        )
    if "planned_date" in moved and milestone.planned_date and plan.has_history(milestone):
        said = "The client may know this date. Move the forecast, or ask for a new baseline."
        raise Refused(said, code="invalid", fields={"planned_date": [said]})


def _altered(milestone: Milestone, changes: Mapping[str, Any]) -> list[str]:
    """The fields that would not stay as they are, each by its own name, however it was spelled."""
    return [name.removesuffix("_id") for name, value in changes.items() if getattr(milestone, name) != value]


def _check_nobody_is_asked(milestone: Milestone, altered: Collection[str]) -> None:
    asked = [name for name in ASKED if name in altered]
    if asked and milestone.stage == Stage.REVIEW and decisions.waiting().filter(milestone=milestone).exists():
        said = "The approver is being asked about this milestone. Withdraw the question first."
        raise Refused(said, code="request_pending", fields={name: [said] for name in asked})


def _check_stays_defined(milestone: Milestone, altered: Collection[str], changes: Mapping[str, Any]) -> None:
    emptied = [name for name in NAMED if name in altered and not changes.get(name, changes.get(f"{name}_id"))]
    if emptied and milestone.stage != Stage.SETUP:
        raise Refused(
            "What execution began with cannot be taken out again.",
            code="invalid",
            fields={name: [_stays_filled_in(name)] for name in emptied},
        )


def _stays_filled_in(name: str) -> str:
    if name in DEFINED:
        return "The gate into execution asked for this; change it, but leave it filled in."
    return "Somebody takes the milestone through its review. Name another member, but leave nobody out."


def _check_code_is_free(taken: Iterable[str | None], code: str | None) -> None:
    if code in taken:
        raise Refused(
            "Another milestone of this project has this code.",
            code="invalid",
            fields={"code": ["Another milestone of this project has this code; choose another."]},
        )


def _check_belongs(project: Project, fields: Mapping[str, Any]) -> None:
    """The client's people are of the project's account, and the phase is of the project."""
    people = {name: pk for name in ("owner_client", "approver") if (pk := _key(fields, name))}
    own = Contact.objects.filter(account=project.account_id, pk__in=people.values())
    known = set(own.values_list("pk", flat=True)) if people else set()
    wrong = {name: ["This contact is of another account."] for name, pk in people.items() if pk not in known}
    phase = _key(fields, "phase")
    if phase and not Phase.objects.filter(project=project, pk=phase).exists():
        wrong["phase"] = ["This phase is of another project."]
    if wrong:
        raise Refused("Some fields name what belongs elsewhere.", code="invalid", fields=wrong)


def _key(fields: Mapping[str, Any], name: str) -> UUID | None:
    """What a field refers to, given as a row or, with `_id`, by its key."""
    row = fields.get(name)
    key: UUID | None = row.pk if row else fields.get(f"{name}_id")
    return key


def _check_span(start: date | None, end: date | None) -> None:
    days = {"planned_start": start, "planned_date": end}
    if far := [name for name, day in days.items() if day and not is_in_reach(day)]:
        raise Refused(OUT_OF_REACH, code="invalid", fields={name: [OUT_OF_REACH] for name in far})
    if start and end and end < start:
        raise Refused(
            "The milestone would end before it starts.",
            code="invalid",
            fields={"planned_date": [f"This lies before the planned start, {start:%d %b %Y}."]},
        )


def add_criterion(milestone_id: UUID, fields: Mapping[str, Any], *, by: Actor, now: datetime) -> Criterion:
    milestone = locked(Milestone, milestone_id)
    milestone.project, last = _project_and_last_place(milestone)
    check_is_not_archived(milestone.project)
    check_criteria_are_open(Stage(milestone.stage), ["statement"])
    criterion = add(Criterion(**fields, milestone=milestone, position=last + 1))
    assess(milestone)
    record(
        criterion,
        "criterion.added",
        by=by,
        at=now,
        data={"statement": criterion.statement, "position": criterion.position},
        thread_id=milestone.pk,
    )
    _void_what_was_checked(milestone, f"criterion {criterion.position} was added", by=by, now=now)
    return criterion


def _project_and_last_place(milestone: Milestone) -> tuple[Project, int]:
    """The project as it is once the milestone is locked, and the place of the last criterion (0: none)."""
    places = Criterion.objects.filter(milestone=milestone).order_by("-position").values("position")
    project = Project.objects.annotate(last=Subquery(places[:1])).get(pk=milestone.project_id)
    return project, project.last or 0


def change_criterion(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Criterion:
    """Changes the wording of a criterion, or whether it is met and what shows it.

    Raises:
        Refused: when the milestone's stage no longer allows it.
        Stale: when somebody saved since version `expected`.
    """
    milestone = at_work(_milestone_of(Criterion, pk))
    criterion = locked(Criterion, pk, expected=expected)
    altered = [name for name, value in changes.items() if getattr(criterion, name) != value]
    if altered:
        check_criteria_are_open(Stage(milestone.stage), altered)
    check_wording_is_open(Stage(milestone.stage), [name for name in altered if name in WORDING])
    if moved := change(criterion, changes):
        assess(milestone)
        record(
            criterion,
            "criterion.changed",
            by=by,
            at=now,
            data={"fields": moved},
            thread_id=milestone.pk,
        )
        if not moved.keys().isdisjoint(WORDING):
            _void_what_was_checked(milestone, f"criterion {criterion.position}", by=by, now=now)
    return criterion


def remove_criterion(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> None:
    """Takes a criterion out of the record; the journal keeps what it said.

    Raises:
        Refused: when the client is asked about it or it was accepted, or it is the last one after setup.
        Stale: when somebody saved since version `expected`.
    """
    milestone = at_work(_milestone_of(Criterion, pk))
    criterion = locked(Criterion, pk, expected=expected)
    check_part_may_go(Stage(milestone.stage))
    take_out_criterion(criterion, milestone, by=by, now=now)


def take_out_criterion(criterion: Criterion, milestone: Milestone, *, by: Actor, now: datetime) -> None:
    """As `remove_criterion`, of a locked milestone, even while the client is asked: that question is void."""
    if milestone.stage != Stage.SETUP and milestone.criteria.count() == 1:
        raise Refused(
            "This is the only criterion: what is accepted needs one. Add another first.", code="last_one"
        )
    said = {name: getattr(criterion, name) for name in ("position", *WORDING, "is_met", "evidence")}
    Criterion.objects.filter(pk=criterion.pk).delete()
    assess(milestone)
    record(criterion, "criterion.removed", by=by, at=now, data=said, thread_id=milestone.pk)
    _void_what_was_checked(milestone, f"criterion {criterion.position} was removed", by=by, now=now)


def _milestone_of(model: type[Criterion | Dependency], pk: UUID) -> UUID:
    """Whose part a row is: the milestone is locked before what belongs to it, by everybody."""
    found: UUID = model.objects.values_list("milestone_id", flat=True).get(pk=pk)
    return found


def add_dependency(
    milestone: Milestone, needs: Milestone, *, lag_days: int = 0, by: Actor, now: datetime
) -> Dependency:
    """States that a milestone cannot finish before another has.

    Raises:
        Refused: when it is stated already, crosses projects, or would run in a circle, which is then named.
    """
    check_is_not_archived(milestone.project)
    take_turn(f"dependencies {milestone.project_id}")
    _check_dependency(milestone, needs)
    _check_leaves_time(milestone, needs, lag_days, now=now)
    dependency = add(Dependency(milestone=milestone, needs=needs, lag_days=lag_days))
    touch(milestone.pk, now=now)
    record(
        dependency,
        "dependency.added",
        by=by,
        at=now,
        data={"needs": needs.pk, "lag_days": lag_days},
        thread_id=milestone.pk,
    )
    return dependency


def _check_dependency(milestone: Milestone, needs: Milestone) -> None:
    if needs.project_id != milestone.project_id:
        raise _bad_dependency("A milestone can only wait for another one of the same project.")
    if milestone.predecessors.filter(needs=needs).exists():
        raise _bad_dependency(f"{milestone.code} waits for {needs.code} already.")
    edges: dict[UUID, list[UUID]] = {milestone.pk: [needs.pk]}
    stated = Dependency.objects.filter(milestone__project_id=milestone.project_id)
    for waiting, needed in stated.values_list("milestone_id", "needs_id"):
        edges.setdefault(waiting, []).append(needed)
    if circle := cycle_through(milestone.pk, edges):
        codes = dict(Milestone.objects.filter(pk__in=circle).values_list("pk", "code"))
        raise _bad_dependency(f"This would run in a circle: {' → '.join(codes[pk] for pk in circle)}.")


def _check_leaves_time(milestone: Milestone, needs: Milestone, lag_days: int, *, now: datetime) -> None:
    """No date moves silently: the forecast goes to the later day first, with its reason."""
    if milestone.stage == Stage.SETUP:
        return
    day = plan.earliest_after(milestone, needs, lag_days, now=now)
    if day and milestone.forecast_date and day > milestone.forecast_date:
        raise _bad_dependency(
            f"{milestone.code} could not be finished before {date_letters.day(day)} then. "
            "Move its forecast to that day first."
        )


def _bad_dependency(sentence: str) -> Refused:
    return Refused(sentence, code="invalid", fields={"needs": [sentence]})


def change_dependency(
    pk: UUID, changes: Mapping[str, Any], *, by: Actor, now: datetime, expected: int | None = None
) -> Dependency:
    milestone = at_work(_milestone_of(Dependency, pk))
    dependency = locked(Dependency, pk, expected=expected)
    if "lag_days" in changes:
        _check_leaves_time(milestone, dependency.needs, changes["lag_days"], now=now)
    if moved := change(dependency, changes):
        touch(milestone.pk, now=now)
        record(
            dependency,
            "dependency.changed",
            by=by,
            at=now,
            data={"fields": moved},
            thread_id=dependency.milestone_id,
        )
    return dependency


def remove_dependency(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> None:
    """Takes back that a milestone waits for another. Its forecast stays until somebody moves it.

    Raises:
        Refused: when the milestone waits for the client or was accepted.
        Stale: when somebody saved since version `expected`.
    """
    milestone = at_work(_milestone_of(Dependency, pk))
    dependency = locked(Dependency, pk, expected=expected)
    check_part_may_go(Stage(milestone.stage))
    Dependency.objects.filter(pk=pk).delete()
    touch(milestone.pk, now=now)
    said = {"needs": dependency.needs_id, "lag_days": dependency.lag_days}
    record(dependency, "dependency.removed", by=by, at=now, data=said, thread_id=milestone.pk)
