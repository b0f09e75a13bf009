"""What the client reads when a label warns or turns red: cause, effect on later work, what we do. Pure."""

from collections.abc import Callable, Sequence

from milestones.models import Milestone
from milestones.schedule import Label, Step

Letter = Callable[[Milestone, Step, Sequence[str]], tuple[str, str]]


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


def late(milestone: Milestone, step: Step, later: Sequence[str]) -> tuple[str, str]:
    """Title and body when the label has turned red."""
    word = "blocked" if step.colour == Label.BLOCKED else "delayed"
    ours = {
        "blocked": "What we do: we work on removing what holds it up, before anything else, and write to you "
        "when it goes on.",
        "delayed": "What we do: we send you a plan with the date that we can hold, and what it takes.",
    }
    return (
        f"{milestone} is {word}",
        _paragraphs(f"{milestone} is {word} now.", f"Why: {step.reason}", _effect(later), ours[word]),
    )


def _effect(later: Sequence[str]) -> str:
    if not later:
        return "What it means for later milestones: none waits for this one."
    verb = "waits" if len(later) == 1 else "wait"
    return f"What it means for later milestones: {', '.join(later)} {verb} for this one and may move with it."


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(texts)
