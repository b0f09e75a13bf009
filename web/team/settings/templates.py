"""Templates of plans: those that are shipped, and the workspace's own."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from milestones.actions.plans import drop_template
from milestones.models import PlanTemplate
from milestones.queries.templates import offered
from web.answers import done
from web.guards import member
from web.here import Here
from web.team.settings import frame
from workspaces.models import Role


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    """All templates; `look` in the address opens one of them."""
    here, offers = Here(request), offered()
    looked_at = next((offer for offer in offers if offer.code == request.GET.get("look")), None)
    context = {**frame(here, "settings_templates"), "offers": offers, "offer": looked_at}
    return render(request, "web/team/settings/templates.html", context)


@member(role=Role.MEMBER)
@require_POST
def drop(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, template = Here(request), get_object_or_404(PlanTemplate, pk=pk)
    drop_template(pk, by=here.actor, now=here.now)
    return done(request, f"Dropped the template “{template.name}”.", here.url("settings_templates"))
