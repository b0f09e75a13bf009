"""The page behind an invitation's link: shows the offered chair, and takes it for who has signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from tenancy.refusal import Refused
from web.guards import link
from web.home import WAY
from workspaces.actions import accept_invitation
from workspaces.models import Invitation, Purpose


@link(Purpose.INVITATION)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, **_: Any) -> HttpResponse:
    if request.method == "POST" and request.user.is_authenticated:
        return _accept(request)
    return _page(request)


def _page(request: HttpRequest, *, refusal: str = "") -> HttpResponse:
    """Who is not signed in comes back here afterwards, even through the mail that confirms an address."""
    invitations = Invitation.objects.select_related("invited_by")
    invitation = get_object_or_404(invitations, pk=request.link.subject_id)  # type: ignore[attr-defined]
    if not request.user.is_authenticated:
        request.session[WAY] = request.path
    context = {
        "invitation": invitation,
        "host": request.workspace,  # type: ignore[attr-defined]
        "refusal": refusal,
        "is_theirs": request.user.is_authenticated and request.user.email == invitation.email,
    }
    response = render(request, "web/invitation.html", context, status=409 if refusal else 200)
    # With no-referrer a browser posts the form as from nowhere, and the check against forgery refuses it.
    response["Referrer-Policy"] = "same-origin"
    return response


def _accept(request: HttpRequest) -> HttpResponse:
    token = request.resolver_match.kwargs["token"] if request.resolver_match else ""
    try:
        accept_invitation(token, user=request.user, now=timezone.now())  # type: ignore[arg-type]
    except Refused as refusal:
        return _page(request, refusal=str(refusal))
    return redirect("today", request.workspace.slug)  # type: ignore[attr-defined]
