"""The proof packets of all milestones: what is to finish, what is being made, what was published."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from web.guards import member
from web.here import Here

TABS = (("proof", "Packets"), ("opportunities", "Opportunities"))


def tabs(here: Here, current: str) -> list[dict[str, Any]]:
    """The pages under “Proof” in the rail."""
    return [{"label": label, "url": here.url(name), "current": name == current} for name, label in TABS]


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    return render(request, "web/team/proof.html", {"tabs": tabs(here, "proof")})
