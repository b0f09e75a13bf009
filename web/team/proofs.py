"""The tab “Proof” of a milestone: what its value was, what happens next, what came of it.

The page is put together from parts; each has a template of its own and a module with its forms and answers.
`proof_order` says which come first, and which are folded.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from milestones.models import Milestone
from tenancy.refusal import Unmet
from web.guards import member
from web.here import Here
from web.team import (
    proof_after,
    proof_checks,
    proof_handoff,
    proof_links,
    proof_metrics,
    proof_order,
    proof_packet,
)
from web.team.milestones import find, head

# Their answers show it again, so they import this module, too.
PARTS: Final = (proof_packet, proof_links, proof_metrics, proof_checks, proof_handoff, proof_after)


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
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole tab. `forms` are refused ones by their place on the page; parts find them in `here.forms`.

    `unmet` replaces what the next stage still misses, `refusal` is said at the top.
    """
    here = Here(request, forms=forms)
    context = head(here, milestone, "milestone_proof", unmet=unmet)
    for part in PARTS:
        context |= part.part(milestone, here)
    ordered = proof_order.parts(context, refused=here.forms)
    shown = {
        **context,
        "parts": ordered,
        "refusal": refusal,
        "opened_form": next(iter(here.forms), ""),
    }
    return render(request, "web/team/milestone_proof.html", shown, status=status)
