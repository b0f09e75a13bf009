"""Starting a project's plan from a template, and keeping a plan as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, TypeVar
from uuid import UUID

from django.db.models import Max

from journal.actions import record
from journal.actors import Actor
from milestones.actions import phases
from milestones.actions.clarity import assess
from milestones.actions.engagements import check_is_not_archived
from milestones.actions.milestone import (
    add_dependency,
    add_milestone,
    change_milestone,
)
from milestones.actions.reports import touch
from milestones.layout import Span, lay_out, span_of
from milestones.models import Contact, Criterion, Milestone, Phase, PlanTemplate, Project
from milestones.templates import Document, MilestonePlan, PhasePlan, milestones_of
from milestones.words import ApprovalChannel
from tenancy.ids import uuid7
from tenancy.numbers import take_turn
from tenancy.refusal import Refused, Stale
from tenancy.saving import add, change, check
from workspaces.models import Membership
from workspaces.queries import calendar_of

R = TypeVar("R", Milestone, Phase)
TEXTS = ("kind", "name", "output", "description", "dependency_risks", "invoice_trigger", "next_stage_trigger")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who owns and who accepts every milestone of the plan, until it is changed for one of them."""

    owner_primary: Membership | None = None
    review_owner: Membership | None = None
    owner_client: Contact | None = None
    approver: Contact | None = None
    approval_channel: str = ApprovalChannel.LINK


def start_plan(
    project: Project,
    document: Document,
    *,
    start: date,
    people: People,
    factors: Mapping[str, float],
    by: Actor,
    now: datetime,
) -> list[Milestone]:
    """Adds a template's phases and milestones to a project, with dates on the working calendar.

    The first milestone that a kickoff made stands for the template's milestone of the same code.

    Raises:
        Refused: when another milestone of the project has one of the template's codes.
    """
    check_is_not_archived(project)
    take_turn(f"plan {project.pk}")
    take_turn(f"dependencies {project.pk}")
    plans = milestones_of(document)
    first = _first(project, plans)
    _check_codes_are_free(project, plans, first)
    spans = _spans(project, plans, first, start=start, factors=factors)
    laid = [(_phase(project, phase), phase["milestones"]) for phase in document["phases"]]
    made = _placed(first, laid, by=by, now=now) if first else {}
    for phase, planned in laid:
        for plan in planned:
            if plan["code"] not in made:
                made[plan["code"]] = _milestone(phase, plan, spans[plan["code"]], people, by=by, now=now)
    _tie(made, plans, by=by, now=now)
    for milestone in made.values():
        assess(milestone)  # the pace is of the whole plan
    record(
        project,
        "plan.started",
        by=by,
        at=now,
        data={"template": document["name"], "milestones": len(made), "start": start},
        thread_id=project.pk,
    )
    return list(made.values())


def preview(
    project: Project, document: Document, *, start: date, factors: Mapping[str, float]
) -> dict[str, Span]:
    """The dates that `start_plan` would give, by code; nothing is saved.

    Raises:
        Refused: as `start_plan` does.
    """
    plans = milestones_of(document)
    first = _first(project, plans)
    _check_codes_are_free(project, plans, first)
    return _spans(project, plans, first, start=start, factors=factors)


def _spans(
    project: Project,
    plans: list[MilestonePlan],
    first: Milestone | None,
    *,
    start: date,
    factors: Mapping[str, float],
) -> dict[str, Span]:
    calendar = calendar_of(project.workspace)
    fixed = {first.code: span_of(first.planned_start, first.planned_date)} if first else {}
    return lay_out(plans, start=start, calendar=calendar, factors=factors, fixed=fixed)


def _first(project: Project, plans: list[MilestonePlan]) -> Milestone | None:
    codes = [plan["code"] for plan in plans]
    return project.milestones.filter(
        is_first=True, code__in=codes, planned_start__isnull=False, planned_date__isnull=False
    ).first()


def _check_codes_are_free(project: Project, plans: list[MilestonePlan], first: Milestone | None) -> None:
    taken = project.milestones.filter(code__in=[plan["code"] for plan in plans])
    taken = taken.exclude(pk=first.pk) if first else taken
    if codes := ", ".join(sorted(taken.values_list("code", flat=True))):
        raise Refused(
            f"This project has {codes} already. Start the template in a project without them.",
            code="invalid",
            fields={"template": [f"The codes {codes} are taken in this project."]},
        )


def _phase(project: Project, plan: PhasePlan) -> Phase:
    last = project.phases.aggregate(last=Max("position"))["last"] or 0
    return add(Phase(project=project, position=last + 1, name=plan["name"]))


def _placed(
    first: Milestone, laid: list[tuple[Phase, list[MilestonePlan]]], *, by: Actor, now: datetime
) -> dict[str, Milestone]:
    """The first milestone in its phase. It stood before, so it is locked before anything is recorded."""
    phase = next(phase for phase, planned in laid if any(plan["code"] == first.code for plan in planned))
    return {first.code: change_milestone(first.pk, {"phase": phase}, by=by, now=now)}


def _milestone(
    phase: Phase, plan: MilestonePlan, span: Span, people: People, *, by: Actor, now: datetime
) -> Milestone:
    fields: dict[str, Any] = {
        **{name: plan[name] for name in TEXTS},  # type: ignore[literal-required]
        **{name: getattr(people, name) for name in People.__dataclass_fields__},
        "phase": phase,
        "code": plan["code"],
        "weight": plan["weight"],
        "planned_start": span.start,
        "planned_date": span.end,
    }
    milestone = add_milestone(phase.project, fields, by=by, now=now)
    rows = [
        Criterion(milestone=milestone, position=position, **criterion)
        for position, criterion in enumerate(plan["criteria"], start=1)
    ]
    for row in rows:
        check(row)
    Criterion.objects.bulk_create(rows)
    return milestone


def _tie(made: Mapping[str, Milestone], plans: list[MilestonePlan], *, by: Actor, now: datetime) -> None:
    for plan in plans:
        for code in plan["needs"]:
            lag = plan.get("lags", {}).get(code, 0)
            add_dependency(made[plan["code"]], made[code], lag_days=lag, by=by, now=now)


class Share(TypedDict):
    """How much a milestone weighs, and in which phase it stands."""

    weight: Decimal
    phase: Phase | None


def weigh(
    project_pk: UUID,
    shares: Mapping[UUID, Share],
    *,
    names: Mapping[UUID, str] | None = None,
    order: Sequence[UUID] = (),
    by: Actor,
    now: datetime,
    expected: Mapping[UUID, int] | None = None,
) -> list[Milestone]:
    """Sets weights and phases of many milestones at once, names and order of phases. Returns what changed.

    `order` names all phases of the project, or none, where they stay as they are.

    Every row is locked before the first event: whoever has recorded waits for nobody.

    Raises:
        Refused: when a weight is not positive, or something is of another project.
        Stale: when somebody saved one of the milestones since its version in `expected`.
    """
    rows = _locked_rows(Milestone, project_pk, shares)
    listed = _locked_rows(Phase, project_pk, {**(names or {}), **dict.fromkeys(order)})
    for project in Project.objects.filter(pk=project_pk):
        check_is_not_archived(project)
    if any(row.version != (expected or {}).get(row.pk, row.version) for row in rows):
        raise Stale("The plan")
    _check_shares(project_pk, shares)
    moved: list[tuple[Milestone, Any]] = [(row, change(row, shares[row.pk])) for row in rows]
    called = [(row, change(row, {"name": names[row.pk]})) for row in listed if names and row.pk in names]
    placed = phases.arrange(listed, order) if order else []
    changed = [(row, fields) for row, fields in moved if fields]
    for row, _ in changed:
        touch(row.pk, now=now)
    cause = uuid7()
    for phase, fields in phases.together(called, placed).items():
        data, of = {"fields": fields}, project_pk
        record(phase, "phase.changed", by=by, at=now, data=data, thread_id=of, cause_id=cause)
    for row, fields in changed:
        data = {"fields": fields}
        record(row, "milestone.changed", by=by, at=now, data=data, thread_id=row.pk, cause_id=cause)
    return [row for row, _ in changed]


def _locked_rows(model: type[R], project_pk: UUID, wanted: Mapping[UUID, Any]) -> list[R]:
    """The rows in the order of their ids: two who lock several must not wait for each other crosswise."""
    found = model.objects.filter(project=project_pk, pk__in=wanted).order_by("pk")
    rows = list(found.select_for_update(of=("self",), no_key=True))
    if len(rows) < len(wanted):
        raise Refused("Name milestones and phases of this project only.", code="invalid")
    return rows


def _check_shares(project_pk: UUID, shares: Mapping[UUID, Share]) -> None:
    wrong = {str(pk): ["Give a weight above 0."] for pk, share in shares.items() if share["weight"] <= 0}
    for pk, share in shares.items():
        if share["phase"] and share["phase"].project_id != project_pk:
            wrong[str(pk)] = ["This phase is of another project."]
    if wrong:
        raise Refused("These weights cannot be saved.", code="invalid", fields=wrong)


def keep_as_template(
    project: Project, *, name: str, description: str = "", by: Actor, now: datetime
) -> PlanTemplate:
    """Keeps a project's plan, without its dates and people, for the next engagement.

    Raises:
        Refused: when there is nothing to keep, or another template has the name.
    """
    document = _document(project, name=name, description=description)
    if not milestones_of(document):
        raise Refused("This project has no dated milestone that could be kept.", code="nothing_to_keep")
    if PlanTemplate.objects.filter(name=name).exists():
        sentence = "Another template has this name; choose another."
        raise Refused(sentence, code="invalid", fields={"name": [sentence]})
    template = add(PlanTemplate(name=name, description=description, document=document, created_at=now))
    record(template, "template.kept", by=by, at=now, data={"name": name}, thread_id=project.pk)
    return template


def drop_template(pk: UUID, *, by: Actor, now: datetime) -> None:
    template = PlanTemplate.objects.select_for_update().get(pk=pk)
    record(template, "template.dropped", by=by, at=now, data={"name": template.name})
    template.delete()


def _document(project: Project, *, name: str, description: str) -> Document:
    calendar = calendar_of(project.workspace)
    stones = list(
        project.milestones.exclude(planned_start=None)
        .exclude(planned_date=None)
        .select_related("phase")
        .prefetch_related("criteria", "predecessors__needs")
        .order_by("phase__position", "planned_date", "code")
    )
    codes = {milestone.code for milestone in stones}
    phases: dict[str, PhasePlan] = {}
    for milestone in stones:
        title = milestone.phase.name if milestone.phase else "Plan"
        phase = phases.setdefault(title, {"name": title, "milestones": []})
        span = span_of(milestone.planned_start, milestone.planned_date)
        days = calendar.working_days_in(span.start, span.end)
        phase["milestones"].append(_plan(milestone, max(days, 1), codes))
    return {"code": "", "name": name, "description": description, "phases": list(phases.values())}


def _plan(milestone: Milestone, days: int, codes: set[str]) -> MilestonePlan:
    lags = {
        each.needs.code: each.lag_days for each in milestone.predecessors.all() if each.needs.code in codes
    }
    return {
        **{name: getattr(milestone, name) for name in TEXTS},  # type: ignore[typeddict-item]
        "code": milestone.code,
        "days": days,
        "weight": float(milestone.weight),
        "needs": sorted(lags),
        "lags": {code: days for code, days in lags.items() if days},
        "criteria": [
            {
                "statement": each.statement,
                "verification": each.verification,
                "measure": each.measure,
                "target": each.target,
            }
            for each in sorted(milestone.criteria.all(), key=lambda each: each.position)
        ],
    }
