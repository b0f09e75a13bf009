"""What people type around a question to the client: the answer, comments, and the question itself."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from milestones.asking import CONSEQUENCE_LENGTH, LABEL_LENGTH
from milestones.models import Contact
from milestones.words import ApprovalChannel, Ask, Outcome
from web.forms.base import choice, key, line, text

NOT_ME: Final = "not-me"  # no option has a hyphen in its code


class Moment(forms.DateTimeField):
    """A moment, typed and shown in `zone`."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    zone: tzinfo = ZoneInfo("UTC")

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(self.zone):
            return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().prepare_value(value)


class ChoiceForm(forms.Form):
    """The first step: which answer. None is chosen for anybody."""

    option = forms.ChoiceField(
        label="Your answer",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the answers.", "invalid_choice": "Choose an answer."},
    )
    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, options: Iterable[Mapping[str, Any]], **others: Any) -> None:
        super().__init__(*args, **others)
        answers = [(option["code"], option["label"]) for option in options]
        self.fields["option"].choices = [*answers, (NOT_ME, "I am not the right person")]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """The second step: signed with a name that nobody typed before."""

    option = forms.CharField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput)
    comment = text("Your words", limit=5000, rows=3)
    name = line("Your full name", limit=120)

    def __init__(self, *args: Any, needs_words: bool = False, **others: Any) -> None:
        super().__init__(*args, **others)
        said = "What is missing, so that whoever goes on knows what to do." if needs_words else ""
        self.fields["comment"].required = needs_words
        self.fields["comment"].help_text = said
        _never_filled_in(self.fields["name"])


class WrongPersonForm(forms.Form):
    """The second step of who cannot decide."""

    option = forms.CharField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput)
    right_name = line("Who decides this instead?", limit=120, required=False)
    right_email = forms.EmailField(label="Their e-mail", max_length=254, required=False)
    comment = text("Anything else", limit=4000)
    name = line("Your full name", limit=120)

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        _never_filled_in(self.fields["name"])

    def said(self) -> str:
        """All of it as one comment."""
        typed = self.cleaned_data
        instead = " ".join(filter(None, (typed["right_name"], typed["right_email"])))
        parts = [
            f"{typed['name']}: I am not the right person to decide this.",
            f"Please ask {instead}." if instead else "",
            typed["comment"],
        ]
        return "\n".join(part for part in parts if part)


def _never_filled_in(field: forms.Field) -> None:
    """A browser that fills the name in would sign for its owner."""
    field.widget.attrs["autocomplete"] = "off"
    field.help_text = "Typed by you, it stands under your answer like a signature."


class CommentForm(forms.Form):
    text = text("Your comment", limit=5000, rows=3, required=True)


QUESTIONS: Mapping[str, str] = {
    Ask.ACCEPTANCE: "Do you accept “{name}” as delivered?",
    Ask.REVISION_NOTES: "Which revisions does “{name}” still need?",
    Ask.DEPENDENCY: "How do we go on with “{name}”?",
}


# How a round may end by an answer in free words: acceptance is asked for in its own.
ENDINGS = [(outcome.value, outcome.label) for outcome in Outcome if outcome != Outcome.APPROVED]


class PrepareForm(forms.Form):
    """What the client will be asked in the next round."""

    ask = choice("What do you ask for?", [(ask, Ask(ask).label) for ask in QUESTIONS])
    question = line("The question", limit=300, help_text="One that can be answered: accept, revise, choose.")
    context = text("What they need to know", limit=5000)
    caveats = text(
        "Open caveats",
        required=True,
        help_text="What is not perfect and they should know, or “none”.",
    )
    decide_by = Moment(label="Decide by")
    reviewers = forms.TypedMultipleChoiceField(
        label="Also asked for comments",
        coerce=key,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They get a link of their own. Their comments decide nothing.",
    )
    first_answer = line("First way on", limit=LABEL_LENGTH, required=False)
    first_follows = line("What follows from it", limit=CONSEQUENCE_LENGTH, required=False)
    first_outcome = choice("The round then ends as", ENDINGS, initial=Outcome.NEEDS_REVISIONS)
    second_answer = line("Second way on", limit=LABEL_LENGTH, required=False)
    second_follows = line("What follows from it", limit=CONSEQUENCE_LENGTH, required=False)
    second_outcome = choice("The round then ends as", ENDINGS, initial=Outcome.BLOCKED)
    recommended = choice(
        "You recommend",
        [("", "Neither"), ("first", "The first way"), ("second", "The second way")],
        required=False,
    )

    def __init__(self, *args: Any, contacts: Iterable[Contact], zone: ZoneInfo, **others: Any) -> None:
        super().__init__(*args, **others)
        self.fields["reviewers"].choices = [(each.pk, each.name) for each in contacts]  # type: ignore[attr-defined]
        if not self.fields["reviewers"].choices:  # type: ignore[attr-defined]
            del self.fields["reviewers"]
        in_zone(self.fields["decide_by"], zone)

    def asked(self) -> list[forms.BoundField]:
        """What every question has."""
        return [field for field in self if field.name not in WAYS]

    def ways(self) -> list[forms.BoundField]:
        """What only a dependency decision has: two ways to go on."""
        return [self[name] for name in WAYS]

    def options(self) -> list[dict[str, str]]:
        """The ways on as answers; empty where the answers are known."""
        typed = self.cleaned_data
        if typed["ask"] != Ask.DEPENDENCY:
            return []
        return [
            {
                "code": typed[f"{way}_outcome"],
                "label": typed[f"{way}_answer"],
                "consequence": typed[f"{way}_follows"],
            }
            for way in ("first", "second")
        ]

    def recommends(self) -> str:
        """The code of the recommended way."""
        way = self.cleaned_data["recommended"]
        return self.cleaned_data[f"{way}_outcome"] if way and self.options() else ""


WAYS = (
    *("first_answer", "first_follows", "first_outcome"),
    *("second_answer", "second_follows", "second_outcome", "recommended"),
)


class AskAnewForm(forms.Form):
    """The same question, with what is there now."""

    decide_by = Moment(label="Decide by")
    question = line("The question", limit=300)
    caveats = text("Open caveats")

    def __init__(self, *args: Any, zone: ZoneInfo, is_review: bool, **others: Any) -> None:
        super().__init__(*args, **others)
        self.fields["caveats"].required = is_review
        in_zone(self.fields["decide_by"], zone)


def in_zone(field: forms.Field, zone: ZoneInfo) -> None:
    """Has a moment typed and shown in a zone, and says so."""
    field.zone = zone  # type: ignore[attr-defined]
    field.help_text = f"In {zone.key.replace('_', ' ')} time."


class ReasonForm(forms.Form):
    """A reason that the client reads."""

    reason = line("Why", limit=300)


class QueueForm(forms.Form):
    """An ask among a client's words."""

    title = line(
        "What is asked for?", help_text="It waits in the change queue; the boundary stays as agreed."
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class RecordForm(forms.Form):
    """An answer that was given elsewhere, by the agreed channel."""

    option = choice("What was decided?", [])
    contact = forms.TypedChoiceField(label="Who decided it?", coerce=key)
    name = line("Their full name", limit=120)
    evidence = text(
        "Evidence",
        limit=5000,
        rows=3,
        required=True,
        help_text="What was said, when and where: the mail's words, the minutes, where the document lies.",
    )
    comment = text("What is missing, if anything", limit=5000)

    def __init__(
        self,
        *args: Any,
        options: Sequence[Mapping[str, Any]],
        deciders: Iterable[Contact],
        **others: Any,
    ) -> None:
        super().__init__(*args, **others)
        self.fields["contact"].choices = [(each.pk, each.name) for each in deciders]  # type: ignore[attr-defined]
        answers = [(option["code"], option["label"]) for option in options]
        self.fields["option"].choices = [("", "Choose"), *answers]  # type: ignore[attr-defined]


def elsewhere(channel: str) -> str:
    """The agreed channel in words, unless it is the link."""
    return "" if channel == ApprovalChannel.LINK else str(ApprovalChannel(channel).label).lower()
