"""What people type about connections to other tools."""

from collections.abc import Iterable
from typing import Any

from django import forms

from milestones.models import Milestone
from milestones.words import WorkState
from telemetry.models.inbound import ProviderName
from web.forms.base import choice, key, line

WORDS = {str(label).lower(): code for code, label in WorkState.choices} | {
    code: code for code in WorkState.values
}


class StatesField(forms.CharField):
    """Lines such as “In staging = in progress”, as a mapping of the tool's words to our states."""

    widget = forms.Textarea({"rows": 3})

    def to_python(self, value: Any) -> Any:
        typed = str(super().to_python(value))
        return dict(self._pair(each) for each in typed.splitlines() if each.strip())

    def _pair(self, text: str) -> tuple[str, str]:
        word, _, state = text.rpartition("=")
        ours = WORDS.get(state.strip().lower())
        if not word.strip() or ours is None:
            raise forms.ValidationError(
                f"“{text.strip()}” is no mapping. Write the tool's word, “=”, and one of "
                f"{', '.join(str(label).lower() for label in WorkState.labels)}."
            )
        return word.strip(), ours


def written(states: dict[str, str]) -> str:
    """A mapping as `StatesField` reads it."""
    return "\n".join(f"{word} = {WorkState(state).label.lower()}" for word, state in states.items())


class ConnectionForm(forms.Form):
    name = line("Name", limit=80, help_text="For example: Linear, team Onboarding.")
    milestone = forms.TypedChoiceField(label="New items go to", coerce=key)
    states = StatesField(
        label="Mapping of states",
        required=False,
        help_text="Only words that Cairn does not know. One per line, such as: Waiting for QA = in progress",
    )

    def __init__(self, *args: Any, milestones: Iterable[Milestone], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(each.pk, f"{each.project.name}: {each}") for each in milestones]
        self.fields["milestone"].choices = choices  # type: ignore[attr-defined]


class NewConnectionForm(ConnectionForm):
    provider = choice(
        "Tool",
        ProviderName.choices,
        widget=forms.RadioSelect,
        help_text="Generic: anything that posts signed JSON.",
    )
    field_order = ("provider", "name", "milestone", "states")


class SecretForm(forms.Form):
    secret = line(
        "Secret", limit=200, help_text="The signing secret that the tool shows, 16 characters at least."
    )
