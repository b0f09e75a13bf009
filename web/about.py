"""Pages that explain, for clients and anyone else; they show nothing of any workspace."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from web.guards import public


@public
@require_safe
def approval(request: HttpRequest) -> HttpResponse:
    """What counts as approval, in a client's words."""
    return render(request, "web/about/approval.html")
