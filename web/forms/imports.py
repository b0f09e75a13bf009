"""What people type to import a table: the file, and which of its columns means what."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from milestones.importing.reading import MOST_BYTES, MOST_ROWS, Upload
from milestones.importing.recognising import FIELDS
from milestones.models import ImportRun
from tenancy.text import one_line
from web.forms.base import choice, line

COLUMN = "column_"
EXAMPLES = 3
LONGEST_EXAMPLE = 40


def _fits(file: "UploadedFile[Any]") -> None:
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it.")


class TableField(forms.FileField):
    """A file of at most a few megabytes, as the actions take it."""

    default_validators = [_fits]

    def clean(self, data: Any, initial: Any = None) -> Upload:
        file = super().clean(data, initial)
        return Upload(file.name, file.read())


class UploadForm(forms.Form):
    file = TableField(
        label="CSV or JSON file",
        widget=forms.ClearableFileInput({"accept": ".csv,.tsv,.json,text/csv,application/json"}),
        help_text=f"UTF-8, at most {MOST_ROWS} rows and {MOST_BYTES // 1_000_000} MB. "
        "Nothing is imported before you have seen what would happen.",
    )


class MappingForm(forms.Form):
    """One choice of a column for each of our fields, and what stands where a row names nothing."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, run: ImportRun, **options: Any) -> None:
        super().__init__(*args, **{"initial": _stored(run), **options})
        choices = [("", "Not in the file"), *((name, name) for name in run.columns)]
        chosen = run.mapping["fields"]
        for name, label in FIELDS.items():
            examples = _examples(run, chosen.get(name, ""))
            self.fields[COLUMN + name] = choice(label, choices, required=name == "name", help_text=examples)
        self.fields["account"] = line("Client of rows that name none", limit=120, required=False)
        self.fields["project"] = line("Project of rows that name none", limit=120, required=False)
        self.fields["history"] = forms.BooleanField(
            label="Completed rows come as history",
            required=False,
            help_text="Accepted before Cairn: each is closed as accepted on its own days. They count "
            "in earned value and in what the past teaches. Nobody is told.",
        )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[COLUMN + name] for name in FIELDS]

    @property
    def mapping(self) -> dict[str, str]:
        return {name: self.cleaned_data[COLUMN + name] for name in FIELDS}


def _stored(run: ImportRun) -> dict[str, Any]:
    chosen = {COLUMN + name: column for name, column in run.mapping["fields"].items()}
    named = {name: run.mapping.get(name) for name in ("account", "project", "history")}
    return {**chosen, **named, "version": run.version}


def _examples(run: ImportRun, column: str) -> str:
    """The first different values of the column."""
    rows: list[Mapping[str, str]] = run.rows
    found = dict.fromkeys(text for row in rows if (text := row.get(column, "").strip()))
    shown = [f"“{one_line(text, limit=LONGEST_EXAMPLE)}”" for text in list(found)[:EXAMPLES]]
    return f"As in {', '.join(shown)}" if shown else ""
