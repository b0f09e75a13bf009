"""What people type about dates."""

from typing import Any

from django import forms

from milestones.words import Attribution, MoveReason, Recovery
from web.forms.base import choice, day, line, text

BY_THE_REASON = [("", "As the reason says"), *Attribution.choices]


class MoveForm(forms.Form):
    """A forecast that moves. `seen` is the day that was previewed, `steps` what would move by it.

    Nothing moves unseen.
    """

    date = day("New forecast", required=True)
    code = choice("Why it moves", MoveReason.choices)
    reason = line(
        "Reason in a sentence", limit=500, help_text="The client reads it, beside the date that it strikes."
    )
    mitigation = line("What we do about it", limit=500, required=False)
    attributed_to = choice("Whose days", BY_THE_REASON, required=False)
    seen = forms.DateField(widget=forms.HiddenInput, required=False)
    steps = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        whose = typed["attributed_to"]
        return {
            "code": MoveReason(typed["code"]),
            "reason": typed["reason"],
            "mitigation": typed["mitigation"],
            "attributed_to": Attribution(whose) if whose else None,
            "expected": typed["version"],
            "previewed": typed["steps"],
        }


class MissForm(forms.Form):
    root_cause = text(
        "Root cause",
        required=True,
        help_text="What exactly happened, and when: “The CRM vendor's sandbox was down from 3 to 6 March.”",
    )
    recovery = choice("Recovery", Recovery.choices)
    plan = text("Plan", required=True, help_text="What is done about it, and until when.")
    consent = line("Who consented to overtime", limit=500, required=False)
    new_date = day("Later date", help_text="Moves the forecast, with all that waits for it.")
    code = choice("Why the date moves", [("", "It does not"), *MoveReason.choices], required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """What was typed, as the action takes it."""
        typed = {**self.cleaned_data}
        code, version = typed.pop("code"), typed.pop("version")
        return typed | {
            "recovery": Recovery(typed["recovery"]),
            "code": MoveReason(code) if code else None,
            "expected": version,
        }


class PlanForm(forms.Form):
    """The plan that stands after a missed date."""

    plan = text("Revised plan", required=True, help_text="The client receives it with every later milestone.")
    version = forms.IntegerField(widget=forms.HiddenInput)


class RebaselineForm(forms.Form):
    planned_date = day("New planned date", required=True)
    reason = line("Why the plan changes", limit=500, help_text="The client reads it beside the dates.")
    decide_by = day("Decision needed by", required=True)
