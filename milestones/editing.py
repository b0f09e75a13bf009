"""What of a milestone's record may still change, by stage. Pure."""

from collections.abc import Collection, Iterable
from typing import Final

from milestones.words import Stage
from tenancy.refusal import Refused

# What the client accepted stays; what happens next, and where the plan lists it, does not belong to that.
STILL_OPEN: Final = {
    Stage.CLOSEOUT: frozenset({"next_move_owner", "next_stage_trigger", "review_owner", "notes", "phase"}),
    Stage.CLOSED: frozenset({"notes", "phase"}),
}
IN_WORK: Final = (Stage.SETUP, Stage.EXECUTION, Stage.QA)
ACCEPTED: Final = (Stage.CLOSEOUT, Stage.CLOSED)
WORDING: Final = ("statement", "verification", "measure", "target")


def check_fields_are_open(stage: Stage, altered: Iterable[str]) -> None:
    """Refuses changes of what was accepted, by field."""
    if stage not in STILL_OPEN:
        return
    kept = [name for name in altered if name not in STILL_OPEN[stage]]
    if kept:
        said = f"A milestone in {stage.label.lower()} stays as it was accepted; this field no longer changes."
        raise Refused(
            "The record is what the client accepted.", code="invalid", fields={name: [said] for name in kept}
        )


def check_criteria_are_open(stage: Stage, fields: Iterable[str]) -> None:
    """Refuses any write to the criteria of an accepted milestone."""
    if stage in ACCEPTED:
        said = f"A milestone in {stage.label.lower()} keeps its criteria and their evidence as accepted."
        raise Refused(said, code="invalid", fields={name: [said] for name in fields})


def check_wording_is_open(stage: Stage, altered: Collection[str]) -> None:
    """Refuses another wording of a criterion while the client is asked about it, or after."""
    if altered and stage not in IN_WORK:
        said = "The client is asked about this wording. Return the milestone to execution first."
        raise Refused(said, code="invalid", fields={name: [said] for name in altered})


def check_part_may_go(stage: Stage) -> None:
    """Refuses to take a criterion or a dependency out once the client is asked, or has accepted."""
    if stage not in IN_WORK:
        raise Refused(
            f"In {stage.label.lower()} the record stays whole: nothing is taken out of it any more.",
            code="not_in_work",
        )
