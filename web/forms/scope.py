"""What people type about an ask outside the agreed scope."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from web.forms.base import line, text
from web.forms.decisions import Moment, in_zone


class EstimateForm(forms.Form):
    days = forms.DecimalField(
        label="Working days it would take",
        min_value=0,
        max_digits=6,
        decimal_places=2,
        required=False,
        help_text="The date moves by whole days; zero where it stays.",
    )
    price = forms.DecimalField(
        label="Price", min_value=0, max_digits=12, decimal_places=2, required=False, help_text="Zero is free."
    )
    adds_criterion = line(
        "Criterion it would add",
        limit=300,
        required=False,
        help_text="A fact that someone else could check. It joins the others once the client accepts.",
    )
    detail = text("Details", limit=5000, help_text="The client reads this with the question.")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["price"].label = f"Price in {currency}"

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class AskForm(forms.Form):
    decide_by = Moment(label="Decide by")
    context = text("What they need to know", limit=5000)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        in_zone(self.fields["decide_by"], zone)


class DeclineForm(forms.Form):
    reason = line("Why not", limit=300, help_text="Where the client is being asked, they read this.")
    version = forms.IntegerField(widget=forms.HiddenInput)
