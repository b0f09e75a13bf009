"""The worksheets of an engagement: checklists that are filled per project, and where every other one stands.

Start readiness and the handoff boundary judge what others bring: what fails is named and sent back, never
repaired here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from milestones.words import ChecklistKind
from tenancy.refusal import Refused
from tenancy.text import LINE

NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that must hold."""

    code: str
    asks: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A checklist: when it is filled, and whether each day may have its own."""

    kind: ChecklistKind
    when: str
    items: tuple[Item, ...]
    is_dated: bool = False
    sends_back: bool = False

    @property
    def codes(self) -> list[str]:
        return [item.code for item in self.items]


SHEETS: Mapping[ChecklistKind, Sheet] = {
    sheet.kind: sheet
    for sheet in (
        Sheet(
            ChecklistKind.ONBOARDING,
            "In the first days after the kickoff.",
            (
                Item("contacts", "Every contact is here with an address and a time zone"),
                Item("authorities", "It is known who decides, who gives access and who provides input"),
                Item(
                    "portal",
                    "The client has the portal link and has opened it once",
                    "Made on the project's page.",
                ),
                Item(
                    "channel", "The approval channel is agreed", "What counts as approval was read together."
                ),
                Item("feedback", "Who collects feedback, and where, is written down", "In the settings."),
                Item("dates", "The client has seen the plan and its dates"),
            ),
        ),
        Sheet(
            ChecklistKind.START_READINESS,
            "Before setup: what is missing goes back to whoever sold the engagement.",
            (
                Item("scope", "The signed scope is at hand"),
                Item("decision_maker", "The decision maker is named", "A person, not a committee."),
                Item("access", "Access is promised, with a name and a day"),
                Item("inputs", "The inputs that the client owes are listed"),
                Item("kickoff", "The kickoff was held with the client"),
                Item("billing", "It is agreed what lets us invoice, and when"),
            ),
            sends_back=True,
        ),
        Sheet(
            ChecklistKind.EVIDENCE_REVIEW,
            "Once in the first 14 days, then whenever you want to know.",
            (
                Item("acceptance_criteria", "Each milestone has acceptance criteria that can be checked"),
                Item("escalation_routing", "Each kind of blocker finds a person at the client"),
                Item("qa_cadence", "Work is checked before the client sees it, week by week"),
                Item("handoff_completeness", "What was accepted was handed over with its packets"),
            ),
            is_dated=True,
        ),
        Sheet(
            ChecklistKind.HANDOFF_BOUNDARY,
            "After closeout: what is incomplete goes back to whoever delivered it.",
            (
                Item("accepted", "The acceptance is on record"),
                Item("proof", "The proof packet is linked"),
                Item("packet", "The handoff packet is linked, and the receiver can open it"),
                Item("receiver", "Whoever runs it from here on is named and has agreed"),
                Item("open_points", "Open points are listed, each with an owner"),
                Item("boundary", "It is said what is no longer ours to do"),
            ),
            sends_back=True,
        ),
        Sheet(
            ChecklistKind.OFFBOARDING,
            "When the engagement ends.",
            (
                Item("closed", "Every milestone is closed with an outcome"),
                Item("triggers", "Every invoice trigger that was reached was told to billing"),
                Item("access", "Access that we were given is returned"),
                Item("data", "The client's data is handed back or erased, as agreed"),
                Item("links", "Portal and calendar links are revoked, or it is agreed how long they stay"),
                Item("thanks", "The client was asked what went well and what did not"),
            ),
        ),
    )
}

Place = Literal["page", "notice"]


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A named worksheet and where it is: the name of a page's address, or the kind of a notice."""

    name: str
    place: Place
    target: str
    about: str


WORKSHEETS = (
    Worksheet("Client Onboarding", "page", "checklist_onboarding", "A checklist of the project."),
    Worksheet(
        "Client Status Update",
        "notice",
        "status_update",
        "Made of the weekly review; it leads with milestones.",
    ),
    Worksheet(
        "Change Request", "page", "changes", "The queue; each request with price, days and its decision."
    ),
    Worksheet("Delivery QA Checklist", "page", "milestone_quality", "On the milestone, before every review."),
    Worksheet(
        "What Counts as Approval FAQ", "page", "about_approval", "For clients; linked where they decide."
    ),
    Worksheet(
        "Approval & Feedback Routing",
        "page",
        "project_settings",
        "Who collects feedback where, and who may decide.",
    ),
    Worksheet(
        "Start-Readiness & Handoff Boundary",
        "page",
        "checklist_start_readiness",
        "Two checklists, before setup and after closeout; what fails is sent back.",
    ),
    Worksheet(
        "Client Input Dependency",
        "page",
        "blockers",
        "A blocker of the type input, asked of whoever provides it.",
    ),
    Worksheet(
        "Escalation & Pause-State",
        "page",
        "milestone_way",
        "Pause, re-scope, proceed conditionally or close out, with the notice.",
    ),
    Worksheet("Scope Reset & Recovery", "page", "split_milestone", "Split and reset; nothing is lost."),
    Worksheet(
        "Recovery Update & Revised Plan Notice",
        "notice",
        "recovery",
        "Sent with the miss's root cause, plan and later dates.",
    ),
    Worksheet(
        "Project Handoff",
        "page",
        "checklist_handoff_boundary",
        "The handoff boundary, with the links of the handoff packets.",
    ),
    Worksheet(
        "Invoice & Payment",
        "page",
        "project_triggers",
        "What each milestone lets you invoice, and since when. Cairn invoices nothing.",
    ),
    Worksheet("Client Offboarding", "page", "checklist_offboarding", "A checklist of the project."),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person found: it holds, it does not, or (None) it was not looked at yet."""

    code: str
    ok: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the record itself says of an item, with the facts in a sentence."""

    ok: bool
    fact: str


def check(sheet: Sheet, answers: list[Answer], findings: Mapping[str, Finding], sent_back: str) -> None:
    """Refuses answers that do not fit the sheet, contradict the record without a word, or let a fault lie.

    Raises:
        Refused: with what is wrong, by item.
    """
    faults = dict(_faults(sheet, answers, findings))
    failed = [answer.code for answer in answers if answer.ok is False]
    if sheet.sends_back and failed and not sent_back.strip():
        faults["sent_back"] = "Something is missing: say to whom it goes back, and what they have to bring."
    if faults:
        named = {code: [said] for code, said in faults.items()}
        raise Refused("Some answers need another look.", code="invalid", fields=named)


def _faults(
    sheet: Sheet, answers: list[Answer], findings: Mapping[str, Finding]
) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for answer in answers:
        if answer.code not in sheet.codes:
            yield answer.code, f"There is no such item. The checklist has {', '.join(sheet.codes)}."
        elif answer.code in seen:
            yield answer.code, "This item is answered twice."
        elif len(answer.note) > NOTE_LENGTH or LINE.search(answer.note):
            yield answer.code, f"A note is one line of at most {NOTE_LENGTH} characters."
        elif answer.ok and answer.code in findings and not findings[answer.code].ok and not answer.note:
            yield answer.code, "The record says otherwise. Say in the note why it holds all the same."
        seen.add(answer.code)


def kept(sheet: Sheet, answers: list[Answer]) -> dict[str, dict[str, bool | str | None]]:
    """The answers as a checklist keeps them, in the sheet's order, those not looked at included."""
    given = {answer.code: answer for answer in answers}
    found = (given.get(code, Answer(code, None)) for code in sheet.codes)
    return {answer.code: {"ok": answer.ok, "note": answer.note} for answer in found}


def state(answers: Mapping[str, Mapping[str, bool | str | None]]) -> str:
    """How far a filled checklist is, in words."""
    failed = sum(answer["ok"] is False for answer in answers.values())
    unseen = sum(answer["ok"] is None for answer in answers.values())
    if failed:
        return f"{failed} of {len(answers)} missing"
    return f"{unseen} of {len(answers)} open" if unseen else "complete"
