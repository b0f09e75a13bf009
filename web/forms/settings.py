"""What people type in a workspace's settings."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import holidays
from django import forms

from proofs.models import DeliveryTemplate
from tenancy.models import Workspace
from web.forms.base import choice, line, text, zones
from workspaces.models import Role, Scope, WorkingCalendar, WorkspaceSettings

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPAN = re.compile(r"^(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)$")

# Name in the settings, words, default, what it does.
THRESHOLDS = (
    (
        "no_progress_hours",
        "No progress, hours",
        24,
        "Older than this, the owner is asked for an async standup.",
    ),
    (
        "blocker_aging_hours",
        "Blocker aging, hours",
        18,
        "Open longer than this, it goes to whoever has authority.",
    ),
    ("failing_runs", "Failing QA runs", 2, "This many in a row freeze additions until one passes."),
)


class WorkspaceForm(forms.Form):
    name = line("Name", limit=80)
    time_zone = choice("Time zone", [], help_text="Dates end and working hours count here.")

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        super().__init__(data, initial={"name": workspace.name, "time_zone": workspace.time_zone})
        self.fields["time_zone"].choices = zones()  # type: ignore[attr-defined]


class BrandForm(forms.Form):
    name = line("Name in the portal", limit=80, required=False, help_text="Empty: the workspace's name.")
    colour = forms.RegexField(
        r"^#[0-9a-fA-F]{6}$",
        label="Colour",
        widget=forms.TextInput({"type": "color"}),
        error_messages={"invalid": "Choose a colour such as #3b5bdb."},
    )

    def __init__(self, data: Any = None, *, settings: WorkspaceSettings) -> None:
        super().__init__(data, initial={"name": settings.brand_name, "colour": settings.brand_colour})


class DeliveryForm(forms.Form):
    subject = line("Subject", limit=200)
    body = text("Text", limit=5000, required=True, rows=16)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, template: DeliveryTemplate, **options: Any) -> None:
        start = {"subject": template.subject, "body": template.body, "version": template.version}
        super().__init__(data, initial=start, **options)


class ThresholdsForm(forms.Form):
    def __init__(self, data: Any = None, *, settings: WorkspaceSettings) -> None:
        super().__init__(data, initial=settings.thresholds)
        for name, words, usual, does in THRESHOLDS:
            self.fields[name] = forms.IntegerField(
                label=words,
                min_value=1,
                max_value=1000,
                required=False,
                help_text=f"{does} Empty: {usual}.",
            )


class CalendarForm(forms.Form):
    """Hours by weekday as people write them: 09:00–12:30, 13:30–18:00."""

    country = choice("Public holidays of", [], required=False)
    subdivision = line("Region", limit=6, required=False, help_text="The region's code, such as BY or CA.")
    days_off = text("Own days off", rows=2, help_text="Dates such as 2026-12-24, one per line.")

    def __init__(self, data: Any = None, *, calendar: WorkingCalendar) -> None:
        super().__init__(data, initial=_written(calendar))
        for number, weekday in enumerate(WEEKDAYS):
            self.fields[f"day{number}"] = hours = line(weekday, limit=80, required=False)
            hours.later = "or free"  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", "No holidays"), *_countries()]  # type: ignore[attr-defined]
        self.order_fields([*(f"day{n}" for n in range(7)), "country", "subdivision", "days_off"])

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        typed["hours"] = [self._hours(f"day{n}", typed) for n in range(7)]
        return typed

    def clean_days_off(self) -> list[date]:
        try:
            return [
                date.fromisoformat(word)
                for word in re.split(r"[\s,]+", self.cleaned_data["days_off"])
                if word
            ]
        except ValueError as error:
            raise forms.ValidationError("Write each day as 2026-12-24.") from error

    def _hours(self, name: str, typed: Mapping[str, Any]) -> list[list[str]]:
        spans = [SPAN.match(part.strip()) for part in str(typed.get(name) or "").split(",") if part.strip()]
        if not all(spans):
            self.add_error(name, "Write hours as 09:00–17:00, several with a comma between them.")
        return [list(span.groups()) for span in spans if span]


def _written(calendar: WorkingCalendar) -> dict[str, Any]:
    days: Sequence[Any] = calendar.hours
    hours = {f"day{n}": ", ".join(f"{start}–{end}" for start, end in day) for n, day in enumerate(days)}
    return {
        **hours,
        "country": calendar.country,
        "subdivision": calendar.subdivision,
        "days_off": "\n".join(day.isoformat() for day in calendar.days_off),
    }


def _countries() -> list[tuple[str, str]]:
    """Countries whose holidays are known, by code."""
    return [(code, code) for code in sorted(holidays.list_supported_countries(include_aliases=False))]


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254)
    role = choice("Role", Role.choices, initial=Role.MEMBER)


class RoleForm(forms.Form):
    role = choice("Role", Role.choices)


class TokenForm(forms.Form):
    name = line("Name", limit=80, help_text="Which program will use it.")
    scopes = forms.MultipleChoiceField(
        label="It may", choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )
