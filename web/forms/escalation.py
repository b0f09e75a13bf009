"""What people type to put an approval blocker to the client's approver."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms

from escalation.asking import CODES, EFFECT_LENGTH
from milestones.asking import CONSEQUENCE_LENGTH, LABEL_LENGTH
from web.forms.base import choice, line, text
from web.forms.decisions import Moment, in_zone
from web.forms.milestones import BlockerForm

FOLLOWS: Final = CONSEQUENCE_LENGTH - EFFECT_LENGTH


def _days() -> forms.IntegerField:
    return forms.IntegerField(
        label="Working days later",
        min_value=0,
        max_value=365,
        initial=0,
        help_text="The client reads the date that follows.",
    )


class TwoWaysForm(forms.Form):
    """A decision between two ways on, with a recommendation."""

    question = line("The question", limit=300, help_text="One that can be answered by choosing.")
    context = text("What they need to know", limit=5000)
    first_label = line("First way", limit=LABEL_LENGTH)
    first_consequence = line("What follows from the first", limit=FOLLOWS)
    first_days = _days()
    second_label = line("Second way", limit=LABEL_LENGTH)
    second_consequence = line("What follows from the second", limit=FOLLOWS)
    second_days = _days()
    recommended = choice("You recommend", [("first", "The first way"), ("second", "The second way")])
    decide_by = Moment(label="Decide by")

    def __init__(self, *args: Any, zone: ZoneInfo, **options: Any) -> None:
        super().__init__(*args, **options)
        in_zone(self.fields["decide_by"], zone)

    def ways(self) -> list[forms.BoundField]:
        """The fields of the question."""
        return [self[name] for name in TwoWaysForm.base_fields]

    def terms(self) -> dict[str, Any]:
        """The question as the action takes it."""
        typed = self.cleaned_data
        parts = ("label", "consequence", "days")
        options = [{part: typed[f"{code}_{part}"] for part in parts} for code in CODES]
        asked = {name: typed[name] for name in ("question", "context", "recommended", "decide_by")}
        return {**asked, "options": options}


class AskForm(TwoWaysForm):
    """The same about a blocker that is open."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class OpenBlockerForm(TwoWaysForm, BlockerForm):
    """A new blocker; an approval may be asked for at once. What is begun of the question must be finished."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.needed = [name for name in TwoWaysForm.base_fields if self.fields[name].required]
        for name in self.needed:
            self.fields[name].required = False
            self.fields[name].later = "if you ask"  # type: ignore[attr-defined]

    def threat(self) -> list[forms.BoundField]:
        """The fields of the blocker itself."""
        return [self[name] for name in BlockerForm.base_fields]

    @property
    def asks(self) -> bool:
        """Whether anything of the question was typed."""
        begun = ("question", "first_label", "second_label")
        return any(self[name].value() for name in begun)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if self.asks:
            for name in self.needed:
                if typed.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, "Finish the question, or leave it out.")
        return typed

    def opened(self) -> dict[str, Any]:
        """What is said of the blocker itself."""
        return {name: self.cleaned_data[name] for name in BlockerForm.base_fields}
