"""What people type about proof packets: two minutes' worth; the rest is filled in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms

from proofs.models import ProofPacket
from proofs.parts import Assembled
from web.forms.base import text

LONGEST = 4000


class PacketForm(forms.Form):
    """The draft. The ticks are asked for only where they mean something: `asked`, by their names."""

    recap = text(
        "Objective recap",
        limit=LONGEST,
        rows=3,
        help_text="What this milestone was meant to prove, and what it proved.",
    )
    not_measurable = text(
        "Not measurable, because",
        limit=1000,
        rows=2,
        help_text="Only where no metric has before and after; printed in their place.",
    )
    risks = text(
        "Known risks",
        limit=LONGEST,
        rows=3,
        help_text="What could still go wrong, and what is done about it. “none” is an answer.",
    )
    recommendation = text(
        "What we recommend next",
        limit=LONGEST,
        rows=3,
        help_text="The next phase and why. “none” is an answer.",
    )
    as_found = forms.BooleanField(
        label="Publish with what the last look at the artifacts found",
        required=False,
        help_text="The packet prints it beside each of them.",
    )
    publishes_itself = forms.BooleanField(
        label="Publish by itself once it is accepted and complete",
        required=False,
        help_text="On the client’s acceptance, without a click. Your name stands behind it.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, asked: Mapping[str, bool], **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("recap", "not_measurable", "risks", "recommendation"):
            self.fields[name].later = "asked for before publishing"  # type: ignore[attr-defined]
        self.fields["not_measurable"].later = "only without metrics"  # type: ignore[attr-defined]
        for name in (name for name, is_asked in asked.items() if not is_asked):
            del self.fields[name]

    @staticmethod
    def start(packet: ProofPacket, held: Assembled) -> Mapping[str, Any]:
        """What the form shows of a draft; what it was agreed to is ticked while nothing else was found."""
        names = ("recap", "not_measurable", "risks", "recommendation", "publishes_itself")
        as_found = all(each.is_sound or each.shown in held.as_found for each in held.artifacts)
        shown = {name: getattr(packet, name) for name in names}
        return {"version": packet.version, "as_found": as_found, **shown}

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def over(self, held: Assembled) -> Assembled:
        """What the draft would hold with what is typed so far."""
        self.is_valid()
        typed = {name: value for name, value in self.changes().items() if name != "publishes_itself"}
        if "as_found" in typed:
            typed["as_found"] = [each.shown for each in held.artifacts if typed["as_found"]]
        return replace(held, **typed)


class CorrectionForm(forms.Form):
    correction = forms.CharField(
        label="What is corrected",
        max_length=300,
        help_text="Printed on the new version. The one before stays readable.",
    )
