"""What people type about a notice."""

from django import forms

from web.forms.base import line, text


class NoticeForm(forms.Form):
    """A draft, read over before the client does."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = line("Title", help_text="The subject of the mail: what happened, in one line.")
    body = text(
        "Text",
        limit=20000,
        required=True,
        rows=10,
        help_text="Cause, what it means for later milestones, what you do about it.",
    )


class ToldForm(forms.Form):
    """How a client whom no message reached was told."""

    how = line("How was the client told?", limit=300, help_text="For example: by phone, Carla, at 10:30.")
