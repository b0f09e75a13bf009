"""The gates between stages: what is still missing, in the same words on page, in API and journal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

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


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of one criterion when the work is said to be done."""

    position: int
    is_met: bool | None
    evidence: str

    @property
    def is_settled(self) -> bool:
        """Evidence shows it, or it is said openly that it is not met."""
        return self.is_met is False or bool(self.evidence.strip())


def missing_for_qa(*, outputs: int, proofs: Sequence[Proof]) -> list[Unmet]:
    """What keeps a milestone in execution; `outputs` counts the current artifacts that are its output."""
    unsettled = [str(proof.position) for proof in proofs if not proof.is_settled]
    named = f"criterion {unsettled[0]}" if len(unsettled) == 1 else f"criteria {', '.join(unsettled)}"
    checks = [
        (outputs > 0, "output_artifact", "Attach or link the output that the client will look at."),
        (not unsettled, "evidence", f"Add evidence to {named}, or mark what is not met as not met."),
    ]
    return [Unmet(code, message) for passed, code, message in checks if not passed]


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last QA run, whatever its kind."""

    score: int
    passed: bool
    is_void: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What is known of a milestone that is to be shown to the client.

    `answers` are the codes that the last checklist run that counts answered with yes; `caveats` are those of
    the prepared request; `request` is what that request itself still misses.
    """

    threshold: int
    last_run: LastRun | None
    output_changed_at: datetime | None
    answers: frozenset[str]
    is_blocked: bool
    caveats: str
    request: Sequence[Unmet]
    invoice_trigger: str
    next_stage_trigger: str


CHECKED = {
    "scope_matches": "Check that the output matches the agreed scope, and answer so in the QA checklist.",
    "assets_checked": "Check files, links and assets, and answer so in the QA checklist.",
    "blockers_disclosed": "Resolve or disclose known blockers, and answer so in the QA checklist.",
    "criteria_evidenced": "Look at every criterion with its evidence, and answer so in the QA checklist.",
}


def missing_for_review(c: Cleared) -> list[Unmet]:
    """What keeps a milestone in QA; empty when the client may be asked."""
    run = _fault_of_run(c)
    checks = [
        (not run, "qa_run", run),
        *((code in c.answers, code, message) for code, message in CHECKED.items()),
        (
            not c.is_blocked or is_stated(c.caveats),
            "blocker_caveats",
            "A blocker is open: resolve it, or disclose it in the caveats of the request.",
        ),
    ]
    found = [Unmet(code, message) for passed, code, message in checks if not passed]
    return [*found, *c.request, *_missing_trigger(c)]


def _fault_of_run(c: Cleared) -> str:
    if (run := c.last_run) is None:
        return "Run the QA checklist: no run is recorded yet."
    if run.is_void or (c.output_changed_at and run.at < c.output_changed_at):
        return "Check again: the output changed after the last QA run."
    if not run.passed and run.score >= c.threshold:
        return "The last QA run answered a must with no, or was held against more. Mend it and check again."
    if run.score < c.threshold:
        return f"The last QA run scored {run.score}; {c.threshold} or more passes. Mend it and check again."
    return ""


def is_stated(text: str) -> bool:
    """Whether it says something, other than an explicit “none”."""
    return text.strip().lower().rstrip(".") not in ("", "none")


def _missing_trigger(c: Cleared) -> list[Unmet]:
    if c.invoice_trigger.strip() or c.next_stage_trigger.strip():
        return []
    return [Unmet("next_stage_trigger", "State what acceptance lets you invoice, or what starts after it.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision on a review, held against what was agreed."""

    is_approved: bool
    by_approver: bool
    round_counts: bool
    through_channel: bool


def missing_for_closeout(a: Answer | None) -> list[Unmet]:
    """What keeps a milestone in review. Silence never approves, nor do kind words."""
    if a is None or not a.is_approved:
        return [Unmet("decision", "The approver has not approved yet; only an explicit decision accepts.")]
    checks = [
        (a.by_approver, "approver", "Somebody else answered: only the named approver's decision counts."),
        (a.round_counts, "accepting_round", "This round does not count as acceptance; a later one does."),
        (
            a.through_channel,
            "approval_channel",
            "The answer came another way than agreed; ask through the channel.",
        ),
    ]
    return [Unmet(code, message) for passed, code, message in checks if not passed]


def missing_for_approved(
    *,
    proof_packet_url: str,
    handoff_packet_link: str,
    has_review_owner: bool,
    has_approver: bool,
    open_dependencies: str,
    next_move_owner: str,
) -> list[Unmet]:
    """What keeps an accepted milestone from being closed: all stand in the same record."""
    checks = [
        (bool(proof_packet_url), "proof_packet_url", "Publish the proof packet."),
        (bool(handoff_packet_link), "handoff_packet_link", "Publish the handoff packet."),
        (has_review_owner, "review_owner", "Name the review owner."),
        (has_approver, "approver", "Name the approver, the contact whose decision counts."),
    ]
    missing = [Unmet(code, message) for passed, code, message in checks if not passed]
    return missing + missing_words(open_dependencies=open_dependencies, next_move_owner=next_move_owner)


def missing_for_other_end(*, reason: str, open_dependencies: str, next_move_owner: str) -> list[Unmet]:
    """What an end without acceptance still has to say."""
    why = [] if reason.strip() else [Unmet("reason", "Say why it ends without acceptance.")]
    return why + missing_words(open_dependencies=open_dependencies, next_move_owner=next_move_owner)


def missing_words(*, open_dependencies: str, next_move_owner: str) -> list[Unmet]:
    """What every end says for those who go on."""
    checks = [
        (
            open_dependencies,
            "open_dependencies",
            "List the dependencies that are still open, or write “none”.",
        ),
        (next_move_owner, "next_move_owner", "Name who makes the next move."),
    ]
    return [Unmet(code, message) for said, code, message in checks if not said.strip()]
