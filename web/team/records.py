"""The record of a milestone: its definition, criteria and dependencies, edited where they are read."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from milestones.actions import milestone as actions
from milestones.actions.clarity import draft_of
from milestones.clarity import too_broad
from milestones.editing import WORDING
from milestones.models import Criterion, Dependency, Milestone
from milestones.queries import pages
from web.answers import attempt, done
from web.forms.milestones import (
    CriterionForm,
    DependencyForm,
    EvidenceForm,
    MilestoneForm,
    VersionForm,
    WordingForm,
)
from web.guards import member
from web.here import Here
from web.team import clarity
from web.team.milestones import find, head
from workspaces.models import Role
from workspaces.queries import workers

COLUMNS = {"owner_primary", "review_owner", "owner_client", "approver"}


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest, milestone: Milestone, *, forms: Mapping[str, Form] | None = None, status: int = 200
) -> HttpResponse:
    """Record, criteria and dependencies; `forms` are refused ones by their place on the page."""
    here, forms = Here(request), forms or {}
    draft = draft_of(milestone)
    others = list(pages.beside(milestone))
    context = {
        **head(here, milestone, "milestone_record"),
        "record_form": forms.get("record") or record_form(milestone),
        "clarity": clarity.told(draft),
        "too_broad": too_broad(draft),
        "criteria": [_criterion(row, forms) for row in pages.criteria(milestone.pk)],
        "needs": [_need(row, forms) for row in pages.needs(milestone.pk)],
        "criterion_form": forms.get("criterion") or CriterionForm(auto_id="criterion-%s"),
        "dependency_form": forms.get("dependency") or DependencyForm(others=others, auto_id="dependency-%s"),
        "others": others,
        "opened_form": next(iter(forms), ""),
    }
    return render(request, "web/team/milestone_record.html", context, status=status)


def record_form(milestone: Milestone, data: Any = None) -> MilestoneForm:
    initial = {name: getattr(milestone, f"{name}_id" if name in COLUMNS else name) for name in _names()}
    contacts = pages.contacts_of(milestone.project.account_id)
    team = workers(besides=[milestone.owner_primary_id, milestone.review_owner_id])
    return MilestoneForm(data, initial=initial, members=team, contacts=contacts)


def _names() -> list[str]:
    return list(MilestoneForm.base_fields)


def _criterion(row: Criterion, forms: Mapping[str, Form]) -> dict[str, Any]:
    met = {True: "yes", False: "no", None: ""}[row.is_met]
    initial = {"is_met": met, "evidence": row.evidence, "version": row.version}
    name, wording, removal = f"evidence{row.position}", f"wording{row.position}", f"remove{row.pk}"
    worded = {field: getattr(row, field) for field in WORDING} | {"version": row.version}
    return {
        "row": row,
        "form": forms.get(name) or EvidenceForm(initial=initial, auto_id=f"{name}-%s"),
        "wording": forms.get(wording) or WordingForm(initial=worded, auto_id=f"{wording}-%s"),
        "removal": forms.get(removal) or _removal(row),
    }


def _need(row: Dependency, forms: Mapping[str, Form]) -> dict[str, Any]:
    return {"row": row, "removal": forms.get(f"remove{row.pk}") or _removal(row)}


def _removal(row: Criterion | Dependency) -> VersionForm:
    return VersionForm(initial={"version": row.version}, auto_id=f"remove{row.pk}-%s")


@member(role=Role.MEMBER)
@require_POST
def save(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Saves the record against the version that was seen; who comes second is told, and keeps their text."""
    milestone, here = find(pk), Here(request)
    form = record_form(milestone, request.POST)
    status = attempt(
        form,
        lambda typed: actions.change_milestone(
            pk, form.changes(), expected=typed["version"], by=here.actor, now=here.now
        ),
    )
    if status == 200:
        return done(request, "Record saved.", here.url("milestone_record", pk))
    return page(request, milestone, forms={"record": _beside_stored(form, milestone)}, status=status)


def _beside_stored(form: MilestoneForm, milestone: Milestone) -> MilestoneForm:
    """After a collision: what is stored stands under each field that differs; a second save takes ours."""
    if str(form.data.get("version")) == str(milestone.version):
        return form
    for name in form.changed_data:
        if name != "version":
            form[name].help_text = f"Stored now: {_words(form, name, form.initial[name])}"
    form.data = {**dict(form.data.items()), "version": milestone.version}
    return form


def _words(form: MilestoneForm, name: str, value: Any) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()) or ())
    return str(choices.get(value or "", value) or "nothing")


def _write(
    request: HttpRequest,
    pk: UUID,
    name: str,
    form: Form,
    write: Callable[[Mapping[str, Any]], object],
    said: str,
) -> HttpResponse:
    milestone, here = find(pk), Here(request)
    status = attempt(form, write)
    if status == 200:
        return done(request, said, here.url("milestone_record", pk))
    return page(request, milestone, forms={name: form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def add_criterion(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), CriterionForm(request.POST, auto_id="criterion-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.add_criterion(pk, typed, by=here.actor, now=here.now)

    return _write(request, pk, "criterion", form, write, "Criterion added.")


@member(role=Role.MEMBER)
@require_POST
def judge_criterion(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Whether a criterion is met, and what shows it."""
    criterion, here = get_object_or_404(Criterion, pk=pk), Here(request)
    name = f"evidence{criterion.position}"
    form = EvidenceForm(request.POST, auto_id=f"{name}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.change_criterion(
            pk, form.changes(), expected=typed["version"], by=here.actor, now=here.now
        )

    return _write(request, criterion.milestone_id, name, form, write, "Evidence saved.")


@member(role=Role.MEMBER)
@require_POST
def reword_criterion(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    criterion, here = get_object_or_404(Criterion, pk=pk), Here(request)
    name = f"wording{criterion.position}"
    form = WordingForm(request.POST, auto_id=f"{name}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.change_criterion(
            pk, form.changes(), expected=typed["version"], by=here.actor, now=here.now
        )

    return _write(request, criterion.milestone_id, name, form, write, "Criterion saved.")


@member(role=Role.MEMBER)
@require_POST
def remove_criterion(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    row = get_object_or_404(Criterion, pk=pk)
    return _remove(request, row, actions.remove_criterion, "Criterion removed.")


@member(role=Role.MEMBER)
@require_POST
def remove_dependency(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    row = get_object_or_404(Dependency, pk=pk)
    return _remove(request, row, actions.remove_dependency, "Dependency removed.")


def _remove(
    request: HttpRequest, row: Criterion | Dependency, action: Callable[..., None], said: str
) -> HttpResponse:
    here, form = Here(request), VersionForm(request.POST, auto_id=f"remove{row.pk}-%s")

    def write(typed: Mapping[str, Any]) -> None:
        action(row.pk, expected=typed["version"], by=here.actor, now=here.now)

    return _write(request, row.milestone_id, f"remove{row.pk}", form, write, said)


@member(role=Role.MEMBER)
@require_POST
def add_dependency(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    milestone, here = find(pk), Here(request)
    others = {other.pk: other for other in pages.beside(milestone)}
    form = DependencyForm(request.POST, others=others.values(), auto_id="dependency-%s")

    def write(typed: Mapping[str, Any]) -> object:
        needs = others[typed["needs"]]
        return actions.add_dependency(
            milestone, needs, lag_days=typed["lag_days"], by=here.actor, now=here.now
        )

    return _write(request, pk, "dependency", form, write, "Dependency added.")
