"""The front door: what Cairn is, for strangers; for who signed in, their work or their first workspace."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from tenancy.ids import uuid7
from tenancy.models import Workspace
from web.answers import attempt
from web.forms.base import choice, line, zones
from web.guards import public, signed_in
from workspaces.access import workspaces_of
from workspaces.actions import create_workspace

WAY = "way"  # where somebody was going before they had to sign in


class WorkspaceForm(forms.Form):
    name = line("Name", limit=80, help_text="Your business, as clients know it.")
    slug = line(
        "Address",
        limit=40,
        required=False,
        help_text="Small letters, digits and hyphens. Made from the name when empty.",
    )
    time_zone = choice("Time zone", [], initial="UTC", help_text="Dates end and working hours count here.")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["time_zone"].choices = zones()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        typed["slug"] = typed.get("slug") or address_from(typed.get("name", ""))
        return typed


def address_from(name: str) -> str:
    """An address made of a name; something neutral when the name has no letters that an address may hold."""
    return slugify(name)[:40].strip("-").replace("_", "-") or f"w-{uuid7().hex[-8:]}"


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "web/landing.html")
    if way := request.session.pop(WAY, ""):
        return redirect(way)
    found = workspaces_of(request.user)
    return redirect("today", found[0].slug) if found else redirect("welcome")


@signed_in
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """For somebody who belongs to no workspace yet."""
    return render(request, "web/new_workspace.html", {"form": WorkspaceForm(), "is_first": True})


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new_workspace(request: HttpRequest) -> HttpResponse:
    form, status = WorkspaceForm(request.POST or None), 200
    if request.method == "POST":
        made: list[Workspace] = []

        def write(typed: Mapping[str, Any]) -> object:
            made.append(create_workspace(**typed, owner=request.user, now=timezone.now()))  # type: ignore[arg-type]
            return made

        status = attempt(form, write)
        if status == 200:
            return redirect("today", made[0].slug)
    return render(request, "web/new_workspace.html", {"form": form}, status=status)
