"""Reads about a workspace. Call them inside its door."""

from collections.abc import Collection, Mapping
from datetime import date, time
from functools import lru_cache
from typing import Any
from uuid import UUID

import holidays
from django.db import models
from django.db.models import Subquery
from django.db.models.functions import JSONObject

from journal.actors import Recipient
from tenancy.models import Workspace
from workspaces.models import Link, Membership, Purpose, Role, WorkingCalendar
from workspaces.working_time import Calendar, Hours

# The years around the lay-out for which holidays are looked up: no engagement reaches further.
YEARS_BEHIND = 4
YEARS_AHEAD = 4
CALENDAR = ("hours", "country", "subdivision", "days_off", "laid_out_until")


def calendar_of(workspace: Workspace) -> Calendar:
    """When the workspace works."""
    return parsed_calendar(WorkingCalendar.objects.get(), zone=workspace.time_zone)


def calendar_told() -> Subquery:
    """The open workspace's calendar, for a statement that reads other things as well; for `told_calendar`."""
    return Subquery(WorkingCalendar.objects.values(told=JSONObject(**{name: name for name in CALENDAR}))[:1])


def told_calendar(told: Mapping[str, Any], *, zone: str) -> Calendar:
    days_off, until = told["days_off"], date.fromisoformat(told["laid_out_until"])
    stored = WorkingCalendar(
        **{**told, "days_off": [date.fromisoformat(day) for day in days_off], "laid_out_until": until}
    )
    return parsed_calendar(stored, zone=zone)


def parsed_calendar(calendar: WorkingCalendar, *, zone: str) -> Calendar:
    """The stored calendar as a rule.

    Raises:
        ValueError: with a sentence, when its hours make no week.
        NotImplementedError: when no holidays are known for its country or region.
    """
    middle = calendar.laid_out_until.year
    known = _holidays(calendar.country, calendar.subdivision, middle - YEARS_BEHIND, middle + YEARS_AHEAD)
    return Calendar(zone, tuple(map(_hours, calendar.hours)), known | frozenset(calendar.days_off))


def _hours(spans: list[list[str]]) -> Hours:
    try:
        return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in spans)
    except (TypeError, ValueError) as error:
        raise ValueError("Give working hours as pairs such as 09:00 and 17:00.") from error


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str, first: int, last: int) -> frozenset[date]:
    """Public holidays of a country (ISO 3166 code, may be empty) and region, both years included."""
    if not country:
        return frozenset()
    return frozenset(
        holidays.country_holidays(country, subdiv=subdivision or None, years=range(first, last + 1))
    )


def members() -> models.QuerySet[Membership]:
    """Who may enter, by name."""
    return Membership.objects.filter(ended_at=None).select_related("user").order_by("user__name", "pk")


def owners() -> list[Recipient]:
    """The owners, as mail finds them."""
    chairs = members().filter(role=Role.OWNER)
    return [Recipient("user", chair.user.pk, chair.user.name, chair.user.email) for chair in chairs]


def workers(*, besides: Collection[UUID | None] = ()) -> models.QuerySet[Membership]:
    """Who may write, by name; `besides` are kept, as those who own something already."""
    return members().filter(~models.Q(role=Role.VIEWER) | models.Q(pk__in=[pk for pk in besides if pk]))


def links_about(subject_id: UUID, *purposes: Purpose) -> list[Link]:
    """Links of these purposes to one subject, the newest first."""
    return list(
        Link.objects.filter(purpose__in=purposes, subject_id=subject_id).order_by("-created_at", "-id")
    )
