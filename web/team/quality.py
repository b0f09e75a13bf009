"""The quality of a milestone: what was made, in versions, and how it was checked."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from milestones.actions import artifacts as actions
from milestones.actions import quality
from milestones.checklist import Answer, unmet_musts
from milestones.models import Artifact, ArtifactVersion, Milestone, QaRun
from milestones.queries import artifacts as queries
from milestones.queries import pages
from milestones.scanning import NotTaken
from milestones.words import Stage
from proofs.queries.checks import watches_of
from web.answers import attempt, done
from web.checks import ShownCheck, shown_check
from web.files import attachment
from web.forms.milestones import QaForm
from web.forms.quality import NEXT, ChecklistForm, FileForm, LinkForm, RemoveForm
from web.guards import member
from web.here import Here
from web.team.milestones import find, head
from workspaces.models import Role

LISTED = 50


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest,
    milestone: Milestone,
    *,
    forms: Mapping[str, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Artifacts, criteria and checks; `forms` are refused ones by their place on the page."""
    here, forms = Here(request), forms or {}
    made = queries.with_history(milestone.pk)
    watches = watches_of(artifact.versions.all()[0].pk for artifact in made)
    context = {
        **head(here, milestone, "milestone_quality"),
        "artifacts": [_artifact(artifact, forms, watches, here) for artifact in made],
        "criteria": list(milestone.criteria.order_by("position")),
        "runs": [_run(run, _names(made)) for run in pages.qa_runs(milestone.pk)[:LISTED]],
        "checklist_form": forms.get("checklist") or ChecklistForm(auto_id="checklist-%s"),
        "qa_form": forms.get("qa") or QaForm(auto_id="qa-%s"),
        "link_form": forms.get("link") or LinkForm(auto_id="link-%s"),
        "file_form": forms.get("file") or FileForm(auto_id="file-%s"),
        "may_check": milestone.stage in quality.CHECKED_IN,
        "may_add": milestone.stage != Stage.CLOSED,
        "voids": milestone.qa_passed_at is not None or milestone.stage == Stage.REVIEW,
        "opened_form": next(iter(forms), ""),
    }
    return render(request, "web/team/milestone_quality.html", context, status=status)


def _artifact(
    artifact: Artifact, forms: Mapping[str, Form], watches: Mapping[UUID, Any], here: Here
) -> dict[str, Any]:
    start, pk = {"version": artifact.version}, artifact.pk
    versions = list(artifact.versions.all())
    return {
        "check": _check(versions[0], watches.get(versions[0].pk), here),
        "row": artifact,
        "latest": versions[0],
        "earlier": versions[1:],
        "next": forms.get(f"next{pk}") or NEXT[artifact.kind](initial=start, auto_id=f"next{pk}-%s"),
        "remove": forms.get(f"remove{pk}") or RemoveForm(initial=start, auto_id=f"remove{pk}-%s"),
    }


def _check(latest: ArtifactVersion, watch: Any, here: Here) -> ShownCheck | None:
    """What the latest look found; none where nobody has looked."""
    if watch is None:
        return None
    detail = (watch.latest or {}).get("detail", "")
    return shown_check(latest, watch, detail, is_watched=True, now=here.now)


def _names(made: list[Artifact]) -> dict[UUID, str]:
    """What each version is called where a run names it."""
    return {
        version.pk: f"{artifact.title} v{version.number}"
        for artifact in made
        for version in artifact.versions.all()
    }


def _run(run: QaRun, names: Mapping[UUID, str]) -> dict[str, Any]:
    labels = {name: field.label for name, field in ChecklistForm().fields.items()}
    return {
        "row": run,
        "looked_at": [names[pk] for pk in run.versions if pk in names],
        "musts": unmet_musts([Answer(**item) for item in run.items]),
        "items": [{**item, "asks": labels.get(item["code"], item["code"])} for item in run.items],
    }


Write = Callable[[Mapping[str, Any]], object]


def _save(
    request: HttpRequest, milestone_id: UUID, name: str, form: Form, write: Write, said: str
) -> HttpResponse:
    milestone, here = find(milestone_id), Here(request)
    status = attempt(form, write)
    if status == 200:
        return done(request, said, here.url("milestone_quality", milestone_id))
    return page(request, milestone, forms={name: form}, status=status)


def _save_upload(
    request: HttpRequest, milestone_id: UUID, name: str, form: Form, write: Write, said: str
) -> HttpResponse:
    """The same; what the scan turned away is written down although nothing was saved."""
    here, turned_away = Here(request), list[NotTaken]()

    def noting(typed: Mapping[str, Any]) -> object:
        try:
            return write(typed)
        except NotTaken as refusal:
            turned_away.append(refusal)
            raise

    response = _save(request, milestone_id, name, form, noting, said)
    for refusal in turned_away:
        note = partial(actions.journal_refused_upload, milestone_id, refusal, by=here.actor, now=here.now)
        response.survives = note  # type: ignore[attr-defined]
    return response


@member(role=Role.MEMBER)
@require_POST
def add_link(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), LinkForm(request.POST, auto_id="link-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.add_link(pk, **typed, by=here.actor, now=here.now)

    return _save(request, pk, "link", form, write, "Link added.")


@member(role=Role.MEMBER)
@require_POST
def add_file(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), FileForm(request.POST, request.FILES, auto_id="file-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.add_file(pk, **typed, by=here.actor, now=here.now)

    return _save_upload(request, pk, "file", form, write, "File added.")


@member(role=Role.MEMBER)
@require_POST
def add_version(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, artifact = Here(request), get_object_or_404(Artifact, pk=pk)
    form = NEXT[artifact.kind](request.POST, request.FILES, auto_id=f"next{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        words = dict(typed)
        expected = words.pop("version")
        return actions.add_version(pk, **words, expected=expected, by=here.actor, now=here.now)

    said = f"New version of “{artifact.title}” added."
    return _save_upload(request, artifact.milestone_id, f"next{pk}", form, write, said)


@member(role=Role.MEMBER)
@require_POST
def remove(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, artifact = Here(request), get_object_or_404(Artifact, pk=pk)
    form = RemoveForm(request.POST, auto_id=f"remove{pk}-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return actions.remove(
            pk, reason=typed["reason"], expected=typed["version"], by=here.actor, now=here.now
        )

    said = f"“{artifact.title}” removed. Its versions stay readable."
    return _save(request, artifact.milestone_id, f"remove{pk}", form, write, said)


@member(role=Role.MEMBER)
@require_POST
def run_checklist(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), ChecklistForm(request.POST, auto_id="checklist-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return quality.record_checklist(pk, form.answers(), notes=typed["notes"], by=here.actor, now=here.now)

    return _save(request, pk, "checklist", form, write, "Checklist recorded.")


@member(role=Role.MEMBER)
@require_POST
def record_qa(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), QaForm(request.POST, auto_id="qa-%s")

    def write(typed: Mapping[str, Any]) -> object:
        return quality.record_qa_run(pk, **typed, by=here.actor, now=here.now)

    return _save(request, pk, "qa", form, write, "QA run recorded.")


@member
@require_safe
def download(request: HttpRequest, pk: UUID, **_: Any) -> StreamingHttpResponse:
    return attachment(get_object_or_404(queries.files(), pk=pk))
