"""What the client reads when a label warns or turns red: cause, effect on later work, what we do. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from milestones.models import Milestone
from milestones.schedule import Label, Step

MOST_IN_A_TITLE = 6
OURS = {
    "blocked": "What we do: we work on removing what holds it up, before anything else, and write to you "
    "when it goes on.",
    "delayed": "What we do: we send you a plan with the date that we can hold, and what it takes.",
}


class Red(NamedTuple):
    """A milestone that has just turned red, and by which step."""

    milestone: Milestone
    step: Step

    @property
    def word(self) -> str:
        return "blocked" if self.step.colour == Label.BLOCKED else "delayed"


def early_warning(milestone: Milestone, step: Step, later: Sequence[str]) -> tuple[str, str]:
    """Title and body of the warning before anything is late."""
    turning = "It is about to be held up or delayed. " if step.turning_red else ""
    return (
        f"Early warning: {milestone} is at risk",
        _paragraphs(
            f"{milestone} is at risk. {turning}We tell you now, while there is time to act.",
            f"Why: {step.reason}",
            _effect(later),
            "What we do: we work on what causes this first. The agreed date stays as it is until you hear "
            "from us, with a reason. If something on your side can help, please answer this message.",
        ),
    )


def late(turned: Sequence[Red], later: Sequence[str]) -> tuple[str, str]:
    """Title and body when labels have turned red, all that did so at once in one."""
    if len(turned) > 1:
        return _late_together(turned, later)
    milestone, step = turned[0]
    word = turned[0].word
    return (
        f"{milestone} is {word}",
        _paragraphs(f"{milestone} is {word} now.", f"Why: {step.reason}", _effect(later), OURS[word]),
    )


def _late_together(turned: Sequence[Red], later: Sequence[str]) -> tuple[str, str]:
    words = sorted({red.word for red in turned}, reverse=True)
    rows = [f"{red.milestone} is {red.word}: {red.step.reason}" for red in turned]
    return (
        f"{_codes(turned)} are {' or '.join(words)}",
        _paragraphs(
            f"{len(turned)} milestones are {' or '.join(words)} now:",
            "\n".join(rows),
            _effect(later, "these"),
            *(OURS[word] for word in words),
        ),
    )


def _codes(turned: Sequence[Red]) -> str:
    codes = [red.milestone.code for red in turned]
    if len(codes) > MOST_IN_A_TITLE:
        return f"{len(codes)} milestones"
    return f"{', '.join(codes[:-1])} and {codes[-1]}"


def _effect(later: Sequence[str], these: str = "this one") -> str:
    if not later:
        return f"What it means for later milestones: none waits for {these}."
    verb = "waits" if len(later) == 1 else "wait"
    with_it = f"{verb} for {these} and may move with {'it' if these == 'this one' else 'them'}"
    return f"What it means for later milestones: {', '.join(later)} {with_it}."


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(texts)
