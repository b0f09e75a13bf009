"""The decision trail: the journal's entries about a milestone that its client may read, in words.

Nothing reaches the client that is not written here. Internal progress, blockers and figures have no line.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from milestones.words import Outcome, ResetCause, Stage

Teller = Callable[[Mapping[str, Any]], str]

STAGES: Final = {
    Stage.EXECUTION: "Work began.",
    Stage.QA: "Handed over to quality checks.",
    Stage.REVIEW: "Sent for review.",
    Stage.CLOSEOUT: "Accepted.",
    Stage.CLOSED: "Closed.",
}

TOLD: Final[dict[str, Teller]] = {
    "milestone.created": lambda d: f"Milestone defined, planned for {_day(d['planned_date'])}.",
    "milestone.moved": lambda d: STAGES.get(Stage(d["to"]), ""),
    "milestone.returned": lambda _: "Returned to work.",
    "milestone.reset": lambda d: f"Returned to work: {ResetCause(d['cause']).label.lower()}.",
    "milestone.forecast_moved": lambda d: (
        f"New date: {_day(d['to'])}, before: {_day(d['from'])}. {d['reason']}"
    ),
    "milestone.rebaselined": lambda d: (
        f"New planned date: {_day(d['to'])}, before: {_day(d['from'])}. {d['reason']}"
    ),
    "milestone.accepted": lambda _: "Accepted by the client’s decision.",
    "milestone.reopened": lambda _: "The acceptance was taken back; the review is open again.",
    "criterion.added": lambda d: f"Acceptance criterion added: {d['statement']}",
    "criterion.removed": lambda d: f"Acceptance criterion removed: {d['statement']}",
    "artifact.added": lambda d: _made(d, f"Delivered: {d['title']}."),
    "artifact.version_added": lambda d: _made(d, f"Delivered anew: {d['title']}, version {d['number']}."),
    "artifact.removed": lambda d: _made(d, f"Withdrawn from delivery: {d['title']}."),
    "qa_run.recorded": lambda d: (
        f"{d['check']}: {d['score']} of 100, {'passed' if d['passed'] else 'not passed'}."
    ),
    "change_request.accepted": lambda d: f"Change #{d['number']} was taken into the agreed scope.",
    "review.sent": lambda d: f"Round {d['round']} of the review sent.",
    "review.ended": lambda d: f"Round {d['round']} ended: {Outcome(d['outcome']).label.lower()}.",
    "decision_request.sent": lambda d: f"Asked: {d['question']}",
    "decision_request.withdrawn": lambda d: f"Question {d['number']} withdrawn.",
    "decision.made": lambda d: f"Question {d['number']} answered: {_words(d['option'])}.",
    "decision.countermanded": lambda d: f"The answer to question {d['number']} was taken back.",
    "proof_packet.published": lambda d: f"Version {d['number']} of the proof packet published.",
}


def told(kind: str, data: Mapping[str, Any]) -> str:
    """What the client may read of an entry; empty when it is none of their business."""
    teller = TOLD.get(kind)
    return teller(data) if teller else ""


def _made(data: Mapping[str, Any], told: str) -> str:
    """Only what the client is to accept; what merely helps to check it is our own."""
    return told if data["is_output"] else ""


def _words(code: str) -> str:
    return code.replace("_", " ")


def _day(text: str | None) -> str:
    if not text:
        return "no date"
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"
