"""What a guarded page knows of its place: workspace, person, clock and calendar day."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from journal.actors import Actor
from milestones.models import Milestone
from tenancy.models import Workspace
from web.labels import Shown, shown, shown_to_client
from workspaces.access import Access
from workspaces.queries import calendar_of
from workspaces.working_time import Calendar

NIL = UUID(int=0)


class Here:
    """One request inside a workspace. The clock is read once, when the page is entered.

    `forms` are refused ones by their place on the page, to be shown again as they were typed.
    """

    def __init__(self, request: HttpRequest, *, forms: Mapping[str, Form] | None = None) -> None:
        self.workspace: Workspace = request.workspace  # type: ignore[attr-defined]
        self.now: datetime = timezone.now()
        self.forms: Mapping[str, Form] = forms or {}
        self._request = request

    @property
    def access(self) -> Access:
        return self._request.access  # type: ignore[attr-defined, no-any-return]

    @property
    def actor(self) -> Actor:
        return self._request.actor  # type: ignore[attr-defined, no-any-return]

    @property
    def email(self) -> str:
        return self._request.user.email  # type: ignore[union-attr]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.workspace.time_zone)

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def url(self, name: str, *args: Any) -> str:
        return reverse(name, args=[self.access.slug, *args])

    def urls(self, name: str) -> Callable[[UUID | str], str]:
        """The addresses of many, by their ids."""
        before, after = _around(name, self.access.slug)
        return lambda pk: f"{before}{pk}{after}"

    def age(self, since: datetime | None) -> str:
        """“69 h”, from three days on “3 d”; empty when nothing runs."""
        if since is None:
            return ""
        return _hours(self.now - since)

    @cached_property
    def calendar(self) -> Calendar:
        return calendar_of(self.workspace)

    def ages(self, since: datetime | None, until: datetime | None = None) -> str:
        """An age on both clocks, on the wall and of working hours: “69 h (24 working)”."""
        if since is None:
            return ""
        until = until or self.now
        hours = self.calendar.working_hours_between(since, until)
        return f"{_hours(until - since)} ({hours:.0f} working)"

    def label(self, milestone: Milestone | Any) -> Shown:
        """The milestone's label as it truly is."""
        return shown(milestone, zone=self.zone, now=self.now)

    def client_label(self, milestone: Milestone) -> Shown:
        """The milestone's label as the client sees it."""
        return shown_to_client(milestone, zone=self.zone, now=self.now)


@lru_cache(maxsize=4096)
def _around(name: str, slug: str) -> tuple[str, str]:
    """What stands before and after an id in an address: the same as long as the process lives."""
    before, after = reverse(name, args=[slug, NIL]).split(str(NIL))
    return before, after


def _hours(span: timedelta) -> str:
    hours = int(span / timedelta(hours=1))
    return f"{hours} h" if hours < 72 else f"{hours // 24} d"
