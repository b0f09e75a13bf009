"""Addresses that open a project without a login, its portal or its calendar: made, shown once, ended."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.actions.addresses import PURPOSES, make_address, renew_address
from milestones.queries import pages
from tenancy.refusal import Refused
from web import once
from web.answers import done
from web.guards import member
from web.here import Here
from web.team.projects import find, page
from workspaces.actions.links import address_of, revoke_link
from workspaces.models import Link, Purpose, Role

WORDS = {Purpose.PORTAL: "Portal link", Purpose.CALENDAR: "Calendar link"}


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A new link. Who only looks, as after a sign-in on the way here, is led to the project."""
    project, here = find(pk), Here(request)
    if request.method != "POST":
        return redirect(here.url("project", pk))
    contacts = {str(contact.pk): contact for contact in pages.contacts_of(project.account_id)}
    contact = contacts.get(request.POST.get("contact", ""))
    purpose = Purpose.CALENDAR if request.POST.get("purpose") == Purpose.CALENDAR else Purpose.PORTAL
    try:
        link = make_address(purpose, project=project, contact=contact, by=here.actor, now=here.now)
    except Refused as refusal:
        return page(request, project, refusal=str(refusal), status=409)
    return _show_address(request, here, link, said=f"{WORDS[purpose]} made.")


def _show_address(request: HttpRequest, here: Here, link: Link, *, said: str) -> HttpResponse:
    once.keep(request, f"link:{link.pk}", address_of(link), now=here.now)
    return done(request, said, here.url("project_link", link.pk))


@member(role=Role.MEMBER)
@require_safe
@never_cache
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The address just made, once; afterwards the link is what the project's page says of it."""
    link, here = _link(pk), Here(request)
    address = once.take(request, f"link:{pk}", now=here.now)
    if not address:
        return redirect(here.url("project", link.subject_id))
    project, words = find(link.subject_id), WORDS[Purpose(link.purpose)]
    crumbs = [
        {"label": "Projects", "url": here.url("projects")},
        {"label": project.name, "url": here.url("project", project.pk)},
        {"label": words},
    ]
    context = {"here": here, "project": project, "link": link, "address": address, "words": words}
    return render(request, "web/team/project_link.html", {**context, "breadcrumbs": crumbs})


@member(role=Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def rotate(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A new address for the link. Who only looks is led to the project."""
    link, here = _link(pk), Here(request)
    if request.method != "POST":
        return redirect(here.url("project", link.subject_id))
    try:
        link = renew_address(link, by=here.actor, now=here.now)
    except Refused as refusal:
        return page(request, find(link.subject_id), refusal=str(refusal), status=409)
    return _show_address(request, here, link, said="New address made.")


@member(role=Role.MEMBER)
@require_POST
def revoke(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    link, here = _link(pk), Here(request)
    try:
        revoke_link(link, by=here.actor, now=here.now)
    except Refused as refusal:
        return page(request, find(link.subject_id), refusal=str(refusal), status=409)
    said = f"{WORDS[Purpose(link.purpose)]} revoked: it opens nothing any more."
    return done(request, said, here.url("project", link.subject_id))


def _link(pk: UUID) -> Link:
    return get_object_or_404(Link, pk=pk, purpose__in=PURPOSES)
