"""The dates of a milestone: planned, forecast and actual apart, where they have been, and what was missed."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from milestones.actions import dates as actions
from milestones.actions import misses
from milestones.actions.shifts import mark
from milestones.models import DateMove, Milestone, Miss
from milestones.queries import dates as queries
from milestones.queries.dates import Foreseen
from milestones.queries.notices import notices_of_milestone
from milestones.schedule import is_stale
from milestones.slips import total
from milestones.words import Attribution, DateKind, Stage
from tenancy.refusal import Refused
from web.answers import attempt, done, tell
from web.forms.dates import MissForm, MoveForm, PlanForm, RebaselineForm
from web.guards import member
from web.here import Here
from web.team import notices
from web.team.milestones import find, head
from workspaces.models import Role

LISTED = 50
END_OF_WORK = time(17)


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest,
    milestone: Milestone,
    *,
    forms: Mapping[str, Form] | None = None,
    seen: Foreseen | None = None,
    status: int = 200,
) -> HttpResponse:
    """All about dates; `forms` are those in use by their place on the page, `seen` what a move would do."""
    here, forms = Here(request), forms or {}
    context = {
        **head(here, milestone, "milestone_dates"),
        **_facts(milestone, here),
        "move_form": forms.get("move") or MoveForm(initial={"version": milestone.version}, auto_id="move-%s"),
        "rebaseline_form": forms.get("rebaseline") or RebaselineForm(auto_id="rebaseline-%s"),
        "misses": [_miss(miss, forms) for miss in queries.misses_of(milestone.pk)],
        "notices": notices.listed(notices_of_milestone(milestone)[:LISTED]),
        "seen": seen,
        "opened_form": next(iter(forms), ""),
    }
    return render(request, "web/team/milestone_dates.html", context, status=status)


def _facts(milestone: Milestone, here: Here) -> dict[str, Any]:
    moves = list(queries.moves_of(milestone.pk)[:LISTED])
    is_open = milestone.stage != Stage.CLOSED and milestone.completed_at is None
    offer = queries.pull_in_offer(queries.plan_of(milestone.project_id, now=here.now), milestone.pk)
    return {
        "slip_moves": folded(moves),
        "past_planned": _past(moves, DateKind.BASELINE),
        "past_forecasts": _past(moves, DateKind.FORECAST),
        "actual": milestone.completed_at.astimezone(here.zone).date() if milestone.completed_at else None,
        **slips(queries.slips_of(milestone.pk)),
        "may_move": is_open and milestone.forecast_date is not None,
        "may_rebaseline": is_open and milestone.stage != Stage.SETUP,
        "confirmed_at": milestone.forecast_confirmed_at or milestone.execution_started_at,
        "is_stale": is_open and _is_stale(milestone, here),
        "offer": offer if is_open else None,
    }


def _past(moves: list[DateMove], kind: DateKind) -> list[dict[str, Any]]:
    """The dates that were struck, oldest first."""
    return [
        {"date": move.from_date, "reason": move.reason}
        for move in reversed(moves)
        if move.kind == kind and move.from_date
    ]


def _is_stale(milestone: Milestone, here: Here) -> bool:
    said_at = milestone.forecast_confirmed_at or milestone.execution_started_at
    return is_stale(said_at, milestone.is_aggressive, here.now)


def slips(found: Mapping[Attribution, Any]) -> dict[str, Any]:
    """The slip table: a row for everyone who had any, and all together."""
    rows = [
        {"whose": whose.label, "slip": slip} for whose, slip in found.items() if slip.later or slip.earlier
    ]
    return {"slips": rows, "slip_total": total(found)}


def folded(moves: Iterable[DateMove]) -> list[dict[str, Any]]:
    """Each move with what it dragged along below it; one whose root is not among them stands for itself."""
    listed = list(moves)
    known = {move.pk for move in listed}
    dragged: dict[UUID | None, list[DateMove]] = {}
    for move in sorted(listed, key=lambda move: (move.to_date, move.milestone.code)):
        dragged.setdefault(move.root_id, []).append(move)
    return [
        {"move": move, "dragged": dragged.get(move.pk, [])} for move in listed if move.root_id not in known
    ]


def slip_log(project_id: UUID) -> dict[str, Any]:
    """What `_slip_log.html` shows of a project: every move with its reason, and whose days they were."""
    moves = queries.moves_of_project(project_id)[:LISTED]
    return {"slip_moves": folded(moves), **slips(queries.slips_of_project(project_id))}


def _miss(miss: Miss, forms: Mapping[str, Form]) -> dict[str, Any]:
    form: Form
    if miss.acknowledged_at:
        start = {"plan": miss.plan, "version": miss.version}
        form = forms.get(f"plan{miss.pk}") or PlanForm(initial=start, auto_id=f"plan{miss.pk}-%s")
    else:
        start = {"version": miss.version}
        form = forms.get(f"miss{miss.pk}") or MissForm(initial=start, auto_id=f"miss{miss.pk}-%s")
    return {"row": miss, "form": form}


@member(role=Role.MEMBER)
@require_POST
def move(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Moves the forecast, once the person has seen all that would move with it."""
    milestone, here = find(pk), Here(request)
    form = MoveForm(request.POST, auto_id="move-%s")
    if form.is_valid() and form.cleaned_data["seen"] != form.cleaned_data["date"]:
        return _previewed(request, milestone, form, here)
    status = attempt(
        form,
        lambda typed: actions.move_forecast(pk, typed["date"], **form.said(), by=here.actor, now=here.now),
    )
    if status == 200:
        return done(request, "Forecast moved. The client is told.", here.url("milestone_dates", pk))
    form.data = {**dict(form.data.items()), "seen": "", "steps": ""}  # what was seen may be so no more
    return page(request, milestone, forms={"move": form}, status=status)


def _previewed(request: HttpRequest, milestone: Milestone, form: MoveForm, here: Here) -> HttpResponse:
    """The page with everything that would move; the same form, sent once more, moves it."""
    to: date = form.cleaned_data["date"]
    try:
        seen = actions.foresee(milestone.pk, to, now=here.now)
    except Refused as refusal:
        return page(request, milestone, forms={"move": form}, status=tell(form, refusal))
    form.data = {**dict(form.data.items()), "seen": to.isoformat(), "steps": mark(seen.steps)}
    return page(request, milestone, forms={"move": form}, seen=seen)


@member(role=Role.MEMBER)
@require_POST
def confirm(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    milestone, here, form = find(pk), Here(request), Form(request.POST)
    status = attempt(form, lambda _: actions.confirm_forecast(pk, by=here.actor, now=here.now))
    if status == 200:
        back = here.url("today") if request.POST.get("from") == "today" else here.url("milestone_dates", pk)
        return done(request, f"Forecast of {milestone.code} confirmed.", back)
    return page(request, milestone, forms={"confirm": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def rebaseline(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Asks the client to agree to a new planned date."""
    milestone, here = find(pk), Here(request)
    form = RebaselineForm(request.POST, auto_id="rebaseline-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.ask_for_rebaseline(
            {pk: typed["planned_date"]},
            project_id=milestone.project_id,
            reason=typed["reason"],
            decide_by=datetime.combine(typed["decide_by"], END_OF_WORK, here.zone),
            by=here.actor,
            now=here.now,
        )

    status = attempt(form, write)
    if status == 200:
        return done(
            request, "The client is asked. The plan stays until they agree.", here.url("milestone_dates", pk)
        )
    return page(request, milestone, forms={"rebaseline": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def acknowledge(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Says to the client why a date was missed and what is done about it."""
    miss, here = get_object_or_404(Miss, pk=pk), Here(request)
    form = MissForm(request.POST, auto_id=f"miss{pk}-%s")
    status = attempt(form, lambda _: misses.acknowledge(pk, **form.said(), by=here.actor, now=here.now))
    if status == 200:
        return done(
            request, "Acknowledged. The client is told.", here.url("milestone_dates", miss.milestone_id)
        )
    return page(request, find(miss.milestone_id), forms={f"miss{pk}": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def revise_plan(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Tells the client the plan that stands after a missed date."""
    miss, here = get_object_or_404(Miss, pk=pk), Here(request)
    form = PlanForm(request.POST, auto_id=f"plan{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return misses.revise_plan(
            pk, plan=typed["plan"], expected=typed["version"], by=here.actor, now=here.now
        )

    status = attempt(form, write)
    if status == 200:
        return done(request, "Revised plan sent.", here.url("milestone_dates", miss.milestone_id))
    return page(request, find(miss.milestone_id), forms={f"plan{pk}": form}, status=status)
