"""What people type about a milestone and its project."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms

from escalation.models import BlockerType, Severity
from milestones.models import Contact, Milestone
from milestones.words import ApprovalChannel, Authority, Kind
from web.forms.base import choice, day, key, line, percent, text, zones
from workspaces.models import Membership

MET = [("", "Not checked yet"), ("yes", "Met"), ("no", "Not met")]
MET_VALUES: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}
# What the gate to execution asks for: a draft may be saved without.
GATED = (
    *("output", "planned_date", "owner_primary", "owner_client", "approver", "approval_channel"),
    *("dependency_risks", "invoice_trigger", "next_stage_trigger"),
)
# A record is read in parts; what no part names stands in the last one.
PARTS: Mapping[str, tuple[str, ...]] = {
    "Outcome": ("code", "name", "output", "description", "kind", "quality_threshold"),
    "Dates": ("planned_start", "planned_date", "is_aggressive"),
    "People": (
        *("owner_primary", "review_owner", "owner_client", "approver"),
        *("approval_channel", "accepting_round"),
    ),
    "Terms": ("dependency_risks", "invoice_trigger", "next_stage_trigger", "next_move_owner"),
    "Measured progress": ("measure_name", "measure_baseline", "measure_target"),
}
CONFIDENCE = [("", "–"), *((n, f"{n} of 5") for n in range(1, 6))]


class ProgressForm(forms.Form):
    done = text("Done", help_text="What exists now that did not exist before.")
    next = text("Next")
    blocked = text(
        "In the way", help_text="Something stops you? Open a blocker as well: it gets an owner and a clock."
    )
    percent = percent("Percent done")
    measured = forms.DecimalField(label="Measured", required=False, max_digits=14, decimal_places=4)
    confidence = forms.TypedChoiceField(
        label="Confidence in the date", choices=CONFIDENCE, coerce=int, empty_value=None, required=False
    )

    def __init__(self, *args: Any, milestone: Milestone, **options: Any) -> None:
        super().__init__(*args, **options)
        if milestone.measure_name:
            self.fields["measured"].label = f"{milestone.measure_name}, as measured"
        else:
            del self.fields["measured"]
        if milestone.kind == Kind.MODEL:
            del self.fields["percent"]


class StandupForm(forms.Form):
    """The daily update: two minutes, in the row that asks for it."""

    done = text("Done", rows=1)
    next = text("Next", rows=1)
    blocked = text("In the way", rows=1)
    percent = percent("Percent done")


class BlockerForm(forms.Form):
    title = line("What stops it?", help_text="One line that the client would understand.")
    type = choice(
        "Type",
        BlockerType.choices,
        help_text="Decides who must answer: a technical one goes to the credential owner.",
    )
    evidence = text(
        "Error evidence", limit=20000, help_text="Technical blockers: the exact error, as it was printed."
    )
    detail = text("Internal details", limit=5000)
    severity = choice("Severity", Severity.choices)
    stops_path = forms.BooleanField(
        label="It stops the milestone, not only a part of it", required=False, initial=True
    )


class RespondForm(forms.Form):
    response = text("What was answered", limit=5000, required=True)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ResolveForm(forms.Form):
    resolution = text("What removed it", limit=5000, required=True)
    version = forms.IntegerField(widget=forms.HiddenInput)


class QaForm(forms.Form):
    check_name = line("Check", limit=120, help_text="The checklist or the automated check that was run.")
    score = percent("Score", required=True)
    notes = text("Notes", limit=5000)


class RequestForm(forms.Form):
    title = line("What was asked for?")
    asked_by = line("Asked by", required=False)
    days = forms.DecimalField(
        label="Days it would take", min_value=0, max_digits=6, decimal_places=2, required=False
    )
    detail = text("Details", limit=5000)


class CriterionForm(forms.Form):
    statement = line(
        "Criterion", limit=300, help_text="A fact that someone else could check: a number, or a yes or no."
    )
    verification = line("How it is checked", limit=300, required=False)
    measure = line("Measure", limit=80, required=False)
    target = line("Target", limit=80, required=False)


class WordingForm(CriterionForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class VersionForm(forms.Form):
    """A button that acts on what was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class EvidenceForm(forms.Form):
    is_met = choice("Result", MET, required=False)
    evidence = text("Evidence", help_text="A link or a sentence that shows it.")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        return {
            "is_met": MET_VALUES[self.cleaned_data["is_met"]],
            "evidence": self.cleaned_data["evidence"],
        }


class DependencyForm(forms.Form):
    needs = forms.TypedChoiceField(label="Waits for", coerce=key)
    lag_days = forms.IntegerField(label="Working days between", min_value=0, max_value=365, initial=0)

    def __init__(self, *args: Any, others: Iterable[Milestone], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["needs"].choices = [(other.pk, str(other)) for other in others]  # type: ignore[attr-defined]


class MilestoneForm(forms.Form):
    """A milestone's definition. `people` fields hold ids of members and contacts."""

    code = line("Code", limit=12)
    name = line("Name", limit=80)
    output = line(
        "Output",
        required=False,
        help_text="One sentence: what will exist that does not exist now.",
    )
    description = text("In the client's words")
    kind = choice("Kind", Kind.choices)
    quality_threshold = percent(
        "Quality threshold", required=True, help_text="A QA run passes at this score or above."
    )
    planned_start = day("Planned start")
    planned_date = day("Planned date")
    owner_primary = forms.TypedChoiceField(
        label="Primary owner", coerce=key, empty_value=None, required=False
    )
    review_owner = forms.TypedChoiceField(label="Review owner", coerce=key, empty_value=None, required=False)
    owner_client = forms.TypedChoiceField(
        label="Client's owner", coerce=key, empty_value=None, required=False
    )
    approver = forms.TypedChoiceField(
        label="Approver",
        coerce=key,
        empty_value=None,
        required=False,
        help_text="The contact whose decision counts.",
    )
    approval_channel = choice(
        "Approval channel", [("", "Not agreed yet"), *ApprovalChannel.choices], required=False
    )
    dependency_risks = text("Dependency risks", limit=1000, help_text="Write “none” when there are none.")
    invoice_trigger = line(
        "Invoice trigger", required=False, help_text="What it lets you invoice, or “none”."
    )
    next_stage_trigger = line(
        "Next-stage trigger", required=False, help_text="What starts once it is accepted."
    )
    next_move_owner = line(
        "Next move", required=False, help_text="Who makes the next move once it is closed."
    )
    accepting_round = forms.IntegerField(
        label="Round that counts",
        min_value=1,
        max_value=9,
        initial=1,
        help_text="From which review round on an approval counts as acceptance.",
    )
    measure_name = line(
        "Measured figure", limit=80, required=False, help_text="What progress is told by, such as F1 score."
    )
    measure_baseline = forms.DecimalField(
        label="Figure at the start", required=False, max_digits=14, decimal_places=4
    )
    measure_target = forms.DecimalField(
        label="Figure to reach", required=False, max_digits=14, decimal_places=4
    )
    is_aggressive = forms.BooleanField(label="Aggressive plan: updates twice a week", required=False)
    notes = text("Internal notes", limit=5000)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, members: Iterable[Membership], contacts: Iterable[Contact], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        team = [("", "Nobody yet"), *((member.pk, str(member.user)) for member in members)]
        client = [("", "Nobody yet"), *((contact.pk, contact.name) for contact in contacts)]
        for name, people in (
            ("owner_primary", team),
            ("review_owner", team),
            ("owner_client", client),
            ("approver", client),
        ):
            self.fields[name].choices = people  # type: ignore[attr-defined]

        for name in GATED:
            self.fields[name].later = "before execution"  # type: ignore[attr-defined]

    def parts(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        named = {name for names in PARTS.values() for name in names}
        for title, names in PARTS.items():
            yield title, [self[name] for name in names]
        yield "Besides", [self[name] for name in self.fields if name not in named]

    def changes(self) -> dict[str, Any]:
        """What is to be stored, by the names of the milestone's columns."""
        typed = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        keys = ("owner_primary", "review_owner", "owner_client", "approver")
        return {f"{name}_id" if name in keys else name: value for name, value in typed.items()}


class ContactForm(forms.Form):
    name = line("Name", limit=120)
    email = forms.EmailField(label="E-mail", max_length=254)
    time_zone = choice("Time zone", [], initial="UTC")
    authorities = forms.MultipleChoiceField(
        label="May",
        choices=Authority.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Blockers find the person who must answer by this.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["time_zone"].choices = zones()  # type: ignore[attr-defined]


class PhaseForm(forms.Form):
    name = line("Name", limit=80)
    position = forms.IntegerField(label="Position", min_value=1, max_value=100)
