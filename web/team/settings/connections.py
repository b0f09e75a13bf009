"""Connections: a wizard per tool, the live check, and the log of what was delivered."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from milestones.models import Milestone
from milestones.queries.pages import open_milestones
from telemetry.actions import connections as actions
from telemetry.actions.deliveries import replay as replay_delivery
from telemetry.models import Connection, RawDelivery
from telemetry.models.inbound import DeliveryState
from telemetry.queries import inbound
from tenancy.refusal import Refused
from web import once
from web.answers import attempt, done
from web.forms.connections import ConnectionForm, NewConnectionForm, SecretForm, written
from web.guards import member
from web.here import Here
from web.keyset import page_of, parts_of
from web.team.settings import frame
from workspaces.models import Role

LIMIT = 50
CHOICES = 200
NAME = "settings_connections"


def address_of(connection: Connection) -> str:
    """Where the tool posts to."""
    return f"{settings.PUBLIC_URL}/hooks/{connection.provider}/{connection.pk}"


def _targets() -> list[Milestone]:
    rows = open_milestones().select_related("project")
    return list(rows.order_by("project__name", "code", "id")[:CHOICES])


@member
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    context = {**frame(Here(request), NAME), "connections": list(inbound.connections()[:CHOICES])}
    return render(request, "web/team/settings/connections.html", context)


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, **_: Any) -> HttpResponse:
    """The first step: which tool, and where its new items go. The next shows address and secret."""
    here, targets = Here(request), _targets()
    if request.method != "POST":
        initial = {
            "provider": request.GET.get("tool", "linear"),
            "milestone": request.GET.get("milestone", ""),
        }
        return _new(request, here, NewConnectionForm(milestones=targets, initial=initial))
    form = NewConnectionForm(request.POST, milestones=targets)
    made: list[tuple[Connection, str]] = []

    def write(typed: Mapping[str, Any]) -> object:
        target = next(each for each in targets if each.pk == typed["milestone"])
        options = {"states": typed["states"]}
        made.append(
            actions.connect(
                provider=typed["provider"],
                name=typed["name"],
                milestone=target,
                options=options,
                by=here.actor,
                now=here.now,
            )
        )
        return made

    status = attempt(form, write)
    if status != 200:
        return _new(request, here, form, status=status)
    return _show_secret(request, here, *made[0], said="Connection made.")


def _new(request: HttpRequest, here: Here, form: NewConnectionForm, *, status: int = 200) -> HttpResponse:
    return render(
        request, "web/team/settings/connection_new.html", {**frame(here, NAME), "form": form}, status=status
    )


def _show_secret(
    request: HttpRequest, here: Here, connection: Connection, secret: str, *, said: str
) -> HttpResponse:
    once.keep(request, f"connection:{connection.pk}", secret, now=here.now)
    return done(request, said, here.url("settings_connection", connection.pk))


def _find(pk: UUID) -> Connection:
    return get_object_or_404(inbound.connections(), pk=pk)


@member
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, connection = Here(request), _find(pk)
    secret = once.take(request, f"connection:{pk}", now=here.now)
    return _page(request, here, connection, secret=secret)


def _page(
    request: HttpRequest,
    here: Here,
    connection: Connection,
    *,
    secret: str = "",
    form: ConnectionForm | None = None,
    secret_form: SecretForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """One connection: what to paste where, whether it works, its settings. `secret` is shown this once."""
    initial = {
        "name": connection.name,
        "milestone": connection.milestone_id,
        "states": written(connection.options.get("states", {})),
    }
    targets = _targets()
    if connection.milestone not in targets:
        targets.append(connection.milestone)
    context = {
        **frame(here, NAME),
        "connection": connection,
        "address": address_of(connection),
        "secret": secret,
        "form": form or ConnectionForm(milestones=targets, initial=initial),
        "secret_form": secret_form or SecretForm(),
        "refusal": refusal,
        **_check(connection),
    }
    response = render(request, "web/team/settings/connection.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _check(connection: Connection) -> dict[str, Any]:
    """What the live check says, from the newest deliveries and refusals."""
    newest = list(inbound.deliveries(connection.pk)[:3])
    return {"newest": newest, "refusals": list(connection.refusals.all())}


@member
@require_safe
def check(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """The live check as a fragment that pages poll; unchanged it costs an empty answer."""
    connection = _find(pk)
    found = _check(connection)
    seen = [(str(d.pk), d.state) for d in found["newest"]] + [(r.reason, r.count) for r in found["refusals"]]
    tag = f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    context = {"connection": connection, **found}
    response = render(request, "web/team/settings/connection.html#check", context)
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


@member(role=Role.OWNER)
@require_POST
def change(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    connection, here, targets = _find(pk), Here(request), _targets()
    form = ConnectionForm(request.POST, milestones=[*targets, connection.milestone])

    def write(typed: Mapping[str, Any]) -> object:
        target = Milestone.objects.get(pk=typed["milestone"])
        changes = {"name": typed["name"], "milestone": target, "options": {"states": typed["states"]}}
        return actions.change_connection(pk, changes, by=here.actor, now=here.now)

    status = attempt(form, write)
    if status == 200:
        return done(request, "Connection saved.", here.url("settings_connection", pk))
    return _page(request, here, connection, form=form, status=status)


@member(role=Role.OWNER)
@require_POST
def set_secret(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """Takes the secret that the tool made up itself."""
    connection, here, form = _find(pk), Here(request), SecretForm(request.POST)
    status = attempt(form, lambda typed: actions.set_secret(pk, typed["secret"], by=here.actor, now=here.now))
    if status == 200:
        return done(request, "Secret set.", here.url("settings_connection", pk))
    return _page(request, here, connection, secret_form=form, status=status)


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def rotate(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A new secret. Who only looks, as after a sign-in on the way here, is led to the connection."""
    connection, here = _find(pk), Here(request)
    if request.method != "POST":
        return redirect(here.url("settings_connection", pk))
    try:
        with transaction.atomic():
            connection, secret = actions.rotate_secret(pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return _page(request, here, connection, refusal=str(refusal), status=409)
    return _show_secret(request, here, connection, secret, said="New secret made.")


@member(role=Role.OWNER)
@require_POST
def disconnect(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    connection, here = _find(pk), Here(request)
    try:
        with transaction.atomic():
            actions.disconnect(pk, by=here.actor, now=here.now)
    except Refused as refusal:
        return _page(request, here, connection, refusal=str(refusal), status=409)
    return done(request, f"{connection.name} is switched off.", here.url(NAME))


@member(role=Role.MEMBER)
@require_safe
def deliveries(request: HttpRequest, **_: Any) -> HttpResponse:
    """What the tools delivered, and what became of it."""
    here, chosen = Here(request), request.GET.get("show", "")
    state = chosen if chosen in DeliveryState.values else ""
    rows = inbound.deliveries(state=state)
    if parts := parts_of(request.GET.get("after", ""), 1):
        rows = rows.filter(pk__lt=_uuid(parts[0]))
    page = page_of(rows[: LIMIT + 1], limit=LIMIT, key=lambda row: (row.pk,))
    names = {connection.pk: connection.name for connection in Connection.objects.all()[:CHOICES]}
    context = {
        **frame(here, "settings_inbound"),
        "rows": [(row, names.get(row.connection_id, "")) for row in page.rows],
        "next": page.next,
        "show": state,
        "states": [("", "All"), *DeliveryState.choices],
    }
    return render(request, "web/team/settings/inbound.html", context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=(1 << 128) - 1)


@member(role=Role.MEMBER)
@require_POST
def replay(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, delivery = Here(request), get_object_or_404(RawDelivery, pk=pk)
    said = "The delivery is in the queue again."
    try:
        with transaction.atomic():
            replay_delivery(delivery.pk, by=here.actor, now=here.now)
    except Refused as refusal:
        said = str(refusal)
    return done(request, said, here.url("settings_inbound"))
