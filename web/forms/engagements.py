"""What people type about an engagement: its settings, its contacts' absences, its checklists."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from milestones.models import Checklist, Contact, Project
from milestones.words import Authority
from milestones.worksheets import NOTE_LENGTH, Answer, Finding, Sheet
from web.forms.base import choice, day, key, line, text, zones

FOUND = {"yes": True, "no": False, "": None}
WORDS = [("yes", "Holds"), ("no", "Missing"), ("", "Not looked at yet")]


class ProjectForm(forms.Form):
    name = line("Name", limit=120)
    currency = line("Currency", limit=3, help_text="Three letters, such as EUR. Prices of changes are in it.")
    feedback_route = text(
        "Approval and feedback routing",
        limit=1000,
        rows=3,
        help_text="Who collects feedback, where, and who may decide. Shown wherever feedback is asked for.",
    )
    shares_figures = forms.BooleanField(
        label="The client may read the delivery risk and the on-time probability", required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, project: Project) -> "ProjectForm":
        return cls(initial={name: getattr(project, name) for name in cls.base_fields}, auto_id="project-%s")


class RightsForm(forms.Form):
    """What a contact may do, and where they live."""

    time_zone = choice("Time zone", [])
    authorities = forms.MultipleChoiceField(
        label="May", choices=Authority.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["time_zone"].choices = zones()  # type: ignore[attr-defined]


class AbsenceForm(forms.Form):
    absent_from = day("Away from")
    absent_until = day("Until, inclusive")
    delegate = forms.TypedChoiceField(
        label="Decides meanwhile",
        coerce=key,
        empty_value=None,
        required=False,
        help_text="Questions sent in these days go to this person.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, others: Iterable[Contact], **options: Any) -> None:
        super().__init__(*args, **options)
        people = [("", "Nobody"), *((other.pk, other.name) for other in others)]
        self.fields["delegate"].choices = people  # type: ignore[attr-defined]


class SheetForm(forms.Form):
    """A checklist: each item with what was found and a note."""

    def __init__(self, *args: Any, sheet: Sheet, findings: Mapping[str, Finding], **options: Any) -> None:
        super().__init__(*args, **options)
        self.sheet = sheet
        for item in sheet.items:
            fact = findings[item.code].fact if item.code in findings else item.help
            self.fields[item.code] = forms.ChoiceField(
                label=item.asks, choices=WORDS, widget=forms.RadioSelect, required=False, help_text=fact
            )
            self.fields[_note(item.code)] = line(f"Note on “{item.asks}”", limit=NOTE_LENGTH, required=False)
        if sheet.sends_back:
            self.fields["sent_back"] = text(
                "What goes back, and to whom",
                limit=1000,
                help_text="Needed when something is missing. It is not repaired here.",
            )
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)

    @property
    def items(self) -> list[dict[str, Any]]:
        return [{"answer": self[item.code], "note": self[_note(item.code)]} for item in self.sheet.items]

    def answers(self) -> list[Answer]:
        typed = self.cleaned_data
        return [
            Answer(item.code, FOUND[typed[item.code]], typed[_note(item.code)]) for item in self.sheet.items
        ]


def start_of(
    sheet: Sheet, checklist: Checklist | None, findings: Mapping[str, Finding]
) -> dict[str, str | int]:
    """What stands in a checklist before anybody types: what was found last, else what the record says."""
    words = {found: word for word, found in FOUND.items()}
    start: dict[str, str | int] = {"version": checklist.version if checklist else 0}
    for code in sheet.codes:
        known = checklist.answers.get(code, {}) if checklist else {}
        said = known.get("ok") if checklist else (findings[code].ok if code in findings else None)
        start |= {code: words[said], _note(code): known.get("note", "")}
    return start | ({"sent_back": checklist.sent_back} if checklist else {})


def _note(code: str) -> str:
    return f"{code}_note"
