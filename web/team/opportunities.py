"""What delivered packets led to: opportunities by stage, their next steps, the share that led to talks."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from journal.pages import entries, events, with_personal
from proofs.actions import opportunities as actions
from proofs.expansion import ENDED, NEXT, OPEN, conversation_rate
from proofs.models import Opportunity
from proofs.queries import opportunities as queries
from proofs.words import OpportunityStage
from tenancy.refusal import Refused
from web.answers import attempt, done, said_by
from web.forms.opportunities import NoteForm, OpportunityForm, PlanForm, StepForm, TakeBackForm
from web.guards import member
from web.here import Here
from web.keyset import page_of
from web.story import told
from web.team.lists import after
from web.team.packets import tabs
from workspaces.models import Role
from workspaces.queries import workers

LIMIT: Final = 50
SHOWS: Final = [("open", "Open"), *OpportunityStage.choices, ("all", "All")]
ADVANCES: Final = {
    OpportunityStage.CONVERSATION: "We are talking",
    OpportunityStage.PROPOSAL: "Proposal made",
    OpportunityStage.WON: "Won",
}


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    return _list(request)


def _list(request: HttpRequest, *, form: NoteForm | None = None, status: int = 200) -> HttpResponse:
    here, chosen = Here(request), request.GET.get("show", "open")
    show = chosen if chosen in dict(SHOWS) else "open"
    rows, following = _rows(show, after(request.GET.get("after", "")))
    context = {
        "tabs": tabs(here, "opportunities"),
        "show": show,
        "shows": SHOWS,
        "groups": _groups(show, rows[:LIMIT], here),
        "is_cut": show == "open" and len(rows) > LIMIT,
        "limit": LIMIT,
        "next": following,
        "stages": _stages(queries.totals()),
        "rate": conversation_rate(queries.delivered_proofs()),
        "note_form": form or _note_form(),
    }
    return render(request, "web/team/opportunities.html", context, status=status)


def _rows(show: str, begins: Any) -> tuple[list[Opportunity], str]:
    """The rows of a page, and where the next one begins; of what is open only one page, what is due first."""
    if show == "open":
        return list(queries.open_ones()[: LIMIT + 1]), ""
    found = queries.listed(stage=show, after=begins)[: LIMIT + 1]
    page = page_of(found, limit=LIMIT, key=lambda row: (row.created_at.isoformat(), row.pk))
    return page.rows, page.next


def _groups(show: str, rows: list[Opportunity], here: Here) -> list[dict[str, Any]]:
    """What is open by stage; everything else as it comes."""
    if show != "open":
        return [{"stage": dict(SHOWS)[show], "rows": [_row(row, here) for row in rows]}] if rows else []
    by_stage = groupby(sorted(rows, key=lambda row: OPEN.index(row.stage)), key=lambda row: row.stage)
    return [
        {"stage": dict(SHOWS)[stage], "rows": [_row(row, here) for row in each]} for stage, each in by_stage
    ]


def _row(row: Opportunity, here: Here) -> dict[str, Any]:
    forward = _forward(row)
    return {
        "row": row,
        "is_late": _is_late(row, here),
        "is_due": row.ended_at is None and row.next_step_on == here.today,
        "to": forward,
        "words": ADVANCES.get(forward, "") if forward else "",
    }


def _forward(row: Opportunity) -> OpportunityStage | None:
    """The stage that comes next, losses apart."""
    following = NEXT[OpportunityStage(row.stage)] - {OpportunityStage.LOST}
    return next(iter(following), None)


def _is_late(row: Opportunity, here: Here) -> bool:
    return row.ended_at is None and row.next_step_on is not None and row.next_step_on < here.today


def _stages(totals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each stage with how many it holds, and what they are worth in each currency."""
    return [
        {
            "label": stage.label,
            "n": sum(row["n"] for row in totals if row["stage"] == stage),
            "values": [
                (row["value"], row["currency"]) for row in totals if row["stage"] == stage and row["value"]
            ],
        }
        for stage in OpportunityStage
    ]


def _note_form(data: Any = None) -> NoteForm:
    return NoteForm(data, projects=queries.projects_to_note(), auto_id="note-%s")


@member(role=Role.MEMBER)
@require_POST
def note(request: HttpRequest, **_: Any) -> HttpResponse:
    here, form = Here(request), _note_form(request.POST)
    status = attempt(form, lambda _: actions.note(**form.said(), by=here.actor, now=here.now))
    if status == 200:
        return done(request, "Noted.", here.url("opportunities"))
    return _list(request, form=form, status=status)


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return _page(request, pk)


def _find(pk: UUID) -> Opportunity:
    return get_object_or_404(queries.with_names(Opportunity.objects.all()), pk=pk)


def _page(
    request: HttpRequest,
    pk: UUID,
    *,
    forms: Mapping[str, Form] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """One opportunity with all that may be done about it; `forms` are refused ones by name."""
    here, row = Here(request, forms=forms), _find(pk)
    context = {
        **_row(row, here),
        "is_ended": row.stage in ENDED,
        "can_take_back": row.stage != OpportunityStage.IDENTIFIED,
        **_forms(row, here.forms),
        "opened_form": next(iter(here.forms), ""),
        "refusal": refusal,
        "trail": [told(entry) for entry in entries(with_personal(_events(row)))],
        "breadcrumbs": [
            {"label": "Proof", "url": here.url("proof")},
            {"label": "Opportunities", "url": here.url("opportunities")},
            {"label": f"#{row.number}"},
        ],
    }
    return render(request, "web/team/opportunity.html", context, status=status)


def _forms(row: Opportunity, refused: Mapping[str, Form]) -> dict[str, Form]:
    seen = {"version": row.version}
    plan = {**seen, "next_step": row.next_step, "next_step_on": row.next_step_on}
    lost = {**seen, "to": OpportunityStage.LOST}
    return {
        "edit_form": refused.get("edit") or _edit_form(initial=OpportunityForm.start(row)),
        "plan_form": refused.get("plan") or PlanForm(initial=plan, auto_id="plan-%s"),
        "step_form": refused.get("step") or StepForm(initial=lost, auto_id="step-%s"),
        "back_form": refused.get("back") or TakeBackForm(initial=seen, auto_id="back-%s"),
    }


def _edit_form(data: Any = None, **options: Any) -> OpportunityForm:
    return OpportunityForm(data, members=workers(), auto_id="edit-%s", **options)


def _events(row: Opportunity) -> Any:
    thread = row.packet.milestone_id if row.packet else row.project_id
    return events(threads=[thread]).filter(subject_id=row.pk)


def _take(
    request: HttpRequest,
    pk: UUID,
    name: str,
    form: Form,
    write: Callable[[Mapping[str, Any]], object],
    said: str,
) -> HttpResponse:
    here = Here(request)
    status = attempt(form, write)
    if status == 200:
        place = ("opportunities",) if request.POST.get("from") == "list" else ("opportunity", pk)
        return done(request, said, here.url(*place))
    if name == "step" and request.POST.get("to") != OpportunityStage.LOST:
        # A button has no fields to stand beside.
        return _page(request, pk, refusal=said_by(form), status=status)
    return _page(request, pk, forms={name: form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def save(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), _edit_form(request.POST)
    _find(pk)

    def write(typed: Mapping[str, Any]) -> object:
        return actions.revise(pk, form.changes(), by=here.actor, now=here.now, expected=typed["version"])

    return _take(request, pk, "edit", form, write, "Saved.")


@member(role=Role.MEMBER)
@require_POST
def plan(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), PlanForm(request.POST, auto_id="plan-%s")
    _find(pk)

    def write(typed: Mapping[str, Any]) -> object:
        step = {"step": typed["next_step"], "on": typed["next_step_on"]}
        return actions.plan_next(pk, **step, by=here.actor, now=here.now, expected=typed["version"])

    return _take(request, pk, "plan", form, write, "Next step kept.")


@member(role=Role.MEMBER)
@require_POST
def advance(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), StepForm(request.POST, auto_id="step-%s")
    _find(pk)

    def write(typed: Mapping[str, Any]) -> object:
        return actions.advance(
            pk,
            _stage(typed["to"]),
            reason=typed["reason"],
            by=here.actor,
            now=here.now,
            expected=typed["version"],
        )

    return _take(request, pk, "step", form, write, "Taken a stage on.")


def _stage(text: str) -> OpportunityStage:
    if text not in OpportunityStage.values:
        raise Refused("There is no such stage.", code="invalid", fields={"to": ["There is no such stage."]})
    return OpportunityStage(text)


@member(role=Role.MEMBER)
@require_POST
def take_back(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), TakeBackForm(request.POST, auto_id="back-%s")
    _find(pk)

    def write(typed: Mapping[str, Any]) -> object:
        return actions.take_back(
            pk, reason=typed["reason"], by=here.actor, now=here.now, expected=typed["version"]
        )

    return _take(request, pk, "back", form, write, "The last step is taken back; the journal keeps both.")


urlpatterns = [
    path("proof/opportunities/", index, name="opportunities"),
    path("proof/opportunities/note", note, name="note_opportunity"),
    path("proof/opportunities/<uuid:pk>/", show, name="opportunity"),
    path("proof/opportunities/<uuid:pk>/save", save, name="save_opportunity"),
    path("proof/opportunities/<uuid:pk>/plan", plan, name="plan_opportunity"),
    path("proof/opportunities/<uuid:pk>/advance", advance, name="advance_opportunity"),
    path("proof/opportunities/<uuid:pk>/take-back", take_back, name="take_opportunity_back"),
]
