"""The kickoff wizard: from the kickoff meeting to a portal link to share, in one sitting."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from milestones.actions.addresses import make_address
from milestones.actions.kickoff import Kickoff, start_engagement
from milestones.actions.plans import People, start_plan
from milestones.layout import lay_out
from milestones.learning import factors
from milestones.models import Project
from milestones.queries.learning import learned
from milestones.queries.templates import Offer, offer_of, offered
from milestones.templates import opening
from tenancy.refusal import Refused
from web.answers import saving, tell
from web.forms.kickoff import KickoffForm, place_of
from web.guards import member
from web.here import Here
from workspaces.actions.links import address_of
from workspaces.models import Link, Purpose, Role
from workspaces.queries import calendar_of, workers

TRIGGERS = ("dependency_risks", "invoice_trigger", "next_stage_trigger")


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def kickoff(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    if request.method != "POST":
        chosen = request.GET.get("template", "")
        form = KickoffForm(members=workers(), initial=_usual(here) | _of_template(chosen, here))
        return _page(request, here, form)
    form = KickoffForm(request.POST, members=workers())
    if not form.is_valid():
        return _page(request, here, form, status=422)
    try:
        with saving():
            made = _start(form, here)
    except Refused as refusal:
        refusal.fields = {place_of(name): said for name, said in refusal.fields.items()}
        return _page(request, here, form, status=tell(form, refusal))
    for sentence in made.kept:
        messages.warning(request, sentence)
    return redirect(here.url("kickoff_done", made.project.pk))


def _usual(here: Here) -> dict[str, Any]:
    zone, me = here.workspace.time_zone, here.email
    people = {"owner_primary": me, "review_owner": me}
    return {"kickoff_date": here.today, "owner_zone": zone, "approver_zone": zone, **people}


def _page(request: HttpRequest, here: Here, form: KickoffForm, *, status: int = 200) -> HttpResponse:
    crumbs = [{"label": "Projects", "url": here.url("projects")}, {"label": "Kickoff"}]
    chosen = form["template"].value() or ""
    offers = offered()
    context = {
        "here": here,
        "form": form,
        "breadcrumbs": crumbs,
        "offers": offers,
        "offer": next((offer for offer in offers if offer.code == chosen), None),
        "lessons": [lesson for lesson in learned(here.workspace) if lesson.is_enough],
    }
    return render(request, "web/team/kickoff.html", context, status=status)


def _start(form: KickoffForm, here: Here) -> Kickoff:
    offer = offer_of(form.cleaned_data["template"]) if form.cleaned_data["template"] else None
    known = {each["statement"]: each for each in opening(offer.document)["criteria"]} if offer else {}
    handoff = form.handoff(here.zone, now=here.now, known=known)
    made = start_engagement(handoff, by=here.actor, now=here.now)
    if made.is_new and offer:
        _start_plan(made, offer, form, here)
    if made.is_new:
        reader = made.milestone.owner_client
        make_address(Purpose.PORTAL, project=made.project, contact=reader, by=here.actor, now=here.now)
    return made


def _of_template(code: str, here: Here) -> dict[str, Any]:
    """What the first milestone takes from the template; nothing when there is no such template."""
    offer = next((offer for offer in offered() if offer.code == code), None)
    if offer is None:
        return {}
    first, calendar = opening(offer.document), calendar_of(here.workspace)
    found = factors(learned(here.workspace))
    span = lay_out([{**first, "needs": []}], start=here.today, calendar=calendar, factors=found, fixed={})
    told = ("name", "output", "kind", "description", *TRIGGERS)
    return {
        "template": code,
        **{name: first[name] for name in told},  # type: ignore[literal-required]
        "criteria": "\n".join(criterion["statement"] for criterion in first["criteria"]),
        "due_date": span[first["code"]].end,
    }


def _start_plan(made: Kickoff, offer: Offer, form: KickoffForm, here: Here) -> None:
    """The rest of the template, with the people of the first milestone."""
    first = made.milestone
    start_plan(
        made.project,
        offer.document,
        start=form.cleaned_data["kickoff_date"],
        people=People(**{name: getattr(first, name) for name in People.__dataclass_fields__}),
        factors=factors(learned(here.workspace)) if form.cleaned_data["use_learned"] else {},
        by=here.actor,
        now=here.now,
    )


@member(role=Role.MEMBER)
@require_safe
@never_cache
def done(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """What a kickoff made, and the portal link to share."""
    here, project = Here(request), get_object_or_404(Project.objects.select_related("account"), pk=pk)
    portals = Link.objects.filter(subject_id=pk, purpose=Purpose.PORTAL, revoked_at=None)
    if (portal := portals.order_by("created_at").first()) is None:
        return redirect(here.url("project", pk))
    context = {
        "here": here,
        "project": project,
        "milestone": get_object_or_404(project.milestones, is_first=True),
        "address": address_of(portal),
        "breadcrumbs": [
            {"label": "Projects", "url": here.url("projects")},
            {"label": project.name, "url": here.url("project", pk)},
            {"label": "Portal link"},
        ],
    }
    return render(request, "web/team/kickoff_done.html", context)
