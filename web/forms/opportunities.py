"""What people type about what may follow a delivered packet."""

from collections.abc import Iterable
from typing import Any

from django import forms

from milestones.models import Project
from proofs.models import Opportunity
from web.forms.base import choice, day, key, line, text
from workspaces.models import Membership


class PlanForm(forms.Form):
    """The next thing to do, and when."""

    next_step = line("Next step", limit=300, required=False)
    next_step_on = day("On", help_text="Its owner is reminded on that day.")
    version = forms.IntegerField(widget=forms.HiddenInput)


class NoteForm(forms.Form):
    project = forms.TypedChoiceField(label="Project", coerce=key)
    title = line("What it is about")
    value = forms.DecimalField(
        label="Value",
        min_value=0,
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text="In the project's currency.",
    )
    next_step = line("Next step", limit=300, required=False)
    next_step_on = day("On")

    def __init__(self, *args: Any, projects: Iterable[Project], **options: Any) -> None:
        super().__init__(*args, **options)
        self.projects = {project.pk: project for project in projects}
        self.fields["project"].choices = [  # type: ignore[attr-defined]
            ("", "Choose"),
            *((pk, f"{project.account.name} · {project.name}") for pk, project in self.projects.items()),
        ]

    def said(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        return {**typed, "project": self.projects[typed["project"]]}


class OpportunityForm(forms.Form):
    title = line("What it is about")
    value = forms.DecimalField(label="Value", min_value=0, max_digits=14, decimal_places=2, required=False)
    currency = line("Currency", limit=3, help_text="Three letters, such as EUR.")
    owner = choice("Owner", [], required=False, help_text="Reads the reminders. Nobody: the founder does.")
    next_step = line("Next step", limit=300, required=False)
    next_step_on = day("On", help_text="Its owner is reminded on that day.")
    notes = text("Notes", limit=4000, rows=5)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, members: Iterable[Membership], **options: Any) -> None:
        super().__init__(*args, **options)
        self.members = {str(member.pk): member for member in members}
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", "Nobody"),
            *((pk, str(member.user)) for pk, member in self.members.items()),
        ]

    @staticmethod
    def start(row: Opportunity) -> dict[str, Any]:
        names = ("title", "value", "currency", "next_step", "next_step_on", "notes", "version")
        return {name: getattr(row, name) for name in names} | {"owner": row.owner_id}

    def changes(self) -> dict[str, Any]:
        typed = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {**typed, "owner": self.members.get(typed["owner"])}


class StepForm(forms.Form):
    """One stage on, from a button that says which."""

    to = forms.CharField(max_length=12, widget=forms.HiddenInput)
    reason = line("Why it was lost", limit=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class TakeBackForm(forms.Form):
    reason = line("What the mistake was", limit=300)
    version = forms.IntegerField(widget=forms.HiddenInput)
