"""How clear a milestone is while it is being typed. Saves nothing."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from milestones.actions.clarity import draft_of
from milestones.clarity import CriterionDraft, Draft, checks, score
from milestones.models import Milestone
from web.guards import member
from web.here import Here
from workspaces.models import Role

CRITERIA = 200


def told(draft: Draft) -> dict[str, Any]:
    """The score and what is still wrong, for the template."""
    found = checks(draft)
    return {"score": score(found), "wrong": [check for check in found if not check.passed]}


@member(role=Role.MEMBER)
@require_POST
def show(request: HttpRequest, **_: Any) -> HttpResponse:
    """The clarity of a new milestone's form, or of the kickoff's."""
    lines = request.POST.get("criteria", "").splitlines()
    criteria = [CriterionDraft(line) for line in lines if line.strip()][:CRITERIA]
    draft = typed(request.POST, criteria, today=Here(request).today)
    return render(request, "web/team/_clarity.html", {"clarity": told(draft)})


@member(role=Role.MEMBER)
@require_POST
def of_record(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The clarity of a record as it is typed, with the criteria that are stored."""
    stored = draft_of(get_object_or_404(Milestone, pk=pk))
    draft = typed(request.POST, stored.criteria, today=Here(request).today)
    return render(request, "web/team/_clarity.html", {"clarity": told(draft)})


def typed(post: QueryDict, criteria: Iterable[CriterionDraft], *, today: date) -> Draft:
    """The draft that stands in a form; the kickoff names some fields differently."""

    def first(*names: str) -> str:
        return next((str(post[name]) for name in names if post.get(name)), "")

    return Draft(
        output=first("output"),
        description=first("description"),
        criteria=tuple(criteria),
        has_owner=bool(first("owner_primary")),
        has_client_owner=bool(first("owner_client", "owner_email")),
        has_approver=bool(first("approver", "approver_email", "same_person")),
        has_channel=bool(first("approval_channel")),
        start=_day(first("planned_start", "kickoff_date")) or today,
        planned_date=_day(first("planned_date", "due_date")),
        dependency_risks=first("dependency_risks"),
        invoice_trigger=first("invoice_trigger"),
        next_stage_trigger=first("next_stage_trigger"),
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
