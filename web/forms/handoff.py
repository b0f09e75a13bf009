"""What people type about handoff packets, and to close what was accepted."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms

from proofs.handing import WRITTEN
from web.forms.base import line, text

NONE = "“none” is an answer."


class HandoffForm(forms.Form):
    """The draft. What is left as it was shown goes on following the record, whatever that says meanwhile.

    `seen` marks the texts that were shown.
    """

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
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in WRITTEN:
            self.fields[name].later = "asked for before publishing"  # type: ignore[attr-defined]

    @staticmethod
    def start(words: Mapping[str, str], version: int) -> dict[str, Any]:
        """What the form shows of a draft."""
        return {**words, "version": version, "seen": " ".join(_mark(words[name]) for name in WRITTEN)}

    def changes(self) -> dict[str, str]:
        """The texts that are no longer what was shown."""
        typed = {name: self.cleaned_data[name] for name in WRITTEN}
        seen = dict(zip(WRITTEN, self.cleaned_data["seen"].split(), strict=False))
        return {name: text for name, text in typed.items() if _mark(text) != seen.get(name)}

    def typed(self) -> Mapping[str, str]:
        """What is typed so far, as far as it can be read."""
        self.is_valid()
        return {name: self.cleaned_data[name] for name in WRITTEN if name in self.cleaned_data}


def _mark(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:12]


class ApprovedForm(forms.Form):
    """The end of an accepted milestone. What the gate asks for, the gate says."""

    open_dependencies = text("Still open", rows=3, help_text=f"One a line. {NONE}")
    next_move_owner = line("Who makes the next move", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("open_dependencies", "next_move_owner"):
            self.fields[name].later = "asked for before closing"  # type: ignore[attr-defined]
