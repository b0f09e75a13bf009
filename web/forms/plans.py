"""What people type about a whole plan: a template to start from, its days and people, phases, weights."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from milestones.actions.plans import People
from milestones.models import Contact, Milestone, Phase
from milestones.queries.templates import Offer
from milestones.words import ApprovalChannel
from web.forms.base import choice, day, key, line
from workspaces.models import Membership

PEOPLE = ("owner_primary", "review_owner", "owner_client", "approver")
NOBODY = ("", "Nobody yet")


def template(offers: Iterable[Offer], **options: Any) -> forms.ChoiceField:
    choices = [(offer.code, f"{offer.name} ({offer.size} milestones)") for offer in offers]
    return choice("Template", choices, **options)


class PlanForm(forms.Form):
    """A plan to start: from which template, from which day on, with whom."""

    start = day("First day of work", required=True)
    owner_primary = forms.TypedChoiceField(label="Primary owner", coerce=key, required=False)
    review_owner = forms.TypedChoiceField(label="Review owner", coerce=key, required=False)
    owner_client = forms.TypedChoiceField(label="Client's owner", coerce=key, required=False)
    approver = forms.TypedChoiceField(label="Approver", coerce=key, required=False)
    approval_channel = choice("Approval channel", ApprovalChannel.choices)
    use_learned = forms.BooleanField(
        label="Allow for what your finished milestones took", required=False, initial=True
    )
    field_order = ["template"]

    def __init__(
        self,
        *args: Any,
        offers: Iterable[Offer],
        members: Iterable[Membership],
        contacts: Iterable[Contact],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.fields["template"] = template(offers)
        self.order_fields(self.field_order)
        self._rows = {row.pk: row for row in (*members, *contacts)}
        team = [NOBODY, *((m.pk, str(m.user)) for m in self._rows.values() if isinstance(m, Membership))]
        client = [NOBODY, *((c.pk, c.name) for c in self._rows.values() if isinstance(c, Contact))]
        for name, people in zip(PEOPLE, (team, team, client, client), strict=True):
            self.fields[name].choices = people  # type: ignore[attr-defined]

    def people(self) -> People:
        typed = self.cleaned_data
        chosen = {name: self._rows.get(typed[name]) for name in PEOPLE}
        return People(**chosen, approval_channel=typed["approval_channel"])  # type: ignore[arg-type]


class KeepForm(forms.Form):
    """A plan to keep as a template."""

    name = line("Name", limit=80)
    description = line("What it is for", limit=300, required=False)


class SharesForm(forms.Form):
    """Every milestone's weight and phase, and every phase's place and name, on one sheet."""

    def __init__(
        self, *args: Any, plan: Sequence[Milestone], phases: Sequence[Phase], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.plan, self.phases = plan, phases
        choices = [("", "Without a phase"), *((phase.pk, phase.name) for phase in phases)]
        for place, phase in enumerate(phases, start=1):
            self.fields[f"place-{phase.pk}"] = forms.IntegerField(
                label=f"Place of phase {place}", min_value=1, max_value=999, required=False, initial=place
            )
            self.fields[f"phase-{phase.pk}"] = line(f"Name of phase {place}", limit=80, initial=phase.name)
        for milestone in plan:
            self.fields[f"version-{milestone.pk}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=milestone.version
            )
            self.fields[f"weight-{milestone.pk}"] = forms.DecimalField(
                label=f"Weight of {milestone.code}",
                min_value=Decimal("0.01"),
                max_digits=7,
                decimal_places=2,
                initial=milestone.weight,
            )
            self.fields[f"of-{milestone.pk}"] = forms.TypedChoiceField(
                label=f"Phase of {milestone.code}",
                choices=choices,
                coerce=key,
                empty_value=None,
                required=False,
                initial=milestone.phase_id or "",
            )

    def rows(self) -> Iterable[tuple[Milestone, forms.BoundField, forms.BoundField]]:
        return [(row, self[f"weight-{row.pk}"], self[f"of-{row.pk}"]) for row in self.plan]

    def listed_phases(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Place and name of each."""
        return [(self[f"place-{phase.pk}"], self[f"phase-{phase.pk}"]) for phase in self.phases]

    def order(self) -> list[UUID]:
        """All phases as they are to follow each other; empty where that is as they do.

        Who was given the place of another comes before it when it moves up, and after it when it moves down.
        """
        asked = []
        for place, phase in enumerate(self.phases, start=1):
            to = self.cleaned_data[f"place-{phase.pk}"] or place
            asked.append((to, 0 if to < place else 2 if to > place else 1, place, phase.pk))
        wanted = [pk for *_, pk in sorted(asked)]
        return [] if wanted == [phase.pk for phase in self.phases] else wanted

    def changes(self) -> Mapping[UUID, dict[str, Any]]:
        """Of the milestones whose weight or phase is another one now."""
        typed = self.cleaned_data
        asked = {
            row: {"weight": typed[f"weight-{row.pk}"], "phase_id": typed[f"of-{row.pk}"]} for row in self.plan
        }
        return {
            row.pk: fields
            for row, fields in asked.items()
            if any(getattr(row, name) != value for name, value in fields.items())
        }

    def versions(self) -> Mapping[UUID, int]:
        """Of every milestone as it was when the sheet was opened."""
        return {row.pk: self.cleaned_data[f"version-{row.pk}"] for row in self.plan}

    def names(self) -> Mapping[UUID, str]:
        """Of the phases that are called otherwise now."""
        named = {phase: self.cleaned_data[f"phase-{phase.pk}"] for phase in self.phases}
        return {phase.pk: name for phase, name in named.items() if name != phase.name}
