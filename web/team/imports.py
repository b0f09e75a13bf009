"""Importing a table of milestones: chosen, mapped, tried, taken in."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.actions import imports as actions
from milestones.actions.imports import FAULTY, KNOWN, LEFT_OUT, NEW
from milestones.importing.example import EXAMPLE
from milestones.importing.recognising import FIELDS, SOURCE_NAMES
from milestones.models import ImportRun
from milestones.queries.imports import runs
from milestones.words import ImportState
from tenancy.refusal import Refused
from web.answers import attempt, done, saving, tell
from web.forms.imports import MappingForm, UploadForm
from web.guards import member
from web.here import Here
from workspaces.models import Role

LISTED = 50
WORDS = {NEW: "New", KNOWN: "Known", LEFT_OUT: "Left out", FAULTY: "Faulty"}


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    """Takes a file, and lists those that were taken before."""
    here = Here(request)
    if request.method != "POST":
        return _index(request, here, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _index(request, here, form, status=422)
    try:
        with saving():
            run = actions.open_import(*form.cleaned_data["file"], by=here.actor, now=here.now)
    except Refused as refusal:
        return _index(request, here, form, status=tell(form, refusal))
    return redirect(here.url("import", run.pk))


def _index(request: HttpRequest, here: Here, form: Form, *, status: int = 200) -> HttpResponse:
    context = {
        "here": here,
        "form": form,
        "runs": list(runs()[:LISTED]),
        "sources": SOURCE_NAMES,
        "breadcrumbs": [{"label": "Projects", "url": here.url("projects")}, {"label": "Import"}],
    }
    return render(request, "web/team/imports.html", context, status=status)


@member(role=Role.MEMBER)
@require_safe
def example(request: HttpRequest, **_: Any) -> HttpResponse:
    """A table to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="milestones.csv"'}
    return HttpResponse(EXAMPLE, content_type="text/csv; charset=utf-8", headers=headers)


@member(role=Role.MEMBER)
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return _page(request, _found(pk))


def _found(pk: UUID) -> ImportRun:
    return get_object_or_404(runs(), pk=pk)


def _page(
    request: HttpRequest,
    run: ImportRun,
    *,
    form: MappingForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The mapping and what would happen; once it is taken in, what did."""
    here, is_open = Here(request), run.state == ImportState.OPEN
    rows = _tried(run, here) if is_open else run.report["rows"]
    context = {
        "here": here,
        "run": run,
        "source": SOURCE_NAMES[run.source],
        "is_open": is_open,
        "form": form or (MappingForm(run=run) if is_open else None),
        "rows": [_shown(row, run.mapping["fields"]) for row in rows],
        "counts": Counter(row["verdict"] for row in rows),
        "refusal": refusal,
        "breadcrumbs": [
            {"label": "Projects", "url": here.url("projects")},
            {"label": "Import", "url": here.url("imports")},
            {"label": run.name},
        ],
    }
    return render(request, "web/team/import.html", context, status=status)


def _tried(run: ImportRun, here: Here) -> list[dict[str, Any]]:
    return [row.told() for row in actions.try_import(run, by=here.actor, now=here.now)]


def _shown(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """A verdict with the words for it, and its faults at the columns as the file calls them."""
    faults = [(columns.get(field) or FIELDS.get(field, field), said) for field, said in row["faults"].items()]
    return {**row, "word": WORDS[row["verdict"]], "faults": faults}


@member(role=Role.MEMBER)
@require_POST
def map_columns(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, run = Here(request), _found(pk)
    if run.state != ImportState.OPEN:
        return redirect(here.url("import", pk))
    form = MappingForm(request.POST, run=run)

    def write(typed: Mapping[str, Any]) -> object:
        return actions.map_columns(
            pk,
            form.mapping,
            account=typed["account"],
            project=typed["project"],
            history=typed["history"],
            by=here.actor,
            now=here.now,
            expected=typed["version"],
        )

    status = attempt(form, write)
    if status == 200:
        return redirect(f"{here.url('import', pk)}#verdicts")
    return _page(request, run, form=form, status=status)


@member(role=Role.MEMBER)
@require_POST
def take_in(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, run = Here(request), _found(pk)
    leave_out, version = request.POST.get("leave_out") == "faulty", request.POST.get("version", "")
    expected = int(version) if version.isdecimal() else None
    try:
        with saving():
            taken = actions.take_in(
                pk, leave_out_faulty=leave_out, by=here.actor, now=here.now, expected=expected
            )
    except Refused as refusal:
        return _page(request, run, refusal=str(refusal), status=409)
    new = taken.report["counts"][NEW]
    said = (
        f"Imported {new} milestone{'' if new == 1 else 's'}." if new else "There was nothing new to import."
    )
    return done(request, said, here.url("import", pk))
