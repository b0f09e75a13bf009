"""What a low score opens: a named action with an owner and a checklist, not a warning text."""

from dataclasses import dataclass

from telemetry.risk.evidence import Evidence, Group, Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAction:
    """Opens when the group's score is under `below` and the newest `needs_runs` QA slots hold runs."""

    code: str
    name: str
    group: Group
    below: int
    owner_role: str  # the field of the record that names the owner
    checklist: tuple[str, ...]
    needs_runs: int = 0


NAMED_ACTIONS = (
    NamedAction(
        code="work_slice_reduction",
        name="Work-slice reduction",
        group=Group.VELOCITY,
        below=60,
        owner_role="owner_primary",
        checklist=(
            "Name the smallest slice that still meets every acceptance criterion.",
            "Move everything else to a later milestone or the change queue.",
            "Split open items that take longer than two days.",
            "Confirm or move the forecast, with its reason.",
        ),
    ),
    NamedAction(
        code="escalation_packet",
        name="Escalation packet",
        group=Group.DEPENDENCY,
        below=55,
        owner_role="owner_primary",
        checklist=(
            "List each open blocker with its age, its response owner and what it costs per day.",
            "Attach the evidence, or the two options with their effect on the date.",
            "Name who has the authority to decide, and ask for a decision by a date.",
            "Send it, and record the answer.",
        ),
    ),
    NamedAction(
        code="quality_recovery_sprint",
        name="Quality recovery sprint",
        group=Group.QUALITY,
        below=65,
        owner_role="milestone_review_owner",
        needs_runs=2,
        checklist=(
            "Freeze feature additions on the milestone.",
            "Group the failures by cause and name the one that hurts most.",
            "Fix it, and add the check that would have caught it.",
            "Run QA again until a run passes at or above the threshold.",
        ),
    ),
    NamedAction(
        code="strict_change_queue",
        name="Strict change queue",
        group=Group.SCOPE,
        below=70,
        owner_role="owner_primary",
        checklist=(
            "Turn every unplanned request into a change request.",
            "Decide on each one: accept with days and price, or decline.",
            "Tell the client what stays inside this milestone.",
            "Accept nothing more into this milestone without a decision.",
        ),
    ),
)


def rules_fired(scores: Scores, evidence: Evidence) -> list[NamedAction]:
    """The actions that the scores open. Strict: a score exactly at the limit opens nothing."""
    return [action for action in NAMED_ACTIONS if _fires(action, scores.of(action.group), _runs(evidence))]


def _fires(action: NamedAction, score: int | None, runs: int) -> bool:
    return score is not None and score < action.below and runs >= action.needs_runs


def _runs(evidence: Evidence) -> int:
    slots = (evidence.qa_1, evidence.qa_2, evidence.qa_3, evidence.qa_4, evidence.qa_5)
    return sum(slot is not None for slot in slots)
