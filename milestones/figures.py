"""When the figures hold a label back: only on enough evidence, and slowly, so that it does not flap. Pure."""

from dataclasses import dataclass

LIKELY, UNLIKELY = 70, 60  # on-time probability in percent: calm from the first, warning below the second
CALM, RISKY = 45, 50  # delivery risk: calm up to the first, warning above the second
DAYS = 2
COMPLETIONS = 5
CLOSED_OF_KIND = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What the figures say: whether they warn, and for how many days in a row they have said otherwise."""

    warn: bool = False
    days: int = 0


def is_enough(completions: int, closed_of_kind: int) -> bool:
    return completions >= COMPLETIONS or closed_of_kind >= CLOSED_OF_KIND


def after_a_day(before: Figures, probability: int | None, risk: int | None, *, is_enough: bool) -> Figures:
    """What the figures say after one more daily evaluation."""
    if not is_enough:
        return Figures()
    contradicts = _is_calm(probability, risk) if before.warn else _is_bad(probability, risk)
    days = before.days + 1 if contradicts else 0
    return Figures(not before.warn) if days >= DAYS else Figures(before.warn, days)


def _is_bad(probability: int | None, risk: int | None) -> bool:
    return (probability is not None and probability < UNLIKELY) or (risk is not None and risk > RISKY)


def _is_calm(probability: int | None, risk: int | None) -> bool:
    """Both figures, as far as they are known; where none is, nothing is said."""
    likely = probability is None or probability >= LIKELY
    calm = risk is None or risk <= CALM
    return likely and calm and not (probability is None and risk is None)
