"""What people type about webhook endpoints."""

from django import forms

from journal.kinds import KINDS, by_subject
from web.forms.base import line


class WebhookForm(forms.Form):
    name = line("Name", limit=80, help_text="For example: n8n, invoicing.")
    url = line(
        "Address",
        limit=500,
        help_text="Where the other system listens, beginning with https://. A redirect is not followed.",
        widget=forms.URLInput({"inputmode": "url"}),
    )
    events = forms.MultipleChoiceField(
        label="Only these events",
        choices=[
            (subject, [(kind, f"{kind}: {KINDS[kind]}") for kind in kinds]) for subject, kinds in by_subject()
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="With none chosen, it is told of all of them, and of those that later versions add.",
    )
