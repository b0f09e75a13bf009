"""Where the work is: which stage may follow which, and what takes a milestone there."""

from collections.abc import Iterator

from milestones.words import Outcome, Stage
from tenancy.refusal import Refused

NEXT: dict[Stage, set[Stage]] = {
    Stage.SETUP: {Stage.EXECUTION},
    Stage.EXECUTION: {Stage.QA, Stage.CLOSED},
    Stage.QA: {Stage.REVIEW, Stage.EXECUTION, Stage.CLOSED},
    Stage.REVIEW: {Stage.CLOSEOUT, Stage.EXECUTION, Stage.CLOSED},
    Stage.CLOSEOUT: {Stage.CLOSED},
    Stage.CLOSED: set(),
}

# The one step back that no table of ordinary steps holds: the decision was recorded by mistake.
COUNTERMANDED: dict[Stage, Stage] = {Stage.CLOSEOUT: Stage.REVIEW}

# With which outcomes a milestone may end in each stage.
ENDINGS: dict[Stage, set[Outcome]] = {
    Stage.EXECUTION: {Outcome.BLOCKED, Outcome.SCOPE},
    Stage.QA: {Outcome.BLOCKED, Outcome.SCOPE},
    Stage.REVIEW: {Outcome.BLOCKED, Outcome.SCOPE},
    Stage.CLOSEOUT: {Outcome.APPROVED},
}

# Steps that no plain move takes, and what takes them.
OWN_DOOR = {
    Stage.CLOSEOUT: "Only the approver's decision accepts a milestone. Ask for it, or record it.",
    Stage.CLOSED: "Closing takes an outcome, what is still open and who moves next. Close it with these.",
}


def check_can_move(now_in: Stage, to: Stage) -> None:
    """Refuses a step that is not in the table."""
    if to not in NEXT[now_in]:
        raise Refused(
            f"A milestone in {now_in.label.lower()} cannot go to {to.label.lower()}.", code="no_such_step"
        )


def check_can_step(now_in: Stage, to: Stage) -> None:
    """Refuses a plain step where only a decision or a closing may take it."""
    check_can_move(now_in, to)
    if to in OWN_DOOR:
        raise Refused(OWN_DOOR[to], code="own_door")


def check_can_reopen(now_in: Stage) -> None:
    """Refuses to take an acceptance back where there is none, or where it is closed for good."""
    if now_in not in COUNTERMANDED:
        raise Refused(
            f"A milestone in {now_in.label.lower()} has no acceptance that could be taken back.",
            code="no_such_step",
        )


def check_can_close(now_in: Stage, outcome: Outcome) -> None:
    """Refuses an outcome that does not end a milestone in this stage."""
    check_can_move(now_in, Stage.CLOSED)
    if outcome == Outcome.NEEDS_REVISIONS:
        raise Refused(
            "“Needs revisions” ends a round of review, never the milestone. Return it to execution.",
            code="no_such_step",
        )
    if outcome not in ENDINGS[now_in]:
        raise Refused(_wrong_ending(now_in, outcome), code="no_such_step")


def _wrong_ending(now_in: Stage, outcome: Outcome) -> str:
    if outcome == Outcome.APPROVED:
        return (
            f"A milestone in {now_in.label.lower()} cannot close as approved: "
            "the approver's decision takes it into closeout first."
        )
    return "This milestone is accepted: it closes as approved, and nothing else."


def onward(now_in: Stage) -> Stage | None:
    """The stage that the way leads to next; None at its end."""
    way = list(Stage)
    return None if now_in == way[-1] else way[way.index(now_in) + 1]


def diagram() -> str:
    """The tables as a Mermaid state diagram, as docs/stages.md shows them."""
    return "\n".join(["stateDiagram-v2", "    [*] --> setup", *_arrows(), "    closed --> [*]"])


def _arrows() -> Iterator[str]:
    for now_in in Stage:
        for to in sorted(NEXT[now_in], key=list(Stage).index):
            yield f"    {now_in} --> {to}{_note(now_in, to)}"
        if back := COUNTERMANDED.get(now_in):
            yield f"    {now_in} --> {back}: decision countermanded"


def _note(now_in: Stage, to: Stage) -> str:
    if to == Stage.CLOSED:
        return ": " + ", ".join(sorted(ENDINGS[now_in]))
    if to == Stage.CLOSEOUT:
        return ": decision approved"
    return ": return, reset, revisions" if to == Stage.EXECUTION and now_in != Stage.SETUP else ""
