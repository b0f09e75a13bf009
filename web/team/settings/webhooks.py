"""Webhooks: who is told of what happens, whether they are, and the log of what was sent."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journal import endpoints as actions
from journal.models import Channel, Delivery, State, WebhookEndpoint
from journal.queries import messages, present_endpoints
from web import once
from web.answers import attempt, done, said_by
from web.forms.milestones import VersionForm
from web.forms.webhooks import EndpointForm, WebhookForm
from web.guards import member
from web.here import Here
from web.keyset import page_of
from web.team.lists import after
from web.team.settings import frame
from workspaces.models import Role

LIMIT = 25
SOON = timedelta(minutes=1)
NAME = "settings_webhooks"


@member(role=Role.MEMBER)
@require_safe
def index(request: HttpRequest, **_: Any) -> HttpResponse:
    context = {**frame(Here(request), NAME), "endpoints": list(present_endpoints())}
    return render(request, "web/team/settings/webhooks.html", context)


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, **_: Any) -> HttpResponse:
    here, form = Here(request), WebhookForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _new(request, here, form)
    made: list[tuple[WebhookEndpoint, str]] = []

    def write(typed: Mapping[str, Any]) -> object:
        made.append(actions.make(**typed, by=here.actor, now=here.now))
        return made

    status = attempt(form, write)
    if status != 200:
        return _new(request, here, form, status=status)
    endpoint, secret = made[0]
    return _show_secret(request, here, endpoint, secret, said=f"{endpoint.name} is told from now on.")


def _new(request: HttpRequest, here: Here, form: WebhookForm, *, status: int = 200) -> HttpResponse:
    context = {**frame(here, NAME), "form": form, "webhooks_url": here.url(NAME)}
    return render(request, "web/team/settings/webhook_new.html", context, status=status)


def _show_secret(
    request: HttpRequest, here: Here, endpoint: WebhookEndpoint, secret: str, *, said: str
) -> HttpResponse:
    once.keep(request, f"webhook:{endpoint.pk}", secret, now=here.now)
    return done(request, said, here.url("settings_webhook", endpoint.pk))


def _find(pk: UUID) -> WebhookEndpoint:
    return get_object_or_404(present_endpoints(), pk=pk)


@member(role=Role.MEMBER)
@require_safe
def show(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, endpoint = Here(request), _find(pk)
    return _page(request, here, endpoint, secret=once.take(request, f"webhook:{pk}", now=here.now))


@member(role=Role.MEMBER)
@require_safe
def log(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """What was sent, as a fragment that the page asks for while something waits."""
    here, endpoint = Here(request), _find(pk)
    context = {"endpoint": endpoint, **_log(request, here, endpoint)}
    response = render(request, "web/team/settings/webhook.html#log", context)
    response["Cache-Control"] = "no-store"
    return response


def _page(
    request: HttpRequest,
    here: Here,
    endpoint: WebhookEndpoint,
    *,
    secret: str = "",
    form: EndpointForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """One endpoint: whether it hears us, its log, its settings. `secret` is shown this once."""
    context = {
        **frame(here, NAME),
        "endpoint": endpoint,
        "secret": secret,
        "old_signs": endpoint.old_secret_until is not None and endpoint.old_secret_until > here.now,
        "is_resting": endpoint.rests_until is not None and endpoint.rests_until > here.now,
        "form": form or EndpointForm.of(endpoint),
        "refusal": refusal,
        **_log(request, here, endpoint),
    }
    response = render(request, "web/team/settings/webhook.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _log(request: HttpRequest, here: Here, endpoint: WebhookEndpoint) -> dict[str, Any]:
    chosen = request.GET.get("show", "")
    rows = messages().filter(channel=Channel.WEBHOOK, recipient_id=endpoint.pk)
    if chosen in State.values:
        rows = rows.filter(state=chosen)
    if start := after(request.GET.get("after", "")):
        rows = rows.filter(created_at__lte=start[0]).exclude(created_at=start[0], pk__gte=start[1])
    page = page_of(rows[: LIMIT + 1], limit=LIMIT, key=lambda row: (row.created_at.isoformat(), row.pk))
    return {
        "rows": page.rows,
        "next": page.next,
        "show": chosen,
        "states": [("", "All"), *State.choices],
        "is_live": not endpoint.paused_at and any(_leaves_soon(row, here) for row in page.rows),
    }


def _leaves_soon(message: Delivery, here: Here) -> bool:
    return message.state == State.QUEUED and message.due_at <= here.now + SOON


@member(role=Role.OWNER)
@require_POST
def change(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here, endpoint, form = Here(request), _find(pk), EndpointForm(request.POST)

    def write(typed: Mapping[str, Any]) -> object:
        return actions.change_endpoint(pk, typed, by=here.actor, now=here.now, expected=typed["version"])

    status = attempt(form, write)
    if status == 200:
        return done(request, "Webhook saved.", here.url("settings_webhook", pk))
    return _page(request, here, endpoint, form=form, status=status)


@member(role=Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def rotate(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    """A new secret. Who only looks, as after a sign-in on the way here, is led to the endpoint."""
    endpoint, here, form = _find(pk), Here(request), VersionForm(request.POST)
    if request.method != "POST":
        return redirect(here.url("settings_webhook", pk))
    made: list[tuple[WebhookEndpoint, str]] = []

    def write(typed: Mapping[str, Any]) -> object:
        made.append(actions.rotate_secret(pk, by=here.actor, now=here.now, expected=typed["version"]))
        return made

    if (status := attempt(form, write)) != 200:
        return _page(request, here, endpoint, refusal=said_by(form), status=status)
    return _show_secret(request, here, *made[0], said="New secret made.")


@member(role=Role.OWNER)
@require_POST
def test(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    here = Here(request)
    return _step(
        request,
        pk,
        Form(request.POST),
        lambda _: actions.test(pk, by=here.actor, now=here.now),
        said="A test is on its way; the log shows what is answered.",
    )


@member(role=Role.OWNER)
@require_POST
def pause(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return _switch(request, pk, actions.pause, said="Paused. What happens meanwhile waits.")


@member(role=Role.OWNER)
@require_POST
def resume(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return _switch(request, pk, actions.resume, said="Resumed. What has waited is sent now.")


@member(role=Role.OWNER)
@require_POST
def remove(request: HttpRequest, pk: UUID, **_: Any) -> HttpResponse:
    return _switch(request, pk, actions.remove, said="Removed. It is told of nothing any more.", to=NAME)


def _switch(
    request: HttpRequest, pk: UUID, action: Callable[..., object], *, said: str, to: str = ""
) -> HttpResponse:
    """A step that counts only for the endpoint as its page showed it."""
    here = Here(request)

    def write(typed: Mapping[str, Any]) -> object:
        return action(pk, by=here.actor, now=here.now, expected=typed["version"])

    return _step(request, pk, VersionForm(request.POST), write, said=said, to=to)


def _step(
    request: HttpRequest,
    pk: UUID,
    form: Form,
    write: Callable[[Mapping[str, Any]], object],
    *,
    said: str,
    to: str = "",
) -> HttpResponse:
    here, endpoint = Here(request), _find(pk)
    if (status := attempt(form, write)) != 200:
        return _page(request, here, endpoint, refusal=said_by(form), status=status)
    return done(request, said, here.url(to) if to else here.url("settings_webhook", pk))
