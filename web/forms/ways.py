"""What people type to take a milestone back, apart, out of a block, or to its end."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from milestones.models import Criterion, Milestone
from milestones.split import Cut, Side, SplitReason, even_weight
from milestones.stages import ENDINGS
from milestones.words import Outcome, ResetCause, Stage, Way
from web.forms.base import choice, day, key, line, text


def _version() -> forms.IntegerField:
    return forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReturnForm(forms.Form):
    reason = line("Why does it go back?", limit=300, help_text="The reason stands in the journal.")
    version = _version()


class ResetForm(forms.Form):
    cause = choice("Cause", ResetCause.choices)
    reason = line("What happened?", limit=300, help_text="The reason stands in the journal.")
    version = _version()


class CloseForm(forms.Form):
    """Which outcomes there are depends on the stage."""

    outcome = choice("Outcome", [])
    reason = text("Why does it end?", help_text="The client reads it.")
    open_dependencies = text("Dependencies still open", help_text="Write “none” when there are none.")
    next_move_owner = line("Who makes the next move?", required=False)
    version = _version()

    def __init__(self, *args: Any, stage: Stage, **options: Any) -> None:
        super().__init__(*args, **options)
        fitting = [(each.value, each.label) for each in Outcome if each in ENDINGS.get(stage, ())]
        self.fields["outcome"].choices = fitting  # type: ignore[attr-defined]
        self.fields["reason"].later = "when it ends without acceptance"  # type: ignore[attr-defined]
        for name in ("open_dependencies", "next_move_owner"):
            self.fields[name].later = "when it ends"  # type: ignore[attr-defined]


class RecourseForm(forms.Form):
    way = choice("Way out", Way.choices)
    reason = text("Why?", limit=500, required=True, help_text="The client reads it.")
    condition = text("Under which condition?", limit=1000)
    until = day("Until", required=True, help_text="On this day it ends, or somebody decides anew.")
    version = _version()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["condition"].later = "when it proceeds conditionally"  # type: ignore[attr-defined]


class EndForm(forms.Form):
    note = text("What has changed?", limit=500)
    version = _version()


class SplitForm(forms.Form):
    """The first half keeps what is not given to the second."""

    reason = choice("Why in two?", SplitReason.choices)
    first_output = line("Output of the first half", help_text="One sentence: what will exist.")
    second_name = line("Name of the second half", limit=80)
    second_output = line("Output of the second half", help_text="One sentence, too.")
    criteria = forms.TypedMultipleChoiceField(
        label="Criteria of the second half",
        coerce=key,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="The first half keeps the others.",
    )
    weight = forms.DecimalField(label="Weight of the second half", max_digits=7, decimal_places=2)
    invoice_to = choice("Invoice trigger goes to", Side.choices, initial=Side.FIRST)
    next_stage_to = choice("Next-stage trigger goes to", Side.choices, initial=Side.SECOND)
    version = _version()

    def __init__(
        self, *args: Any, milestone: Milestone, criteria: Sequence[Criterion], **options: Any
    ) -> None:
        initial = {
            "first_output": milestone.output,
            "weight": even_weight(milestone.weight),
            "version": milestone.version,
        }
        super().__init__(*args, **{"initial": initial, **options})
        choices = [(row.pk, f"{row.position}. {row.statement}") for row in criteria]
        self.fields["criteria"].choices = choices  # type: ignore[attr-defined]
        self.fields["weight"].help_text = f"A part of {milestone.weight}; the first half keeps the rest."

    def cut(self) -> Cut:
        typed = self.cleaned_data
        criteria: list[UUID] = typed["criteria"]
        weight: Decimal = typed["weight"]
        return Cut(
            reason=SplitReason(typed["reason"]),
            first_output=typed["first_output"],
            second_name=typed["second_name"],
            second_output=typed["second_output"],
            criteria=frozenset(criteria),
            weight=weight,
            invoice_to=Side(typed["invoice_to"]),
            next_stage_to=Side(typed["next_stage_to"]),
        )
