"""What marks a piece of work as outside the agreed scope. Pure."""

from collections.abc import Iterable

LABELS = frozenset({"unplanned", "out of scope", "out-of-scope", "change request", "scope"})


def is_marked(labels: Iterable[str]) -> bool:
    """Whether a tool's labels say that nobody agreed on this; case and blanks around do not matter."""
    return any(label.strip().casefold() in LABELS for label in labels)
