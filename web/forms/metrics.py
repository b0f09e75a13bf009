"""What people type about what a milestone is measured by."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from proofs.models import Metric
from proofs.words import Direction, Role
from web.forms.base import choice, line
from web.forms.decisions import Moment, in_zone

FIELDS = ("name", "unit", "direction", "target", "source", "feed_key")


def _number(label: str, *, required: bool = False, **options: Any) -> forms.DecimalField:
    widget = forms.TextInput({"inputmode": "decimal"})
    return forms.DecimalField(
        label=label, required=required, max_digits=18, decimal_places=4, widget=widget, **options
    )


def _moment(zone: ZoneInfo) -> str:
    return f"Empty means now. Local time, {zone.key}."


class MetricForm(forms.Form):
    name = line("Metric", limit=80, help_text="What the client sees change, such as “Hours per report”.")
    unit = line("Unit", limit=20, required=False, help_text="As it is to be read: h, %, €, tickets a week.")
    direction = choice("What is better", Direction.choices)
    target = _number("Target")
    source = line("Source", required=False, help_text="Where the figure comes from, so that others find it.")
    feed_key = line(
        "Reported as",
        limit=120,
        required=False,
        help_text="The key under which a connection reports it; new readings are then taken by themselves.",
    )


class NewMetricForm(MetricForm):
    """With the first value, so that a metric is set up in one go."""

    baseline = _number("Baseline", help_text="What it was before the work. It can be taken later, too.")
    measured_at = Moment(label="Baseline measured", required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        in_zone(self.fields["measured_at"], zone)
        self.fields["measured_at"].help_text = _moment(zone)

    def metric(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class ChangeMetricForm(MetricForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def shown(metric: Metric) -> dict[str, Any]:
        return {"version": metric.version, **{name: getattr(metric, name) for name in FIELDS}}


class SnapshotForm(forms.Form):
    role = choice("What it is", Role.choices, initial=Role.CURRENT)
    value = _number("Value", required=True)
    measured_at = Moment(label="Measured", required=False)
    note = line("Note", required=False, help_text="How it was measured, or where it stands.")

    def __init__(self, *args: Any, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        in_zone(self.fields["measured_at"], zone)
        self.fields["measured_at"].help_text = _moment(zone)


class RetractForm(forms.Form):
    reason = line("Why does it not count?", limit=300, help_text="The value stays readable beside it.")


class RemoveMetricForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
