"""Where the work is: which stage may follow which."""

from milestones.words import Stage
from tenancy.refusal import Refused

NEXT: dict[Stage, set[Stage]] = {
    Stage.SETUP: {Stage.EXECUTION},
    Stage.EXECUTION: set(),
    Stage.QA: set(),
    Stage.REVIEW: set(),
    Stage.CLOSEOUT: set(),
    Stage.CLOSED: set(),
}


def check_can_move(now_in: Stage, to: Stage) -> None:
    """Refuses a step that is not in the table."""
    if to not in NEXT[now_in]:
        raise Refused(
            f"A milestone in {now_in.label.lower()} cannot go to {to.label.lower()}.", code="no_such_step"
        )
