"""What people type about handoff packets, and to close what was accepted."""

from collections.abc import Mapping
from typing import Any

from django import forms

from proofs.handing import WRITTEN
from web.forms.base import line, text

NONE = "“none” is an answer."


class HandoffForm(forms.Form):
    """The draft. What is left as the record has it goes on following the record."""

    open_dependencies = text(
        "Still open",
        rows=3,
        help_text=f"One a line; the client reads them. {NONE}",
    )
    next_stage_trigger = line("What starts next", required=False, help_text="Once this one is accepted.")
    next_move_owner = line("Who makes the next move", required=False, help_text="One name, ours or theirs.")
    recommendation = text(
        "What we recommend next", limit=4000, rows=3, help_text=f"The next phase and why. {NONE}"
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in WRITTEN:
            self.fields[name].later = "asked for before publishing"  # type: ignore[attr-defined]

    def changes(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WRITTEN}

    def typed(self) -> Mapping[str, str]:
        """What is typed so far, as far as it can be read."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in WRITTEN if name in self.cleaned_data}


class ApprovedForm(forms.Form):
    """The end of an accepted milestone. What the gate asks for, the gate says."""

    open_dependencies = text("Still open", rows=3, help_text=f"One a line. {NONE}")
    next_move_owner = line("Who makes the next move", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("open_dependencies", "next_move_owner"):
            self.fields[name].later = "asked for before closing"  # type: ignore[attr-defined]
