"""Fields as the product's pages use them."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from milestones.schedule import OUT_OF_REACH, is_in_reach
from tenancy.text import Clean


def line(label: str, *, limit: int = 200, required: bool = True, **options: Any) -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label, max_length=limit, required=required, validators=[Clean(line=True)], **options
    )


def text(
    label: str, *, limit: int = 2000, required: bool = False, rows: int = 2, **options: Any
) -> forms.CharField:
    """Several lines; line ends as the database keeps them."""
    return Lines(
        label=label,
        max_length=limit,
        required=required,
        widget=forms.Textarea({"rows": rows}),
        **options,
    )


class Lines(forms.CharField):
    """Text whose line ends are single, so that it is stored as it was typed on any machine."""

    def to_python(self, value: Any) -> str:
        typed = str(super().to_python(value))
        return typed.replace("\r\n", "\n").replace("\r", "\n")

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if value:
            Clean(line=False)(value)


def key(value: Any) -> UUID:
    """The id that a choice stands for, typed or stored."""
    return UUID(str(value))


def day(label: str, *, required: bool = False, **options: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, validators=[_in_reach], **options)


def _in_reach(day: date) -> None:
    if not is_in_reach(day):
        raise ValidationError(OUT_OF_REACH, code="out_of_reach")


def percent(label: str, *, required: bool = False, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=100, required=required, **options)


def choice(
    label: str, choices: Iterable[tuple[Any, str]], *, required: bool = True, **options: Any
) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices), required=required, **options)


def zones() -> list[tuple[str, str]]:
    """Every time zone by region and city, UTC first."""
    named = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/"))
    )
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in named)]
