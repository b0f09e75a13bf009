"""A milestone's scope: asks outside what was agreed, what they would cost, and what the client decided."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from journal.pages import entries, events, with_personal
from milestones.actions import scope
from milestones.models import ChangeRequest, DecisionRequest, Milestone, WorkItem
from milestones.queries import scope as queries
from milestones.queries.decisions import decides
from milestones.words import ChangeState
from web.answers import attempt, done
from web.forms.milestones import RequestForm
from web.forms.scope import AskForm, DeclineForm, EstimateForm
from web.guards import member
from web.here import Here
from web.story import told
from web.team.decisions import in_three_days
from web.team.milestones import find, head
from workspaces.models import Role
from workspaces.queries import calendar_of
from workspaces.working_time import Calendar

LISTED = 50


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest, milestone: Milestone, *, forms: Mapping[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    """The requests of a milestone; `forms` are refused ones by their place on the page."""
    here, forms = Here(request), forms or {}
    rows = list(queries.requests_of(milestone.pk)[:LISTED])
    waiting = queries.waiting_about(row.pk for row in rows)
    trails, calendar = _trails(milestone, rows), calendar_of(here.workspace)
    context = {
        **head(here, milestone, "milestone_scope"),
        "requests": [
            {
                **_shown(row, waiting.get(row.pk), here),
                **_acts(row, milestone, calendar, here),
                "trail": trails.get(row.pk, []),
                **_refused(forms, row),
            }
            for row in rows
        ],
        "request_form": forms.get("request") or RequestForm(auto_id="request-%s"),
        "opened_form": next(iter(forms), ""),
        "currency": milestone.project.currency,
    }
    return render(request, "web/team/milestone_scope.html", context, status=status)


def _shown(row: ChangeRequest, question: DecisionRequest | None, here: Here) -> dict[str, Any]:
    return {
        "row": row,
        "question": question,
        "who": decides(question, now=here.now) if question else None,
        "is_late": question is not None and question.decide_by < here.now,
    }


def _acts(row: ChangeRequest, milestone: Milestone, calendar: Calendar, here: Here) -> dict[str, Any]:
    """Empty forms for what may be done, and the two answers as the client would read them."""
    if row.state != ChangeState.UNDECIDED:
        return {}
    number, seen = row.number, {"version": row.version}
    known = {name: getattr(row, name) for name in ("days", "price", "adds_criterion", "detail")}
    is_estimated = row.days is not None and row.price is not None
    return {
        "estimate": EstimateForm(
            initial={**known, **seen}, currency=milestone.project.currency, auto_id=f"estimate{number}-%s"
        ),
        "ask": AskForm(
            initial={"decide_by": in_three_days(here), **seen}, zone=here.zone, auto_id=f"ask{number}-%s"
        ),
        "decline": DeclineForm(initial=seen, auto_id=f"decline{number}-%s"),
        "options": scope.options(row, milestone, calendar) if is_estimated else [],
    }


def _refused(forms: Mapping[str, Form], row: ChangeRequest) -> dict[str, Form]:
    """The form of this request that came back, in the place of its empty one."""
    names = ("estimate", "ask", "decline")
    return {name: forms[f"{name}{row.number}"] for name in names if f"{name}{row.number}" in forms}


def _trails(milestone: Milestone, rows: list[ChangeRequest]) -> dict[UUID, list[dict[str, Any]]]:
    found = events(threads=[milestone.pk]).filter(subject_id__in=[row.pk for row in rows])
    trails: dict[UUID, list[dict[str, Any]]] = {}
    for entry in entries(with_personal(found)):
        trails.setdefault(entry.subject_id, []).append(told(entry))
    return trails


def _take(
    request: HttpRequest,
    row: ChangeRequest,
    name: str,
    form: Form,
    write: Callable[[Mapping[str, Any]], object],
    said: str,
) -> HttpResponse:
    status = attempt(form, write)
    if status == 200:
        return done(request, said, Here(request).url("milestone_scope", row.milestone_id))
    return page(request, find(row.milestone_id), forms={f"{name}{row.number}": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def queue_request(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    milestone, here = find(pk), Here(request)
    form = RequestForm(request.POST, auto_id="request-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return scope.queue_request(pk, **typed, by=here.actor, now=here.now)

    status = attempt(form, write)
    if status == 200:
        said = "Queued. The milestone's boundary stays as agreed."
        return done(request, said, here.url("milestone_scope", pk))
    return page(request, milestone, forms={"request": form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def estimate(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    row, here = _find(pk), Here(request)
    form = EstimateForm(
        request.POST, currency=row.milestone.project.currency, auto_id=f"estimate{row.number}-%s"
    )

    def write(typed: Mapping[str, Any]) -> object:
        return scope.estimate(pk, form.changes(), expected=typed["version"], by=here.actor, now=here.now)

    return _take(request, row, "estimate", form, write, f"Request #{row.number} estimated.")


@member(role=Role.MEMBER)
@require_POST
def ask(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    row, here = _find(pk), Here(request)
    form = AskForm(request.POST, zone=here.zone, auto_id=f"ask{row.number}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        words = {name: typed[name] for name in ("decide_by", "context")}
        return scope.ask_client(pk, **words, expected=typed["version"], by=here.actor, now=here.now)

    return _take(request, row, "ask", form, write, "Asked. The client has a mail with their link.")


@member(role=Role.MEMBER)
@require_POST
def decline(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    row, here = _find(pk), Here(request)
    form = DeclineForm(request.POST, auto_id=f"decline{row.number}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return scope.decline(pk, typed["reason"], expected=typed["version"], by=here.actor, now=here.now)

    return _take(request, row, "decline", form, write, f"Request #{row.number} declined.")


def _find(pk: UUID) -> ChangeRequest:
    return get_object_or_404(ChangeRequest.objects.select_related("milestone__project"), pk=pk)


@member(role=Role.MEMBER)
@require_POST
def queue_item(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A work item that nobody agreed on becomes a change request."""
    item, here = get_object_or_404(WorkItem, pk=pk, removed_at=None), Here(request)
    queued = scope.queue_item(item, by=here.actor, now=here.now)
    said = "Queued. The milestone's boundary stays as agreed." if queued else "It is in the queue already."
    return done(request, said, here.url("milestone_scope", item.milestone_id))
