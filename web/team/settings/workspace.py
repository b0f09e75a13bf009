"""What a workspace decides for itself: its name, its portal, its calendar, its thresholds."""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from telemetry.actions.thresholds import set_thresholds
from web.answers import attempt, done
from web.forms.settings import BrandForm, CalendarForm, ThresholdsForm, WorkspaceForm
from web.guards import member
from web.here import Here
from web.team.settings import frame
from workspaces.actions import set_brand, set_calendar, update_workspace
from workspaces.models import Role, WorkingCalendar, WorkspaceSettings

EITHER = ["GET", "HEAD", "POST"]
Write = Callable[[Mapping[str, Any]], object]


def _answer(request: HttpRequest, name: str, form: Form, write: Write, intro: str) -> HttpResponse:
    here, status = Here(request), 200
    if request.method == "POST":
        status = attempt(form, write)
        if status == 200:
            return done(request, "Saved.", here.url(name))
    context = {**frame(here, name), "form": form, "intro": intro}
    return render(request, "web/team/settings/form.html", context, status=status)


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@member(role=Role.OWNER)
@require_http_methods(EITHER)
def workspace(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    form = WorkspaceForm(_data(request), workspace=here.workspace)

    def write(typed: Mapping[str, Any]) -> object:
        return update_workspace(here.workspace, **typed, by=here.actor, now=here.now)

    return _answer(request, "settings", form, write, "The name and the clock of everything here.")


@member(role=Role.OWNER)
@require_http_methods(EITHER)
def brand(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    form = BrandForm(_data(request), settings=WorkspaceSettings.objects.get())

    def write(typed: Mapping[str, Any]) -> object:
        return set_brand(**typed, by=here.actor, now=here.now)

    return _answer(request, "settings_brand", form, write, "How clients see you in their portal.")


@member(role=Role.OWNER)
@require_http_methods(EITHER)
def calendar(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    form = CalendarForm(_data(request), calendar=WorkingCalendar.objects.get())

    def write(typed: Mapping[str, Any]) -> object:
        asked = {name: typed[name] for name in ("hours", "country", "subdivision", "days_off")}
        return set_calendar(here.workspace, **asked, by=here.actor, now=here.now)

    intro = (
        "Response clocks count these hours only. Write them as 09:00–17:00; leave a day empty that is free."
    )
    return _answer(request, "settings_calendar", form, write, intro)


@member(role=Role.OWNER)
@require_http_methods(EITHER)
def thresholds(request: HttpRequest, **_: Any) -> HttpResponse:
    here = Here(request)
    form = ThresholdsForm(_data(request), settings=WorkspaceSettings.objects.get())

    def write(typed: Mapping[str, Any]) -> object:
        return set_thresholds(typed, by=here.actor, now=here.now)

    return _answer(request, "settings_thresholds", form, write, "When the daily rules speak up.")
