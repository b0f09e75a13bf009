"""A milestone's way beside the next step: back to work, split in two, out of a bad block, closed."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.actions import endings, recourse, splitting, stages
from milestones.actions.clarity import draft_of
from milestones.clarity import too_broad
from milestones.models import Criterion, Milestone, Recourse
from milestones.queries import pages, ways
from milestones.split import Half, scope_flags
from milestones.stages import ENDINGS
from milestones.words import Outcome, ResetCause, Stage, Way
from tenancy.refusal import Refused, Unmet
from web.answers import attempt, done, tell
from web.forms.ways import CloseForm, EndForm, RecourseForm, ResetForm, ReturnForm, SplitForm
from web.guards import member
from web.here import Here
from web.team.milestones import find, head
from workspaces.models import Role

RETURNS = (Stage.QA, Stage.REVIEW)
OVER = (Stage.CLOSEOUT, Stage.CLOSED)


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest,
    milestone: Milestone,
    *,
    forms: Mapping[str, Form] | None = None,
    unmet: list[Unmet] | None = None,
    status: int = 200,
) -> HttpResponse:
    """What may be done with the milestone in its stage; `forms` are refused ones by their place."""
    here, forms = Here(request), forms or {}
    taken = list(ways.recourses_of(milestone.pk))
    way = next((each for each in taken if each.ended_at is None), None)
    stage, seen = Stage(milestone.stage), {"version": milestone.version}
    context = {
        **head(here, milestone, "milestone_way", unmet=unmet),
        "way": way,
        "past_ways": [each for each in taken if each.ended_at],
        "is_over": stage in OVER,
        "may_return": stage in RETURNS,
        "may_close": stage in ENDINGS,
        "too_broad": too_broad(draft_of(milestone)) if stage not in OVER else [],
        "return_form": ReturnForm(initial=seen, auto_id="return-%s"),
        "reset_form": ResetForm(initial=seen, auto_id="reset-%s"),
        "close_form": CloseForm(stage=stage, initial=_end_so_far(milestone), auto_id="close-%s"),
        "recourse_form": RecourseForm(initial=seen, auto_id="recourse-%s"),
        "end_form": EndForm(initial={"version": way.version if way else None}, auto_id="end-%s"),
        "opened_form": next(iter(forms), ""),
        **{f"{name}_form": form for name, form in forms.items()},
    }
    if context["way"]:
        context["way_is_past"] = context["way"].until < here.today
    return render(request, "web/team/milestone_way.html", context, status=status)


def _end_so_far(milestone: Milestone) -> dict[str, Any]:
    return {"version": milestone.version, "next_move_owner": milestone.next_move_owner}


Write = Callable[[Mapping[str, Any]], object]


def _take(
    request: HttpRequest, milestone: Milestone, name: str, form: Form, write: Write, said: str
) -> HttpResponse:
    status = attempt(form, write)
    if status == 200:
        return done(request, said, Here(request).url("milestone", milestone.pk))
    return page(request, milestone, forms={name: form}, status=status)


@member(role=Role.MEMBER)
@require_POST
def go_back(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Returns a milestone to execution."""
    milestone, here, form = find(pk), Here(request), ReturnForm(request.POST, auto_id="return-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return stages.move(
            pk,
            Stage.EXECUTION,
            reason=typed["reason"],
            expected=typed["version"],
            by=here.actor,
            now=here.now,
        )

    return _take(request, milestone, "return", form, write, f"{milestone.code} is back in execution.")


@member(role=Role.MEMBER)
@require_POST
def reset(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    milestone, here, form = find(pk), Here(request), ResetForm(request.POST, auto_id="reset-%s")

    def write(typed: Mapping[str, Any]) -> object:
        cause, expected = ResetCause(typed["cause"]), typed["version"]
        return stages.reset(pk, cause, typed["reason"], expected=expected, by=here.actor, now=here.now)

    said = f"{milestone.code} was reset: its QA pass and the pending question are void."
    return _take(request, milestone, "reset", form, write, said)


@member(role=Role.MEMBER)
@require_POST
def close(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Closes a milestone, or says what is still unmet. The refusal is journalled by itself."""
    milestone, here = find(pk), Here(request)
    form = CloseForm(request.POST, stage=Stage(milestone.stage), auto_id="close-%s")
    refused: list[Refused] = []

    def write(typed: Mapping[str, Any]) -> object:
        words = {name: typed[name] for name in ("reason", "open_dependencies", "next_move_owner")}
        outcome, expected = Outcome(typed["outcome"]), typed["version"]
        try:
            return endings.close(pk, outcome, **words, expected=expected, by=here.actor, now=here.now)
        except Refused as refusal:
            refused.append(refusal)
            raise

    status = attempt(form, write)
    if status == 200:
        return done(request, f"{milestone.code} is closed.", here.url("milestone", pk))
    if refused:
        _mark(form, refused[0])
    response = page(request, milestone, forms={"close": form}, status=status)
    if refused:
        told = partial(
            stages.journal_refusal, milestone, Stage.CLOSED, refused[0], by=here.actor, now=here.now
        )
        response.survives = told  # type: ignore[attr-defined]
    return response


def _mark(form: Form, refusal: Refused) -> None:
    """What is unmet stands at its field, or above the form where the form has none."""
    for item in refusal.unmet:
        form.add_error(item.code if item.code in form.fields else None, item.message)


@member(role=Role.MEMBER)
@require_POST
def choose_way(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    milestone, here, form = find(pk), Here(request), RecourseForm(request.POST, auto_id="recourse-%s")

    def write(typed: Mapping[str, Any]) -> object:
        words = {name: typed[name] for name in ("reason", "condition", "until")}
        way, expected = Way(typed["way"]), typed["version"]
        return recourse.choose(pk, way, **words, expected=expected, by=here.actor, now=here.now)

    return _take(request, milestone, "recourse", form, write, "Chosen. The client is being told.")


@member(role=Role.MEMBER)
@require_POST
def end_way(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    taken, here, form = get_object_or_404(Recourse, pk=pk), Here(request), EndForm(request.POST)

    def write(typed: Mapping[str, Any]) -> object:
        note, expected = typed["note"], typed["version"]
        return recourse.end(pk, note=note, expected=expected, by=here.actor, now=here.now)

    return _take(request, find(taken.milestone_id), "end", form, write, "Ended: work goes on.")


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Shows what a split would make; a second step makes it."""
    milestone, here = find(pk), Here(request)
    criteria = list(pages.criteria(pk))
    form = SplitForm(request.POST or None, milestone=milestone, criteria=criteria)
    if request.method != "POST":
        return _split_page(request, milestone, form, criteria)
    if "make" not in request.POST:
        return _previewed(request, milestone, form, criteria)

    def write(typed: Mapping[str, Any]) -> object:
        return splitting.split(pk, form.cut(), expected=typed["version"], by=here.actor, now=here.now)

    status = attempt(form, write)
    if status == 200:
        said = f"{milestone.code} is two milestones now; the second one begins in setup."
        return done(request, said, here.url("project", milestone.project_id))
    return _split_page(request, milestone, form, criteria, status=status)


def _previewed(
    request: HttpRequest, milestone: Milestone, form: SplitForm, criteria: list[Criterion]
) -> HttpResponse:
    if not form.is_valid():
        return _split_page(request, milestone, form, criteria, status=422)
    try:
        halves = splitting.preview(milestone, form.cut())
    except Refused as refusal:
        return _split_page(request, milestone, form, criteria, status=tell(form, refusal))
    return _split_page(request, milestone, form, criteria, halves=halves)


def _split_page(
    request: HttpRequest,
    milestone: Milestone,
    form: SplitForm,
    criteria: list[Criterion],
    *,
    halves: tuple[Half, Half] | None = None,
    status: int = 200,
) -> HttpResponse:
    here = Here(request)
    statements = {row.pk: row.statement for row in criteria}
    context = {
        **head(here, milestone, "milestone_way"),
        "form": form,
        "flags": scope_flags(*halves) if halves else [],
        "halves": [(half, [statements[pk] for pk in half.criteria]) for half in halves or ()],
        "too_broad": too_broad(draft_of(milestone)),
    }
    return render(request, "web/team/milestone_split.html", context, status=status)
