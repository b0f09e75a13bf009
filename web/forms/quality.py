"""What people type about artifacts and checks."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from milestones import checklist
from milestones.actions.artifacts import Upload
from milestones.checklist import ITEMS, REPLIES, Answer
from milestones.files import check_size
from milestones.words import ArtifactKind
from tenancy.refusal import Refused
from web.forms.base import line, text

WORDS = {"yes": "Yes", "no": "No", "na": "Not applicable"}


def _fits(file: "UploadedFile[bytes]") -> None:
    try:
        check_size(file.size or 0)
    except Refused as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from refusal


class UploadField(forms.FileField):
    """A file, as the actions take it."""

    default_validators = [_fits]

    def clean(self, data: Any, initial: Any = None) -> Upload:
        file = super().clean(data, initial)
        return Upload(file.name, file.chunks())


def _address() -> forms.CharField:
    return line("Address", limit=1000, help_text="Begins with https://. It is kept, never fetched.")


def _file() -> UploadField:
    return UploadField(label="File", help_text="At most 25 MB. Clients get it as a download, never opened.")


class _New(forms.Form):
    title = line("Title", help_text="What the client will read.")
    note = line("Note", limit=300, required=False)
    is_output = forms.BooleanField(
        label="It is the output, or part of it", required=False, initial=True, help_text="What is accepted."
    )


class LinkForm(_New):
    url = _address()
    field_order = ("title", "url")


class FileForm(_New):
    file = _file()
    field_order = ("title", "file")


class _Next(forms.Form):
    note = line("What changed", limit=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class NextLinkForm(_Next):
    url = _address()
    field_order = ("url",)


class NextFileForm(_Next):
    file = _file()
    field_order = ("file",)


NEXT: dict[str, type[_Next]] = {ArtifactKind.LINK: NextLinkForm, ArtifactKind.FILE: NextFileForm}


class RemoveForm(forms.Form):
    reason = line("Why", limit=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ChecklistForm(forms.Form):
    """Each item with its answer and a note, and a word on the whole."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for item in ITEMS:
            replies = [(reply, WORDS[reply]) for reply in REPLIES if reply != "na" or not item.is_must]
            self.fields[item.code] = forms.ChoiceField(
                label=item.asks, choices=replies, widget=forms.RadioSelect, help_text=item.help
            )
            self.fields[f"{item.code}_note"] = line(
                f"Note on “{item.asks}”", limit=checklist.NOTE_LENGTH, required=False
            )
        self.fields["notes"] = text("Notes on the whole", limit=5000)

    def items(self) -> list[dict[str, Any]]:
        """Answer and note of each item, as the page shows them."""
        return [{"answer": self[item.code], "note": self[f"{item.code}_note"]} for item in ITEMS]

    def answers(self) -> list[Answer]:
        typed = self.cleaned_data
        return [
            Answer(item.code, REPLIES[typed[item.code]], typed[f"{item.code}_note"].strip()) for item in ITEMS
        ]
