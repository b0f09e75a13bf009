"""What a client sends of their confidence: a number with one tap, and a sentence if they like."""

from django import forms

from proofs.confidence import HIGHEST, LOWEST, MEANS
from web.forms.base import line

SCALE = [(score, MEANS.get(score, "")) for score in range(LOWEST, HIGHEST + 1)]


class ConfidenceForm(forms.Form):
    """The number comes from the button that was pressed; no other field holds one."""

    score = forms.TypedChoiceField(choices=SCALE, coerce=int, empty_value=None, required=False)
    sentence = line("In a sentence", limit=300, required=False, help_text="What would have made it better?")
