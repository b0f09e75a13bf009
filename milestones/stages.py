"""Where the work is: which stage may follow which."""

from milestones.words import Stage
from tenancy.refusal import Refused

NEXT: dict[Stage, set[Stage]] = {
    Stage.SETUP: {Stage.EXECUTION},
    Stage.EXECUTION: {Stage.QA, Stage.CLOSED},
    Stage.QA: {Stage.REVIEW, Stage.EXECUTION, Stage.CLOSED},
    Stage.REVIEW: {Stage.CLOSEOUT, Stage.EXECUTION, Stage.CLOSED},
    Stage.CLOSEOUT: {Stage.CLOSED},
    Stage.CLOSED: set(),
}

# Steps that no plain move takes, and what takes them.
OWN_DOOR = {
    Stage.CLOSEOUT: "Only the approver's decision accepts a milestone. Ask for it, or record it with evidence.",
    Stage.CLOSED: "Closing takes an outcome, what is still open and who moves next. Close it with these.",
}


def check_can_move(now_in: Stage, to: Stage) -> None:
    """Refuses a step that is not in the table."""
    if to not in NEXT[now_in]:
        raise Refused(
            f"A milestone in {now_in.label.lower()} cannot go to {to.label.lower()}.", code="no_such_step"
        )


def onward(now_in: Stage) -> Stage | None:
    """The stage that the way leads to next; None at its end."""
    way = list(Stage)
    return None if now_in == way[-1] else way[way.index(now_in) + 1]


def check_can_step(now_in: Stage, to: Stage) -> None:
    """Refuses a plain step where only a decision or a closing may take it."""
    check_can_move(now_in, to)
    if to in OWN_DOOR:
        raise Refused(OWN_DOOR[to], code="own_door")
