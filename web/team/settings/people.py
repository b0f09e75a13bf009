"""Who may enter: members with their roles, open invitations, and keys for machines."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from tenancy.refusal import Refused
from web import once
from web.answers import attempt, done
from web.forms.settings import InvitationForm, RoleForm, TokenForm
from web.guards import member
from web.here import Here
from web.team.settings import frame
from workspaces.actions import (
    change_role,
    end_membership,
    invite,
    issue_token,
    revoke_invitation,
    revoke_token,
)
from workspaces.models import ApiToken, Invitation, Membership, Role
from workspaces.queries import members


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    """Members and invitations; a POST invites."""
    here = Here(request)
    form = InvitationForm(request.POST or None, initial={"role": Role.MEMBER})
    if request.method != "POST":
        return _page(request, here, form=form)

    def write(typed: Mapping[str, Any]) -> object:
        return invite(
            workspace=here.workspace,
            email=typed["email"],
            role=Role(typed["role"]),
            by=here.actor,
            now=here.now,
        )

    status = attempt(form, write)
    if status == 200:
        said = f"Invitation to {form.cleaned_data['email']} is on its way."
        return done(request, said, here.url("settings_members"))
    return _page(request, here, form=form, status=status)


def _page(
    request: HttpRequest, here: Here, *, form: Form | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    invitations = Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("invited_by")
    context = {
        **frame(here, "settings_members"),
        "members": list(members()),
        "invitations": list(invitations.order_by("-created_at")),
        "roles": Role.choices,
        "form": form or InvitationForm(initial={"role": Role.MEMBER}),
        "refusal": refusal,
    }
    return render(request, "web/team/settings/members.html", context, status=status)


@member(role=Role.OWNER)
@require_POST
def set_role(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, form = Here(request), RoleForm(request.POST)
    person = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    status = attempt(
        form, lambda typed: change_role(person, Role(typed["role"]), by=here.actor, now=here.now)
    )
    if status == 200:
        return done(
            request, f"{person.user} is {form.cleaned_data['role']} now.", here.url("settings_members")
        )
    return _page(
        request, here, refusal=" ".join(map(str, form.non_field_errors())) or "Choose a role.", status=status
    )


@member(role=Role.OWNER)
@require_POST
def end(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)
    person = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    try:
        end_membership(person, by=here.actor, now=here.now)
    except Refused as refusal:
        return _page(request, here, refusal=str(refusal), status=409)
    to = reverse("home") if person.user_id == here.actor.id else here.url("settings_members")
    return done(request, f"{person.user} can no longer enter.", to)


@member(role=Role.OWNER)
@require_POST
def take_back(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, invitation = Here(request), get_object_or_404(Invitation, pk=pk)
    try:
        revoke_invitation(invitation, by=here.actor, now=here.now)
    except Refused as refusal:
        return _page(request, here, refusal=str(refusal), status=409)
    return done(request, f"Invitation to {invitation.email} taken back.", here.url("settings_members"))


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest, **_: Any) -> HttpResponse:
    """API tokens; a POST issues one and leads on to the page that shows it once (`?issued=`)."""
    here, form = Here(request), TokenForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        secret = once.take(request, f"token:{request.GET.get('issued', '')}", now=here.now)
        return _tokens(request, here, form, secret=secret)
    made: list[tuple[ApiToken, str]] = []

    def write(typed: Mapping[str, Any]) -> object:
        made.append(issue_token(**typed, by=here.actor, now=here.now))
        return made

    status = attempt(form, write)
    if status != 200:
        return _tokens(request, here, form, status=status)
    token, secret = made[0]
    once.keep(request, f"token:{token.pk}", secret, now=here.now)
    return done(request, f"Token {token.name} issued.", f"{here.url('settings_tokens')}?issued={token.pk}")


def _tokens(
    request: HttpRequest, here: Here, form: Form, *, secret: str = "", refusal: str = "", status: int = 200
) -> HttpResponse:
    rows = ApiToken.objects.select_related("created_by").order_by("revoked_at", "-created_at")
    context = {**frame(here, "settings_tokens"), "tokens": list(rows[:100]), "form": form}
    context |= {"secret": secret, "refusal": refusal}
    response = render(request, "web/team/settings/tokens.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@member(role=Role.OWNER)
@require_POST
def end_token(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, token = Here(request), get_object_or_404(ApiToken, pk=pk)
    try:
        revoke_token(token, by=here.actor, now=here.now)
    except Refused as refusal:
        return _tokens(request, here, TokenForm(), refusal=str(refusal), status=409)
    return done(request, f"Token {token.name} revoked.", here.url("settings_tokens"))
