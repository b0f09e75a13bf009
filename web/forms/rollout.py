"""What people type about the first ninety days."""

from django import forms

from web.forms.base import day


class RolloutForm(forms.Form):
    started_on = day(
        "The first week began on", required=True, help_text="Every phase's weeks follow this day."
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
