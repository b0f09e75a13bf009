"""What people type about webhook endpoints."""

from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.forms.boundfield import BoundWidget

from journal.kinds import KINDS, subject_of
from journal.models import WebhookEndpoint
from web.forms.base import line


@dataclass(frozen=True, slots=True)
class Group:
    """The events about one thing, each with its box; `chosen` is how many are ticked."""

    subject: str
    options: list[BoundWidget]
    chosen: int


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
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="With none chosen, it is told of all of them, and of those that later versions add.",
    )

    def groups(self) -> list[Group]:
        boxes = groupby(self["events"].subwidgets, lambda box: subject_of(box.data["value"]))
        return [_group(subject, list(options)) for subject, options in boxes]


class EndpointForm(WebhookForm):
    """The settings of an endpoint, against the version that was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> "EndpointForm":
        return cls(initial={name: getattr(endpoint, name) for name in ("name", "url", "events", "version")})


def _group(subject: str, options: list[BoundWidget]) -> Group:
    return Group(subject, options, sum(box.data["selected"] for box in options))
