"""The gates between stages: what is still missing, in the same words on page, in API and journal."""

import re
from dataclasses import dataclass
from datetime import date

from tenancy.refusal import Unmet

SENTENCE_END = re.compile(r"[.!?](?=\s+\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a milestone's record says before serious work begins."""

    output: str
    criteria: int
    has_owner: bool
    has_client_owner: bool
    has_approver: bool
    has_channel: bool
    planned_date: date | None
    dependency_risks: str
    invoice_trigger: str
    next_stage_trigger: str


def is_one_sentence(text: str) -> bool:
    """Whether the text is one sentence: no second one follows a full stop, question or exclamation mark."""
    return bool(text.strip()) and not SENTENCE_END.search(text.strip())


def missing_for_execution(d: Definition) -> list[Unmet]:
    """What keeps a milestone in setup; empty when it may go into execution."""
    checks = [
        (
            is_one_sentence(d.output),
            "output",
            "Say the output in one sentence: what will exist that does not exist now.",
        ),
        (d.criteria > 0, "criteria", "Add at least one acceptance criterion that someone else could check."),
        (d.has_owner, "owner_primary", "Name one primary owner."),
        (d.has_client_owner, "owner_client", "Name the client's owner, a contact of the account."),
        (d.has_approver, "approver", "Name the approver, the contact whose decision counts."),
        (d.has_channel, "approval_channel", "Agree the channel through which approval is given."),
        (d.planned_date is not None, "planned_date", "Set the planned date."),
        (bool(d.dependency_risks), "dependency_risks", "State the dependency risks, or write “none”."),
        (bool(d.invoice_trigger), "invoice_trigger", "State what it lets you invoice, or write “none”."),
        (bool(d.next_stage_trigger), "next_stage_trigger", "State what starts once it is accepted."),
    ]
    return [Unmet(code, message) for passed, code, message in checks if not passed]
