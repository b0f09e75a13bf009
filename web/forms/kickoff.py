"""The kickoff wizard: four short steps on one form, and what of it goes where in the handoff."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from milestones.actions.kickoff import ContactInput, Handoff
from milestones.templates import CriterionPlan
from milestones.words import ApprovalChannel, Kind
from tenancy.ids import uuid7
from web.forms.base import choice, day, line, percent, text, zones
from workspaces.models import Membership

DEFINITION = (
    *("output", "description", "kind", "approval_channel"),
    *("dependency_risks", "invoice_trigger", "next_stage_trigger"),
)
STEPS = (
    ("Client", ("account_name", "owner_name", "owner_email", "owner_zone")),
    ("Project", ("project_name", "kickoff_date", "owner_primary", "review_owner")),
    (
        "First milestone",
        (
            "name",
            "due_date",
            "output",
            "kind",
            "quality_threshold",
            "criteria",
            "description",
            "dependency_risks",
            "invoice_trigger",
            "next_stage_trigger",
        ),
    ),
    (
        "Approver and channel",
        ("same_person", "approver_name", "approver_email", "approver_zone", "approval_channel"),
    ),
)

EMPTY: Mapping[str, CriterionPlan] = MappingProxyType({})

# Where a fault of the handoff stands on this form.
PLACES = {
    "record.kickoff_completed_at": "kickoff_date",
    "record.first_milestone_name": "name",
    "record.first_milestone_due_at": "due_date",
    "record.acceptance_criteria": "criteria",
    "record.quality_threshold": "quality_threshold",
    "record.owner_primary": "owner_primary",
    "record.milestone_review_owner": "review_owner",
    "record.owner_client": "owner_email",
    "record.delivery_proof_approver": "approver_email",
    "account.name": "account_name",
    "project.name": "project_name",
    "contacts.0.name": "owner_name",
    "contacts.0.email": "owner_email",
    "contacts.0.time_zone": "owner_zone",
    "contacts.1.name": "approver_name",
    "contacts.1.email": "approver_email",
    "contacts.1.time_zone": "approver_zone",
}


def place_of(field: str) -> str:
    """The form's name for a field that the handoff found fault with."""
    if field.startswith("record.acceptance_criteria"):
        return "criteria"
    return PLACES.get(field, field.removeprefix("definition."))


class KickoffForm(forms.Form):
    """One sheet, one engagement: sent twice, by Back or reload, it finds what it made the first time."""

    sheet = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    template = line("Template", limit=40, required=False, widget=forms.HiddenInput)
    use_learned = forms.BooleanField(
        label="Allow for what your finished milestones took", required=False, initial=True
    )
    account_name = line("Client", limit=120, help_text="The organisation you work for.")
    owner_name = line("Client's owner", limit=120, help_text="Who at the client answers for this milestone.")
    owner_email = forms.EmailField(label="Their e-mail", max_length=254)
    owner_zone = choice("Their time zone", [], initial="UTC")
    project_name = line("Project", limit=120)
    kickoff_date = day("Kickoff held on", required=True)
    owner_primary = choice("Primary owner", [], help_text="The one person of your team who delivers it.")
    review_owner = choice("Review owner", [], help_text="Who takes it through the client's review.")
    name = line(
        "Milestone", limit=80, help_text="One visible outcome. For example: Onboarding dashboard published."
    )
    output = line("Output", help_text="One sentence: what will exist that does not exist now.")
    kind = choice("Kind", Kind.choices)
    due_date = day("Due on", required=True)
    criteria = text(
        "Acceptance criteria",
        required=True,
        rows=3,
        limit=8000,
        help_text="One per line: a number with a target, or a yes-or-no fact that someone else could check.",
    )
    quality_threshold = percent("Quality threshold", required=True, initial=80)
    description = text("In the client's words")
    dependency_risks = text("Dependency risks", limit=1000, required=True, rows=1, help_text="Or “none”.")
    invoice_trigger = line("Invoice trigger", help_text="What acceptance lets you invoice, or “none”.")
    next_stage_trigger = line("Next-stage trigger", help_text="What starts once it is accepted.")
    same_person = forms.BooleanField(label="The client's owner also approves", required=False)
    approver_name = line(
        "Approver", limit=120, required=False, help_text="The one contact whose decision counts."
    )
    approver_email = forms.EmailField(label="Approver's e-mail", max_length=254, required=False)
    approver_zone = choice("Approver's time zone", [], initial="UTC", required=False)
    approval_channel = choice("Approval channel", ApprovalChannel.choices, initial=ApprovalChannel.LINK)

    def __init__(self, *args: Any, members: Iterable[Membership], **options: Any) -> None:
        super().__init__(*args, **options)
        team = [(member.user.email, str(member.user)) for member in members]
        for name, choices in (
            ("owner_primary", team),
            ("review_owner", team),
            ("owner_zone", zones()),
            ("approver_zone", zones()),
        ):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        for name in ("approver_name", "approver_email", "approver_zone"):
            self.fields[name].later = "unless the client's owner approves"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if not typed.get("same_person"):
            for name, sentence in (
                ("approver_name", "Name the approver, or say that the client's owner approves."),
                ("approver_email", "The approver needs an address."),
            ):
                if name not in self.errors and not typed.get(name):
                    self.add_error(name, sentence)
        return typed

    def steps(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for title, names in STEPS:
            yield title, [self[name] for name in names]

    def handoff(
        self, zone: ZoneInfo, *, now: datetime, known: Mapping[str, CriterionPlan] = EMPTY
    ) -> Handoff:
        """What was typed, as the kickoff takes it. The kickoff counts from the morning of its day.

        `known` are a template's criteria by their statements, with how each is checked.
        """
        typed = self.cleaned_data
        approver = typed["owner_email"] if typed["same_person"] else typed["approver_email"]
        kickoff = datetime.combine(typed["kickoff_date"], time(9), zone)
        record = {
            "kickoff_completed_at": _instant(
                min(kickoff, now) if kickoff.date() == now.astimezone(zone).date() else kickoff
            ),
            "first_milestone_name": typed["name"],
            "first_milestone_due_at": _instant(_end_of(typed["due_date"], zone)),
            "acceptance_criteria": [
                known.get(statement.strip(), statement.strip())
                for statement in typed["criteria"].splitlines()
                if statement.strip()
            ],
            "quality_threshold": typed["quality_threshold"],
            "owner_primary": typed["owner_primary"],
            "milestone_review_owner": typed["review_owner"],
            "owner_client": typed["owner_email"],
            "delivery_proof_approver": approver,
        }
        return Handoff(
            account_name=typed["account_name"],
            project_name=typed["project_name"],
            external_ref=f"sheet-{typed['sheet']}",
            contacts=list(_people(typed, usual_zone=zone.key)),
            record=record,
            definition={name: typed[name] for name in DEFINITION},
        )


def _people(typed: Mapping[str, Any], *, usual_zone: str) -> Iterator[ContactInput]:
    """Who is known already stays where they are while the form shows the usual zone, which nobody chose."""
    owner = ["input_provider", "credential_owner"]
    decides = ["decision_maker", "stakeholder"]
    same = typed["same_person"] or typed["approver_email"].lower() == typed["owner_email"].lower()
    yield ContactInput(
        name=typed["owner_name"],
        email=typed["owner_email"],
        time_zone=_unless(usual_zone, typed["owner_zone"]),
        usual_zone=usual_zone,
        authorities=owner + decides if same else owner,
    )
    if not same:
        yield ContactInput(
            name=typed["approver_name"],
            email=typed["approver_email"],
            time_zone=_unless(usual_zone, typed["approver_zone"]),
            usual_zone=usual_zone,
            authorities=decides,
        )


def _unless(usual: str, zone: str) -> str:
    return "" if zone == usual else zone


def _end_of(day: Any, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, zone) - timedelta(seconds=1)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
