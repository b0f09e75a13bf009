"""The checklists of an engagement: what they ask, what the record says, what was found last."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from milestones.actions.checklists import fill
from milestones.models import Checklist, Project
from milestones.queries.checklists import checklists_of, findings
from milestones.words import ChecklistKind
from milestones.worksheets import SHEETS, state
from web.answers import attempt, done
from web.forms.engagements import SheetForm, start_of
from web.guards import member
from web.here import Here
from web.team.engagements import frame
from web.team.projects import find
from workspaces.models import Role


@member
@require_http_methods(["GET", "HEAD"])
def show(request: HttpRequest, pk: UUID, kind: ChecklistKind, **_: Any) -> HttpResponse:
    project, here = find(pk), Here(request)
    return _page(request, here, project, kind)


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, pk: UUID, kind: ChecklistKind, **_: Any) -> HttpResponse:
    project, here, sheet = find(pk), Here(request), SHEETS[kind]
    if request.method != "POST":
        return _page(request, here, project, kind)
    found = findings(project, kind, now=here.now)
    form = SheetForm(request.POST, sheet=sheet, findings=found, auto_id="sheet-%s")

    def write(typed: Mapping[str, Any]) -> object:
        sent_back, version = typed.get("sent_back", ""), typed["version"]
        told = {"sent_back": sent_back, "by": here.actor, "now": here.now, "expected": version}
        return fill(project, kind, form.answers(), **told)

    status = attempt(form, write)
    if status == 200:
        return done(request, f"{kind.label} saved.", here.url(f"checklist_{kind}", pk))
    return _page(request, here, project, kind, form=form, status=status)


def _page(
    request: HttpRequest,
    here: Here,
    project: Project,
    kind: ChecklistKind,
    *,
    form: SheetForm | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet, filled = SHEETS[kind], list(checklists_of(project.pk).filter(kind=kind)[:20])
    last = _current(here, filled, is_dated=sheet.is_dated)
    found = findings(project, kind, now=here.now)
    start = start_of(sheet, last, found)
    context = {
        **frame(here, project, kind.label),
        "sheet": sheet,
        "words": kind.label,
        "checklist": last,
        "state": state(last.answers) if last else "",
        "earlier": [(each, state(each.answers)) for each in filled if each is not last],
        "form": form or SheetForm(initial=start, sheet=sheet, findings=found, auto_id="sheet-%s"),
        "save_url": here.url(f"save_checklist_{kind}", project.pk),
    }
    return render(request, "web/team/checklist.html", context, status=status)


def _current(here: Here, filled: list[Checklist], *, is_dated: bool) -> Checklist | None:
    """The one that saving would change: of a dated checklist only that of today."""
    newest = filled[0] if filled else None
    return newest if newest and (not is_dated or newest.due_on == here.today) else None


def _routes(kind: ChecklistKind) -> Iterable[URLPattern]:
    """The kinds are few and known: each has an address of its own."""
    address, options = f"projects/<uuid:pk>/checklists/{kind.replace('_', '-')}/", {"kind": kind}
    views: dict[str, tuple[str, Callable[..., HttpResponseBase]]] = {
        f"checklist_{kind}": ("", show),
        f"save_checklist_{kind}": ("save", save),
    }
    return (path(address + end, view, options, name=name) for name, (end, view) in views.items())


urlpatterns = [route for kind in ChecklistKind for route in _routes(kind)]
