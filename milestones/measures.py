"""Progress by a measured figure: what a model reaches, not a percentage that somebody feels. Pure."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from milestones.words import Kind


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure on its way from `baseline` to `target`, which may lie below it."""

    name: str
    baseline: Decimal | None
    target: Decimal | None

    @property
    def is_complete(self) -> bool:
        return bool(self.name) and None not in (self.baseline, self.target) and self.baseline != self.target


def percent_of(measured: Decimal, measure: Measure) -> int:
    """How much of the way is behind it, 0 to 100, rounded half up."""
    return int((100 * share_of(measured, measure)).to_integral_value(ROUND_HALF_UP))


def share_of(measured: Decimal, measure: Measure) -> Decimal:
    """How much of the way is behind it, from 0 to 1."""
    if measure.baseline is None or measure.target is None or not measure.is_complete:
        raise ValueError("A measure needs a name, a baseline and another target.")
    share = (measured - measure.baseline) / (measure.target - measure.baseline)
    return min(max(share, Decimal()), Decimal(1))


def wrong_with(
    kind: str, measure: Measure, *, percent: int | None, measured: Decimal | None
) -> dict[str, str]:
    """Why progress cannot be told like this, by field; a model is told by its figure alone."""
    if measured is not None and not measure.is_complete:
        return {"measured": "Name the figure, its baseline and its target on the record first."}
    if percent is not None and kind == Kind.MODEL:
        name = measure.name or "its measured figure"
        return {"percent": f"A model's progress is {name}, not a percentage: give what was measured."}
    if percent is not None and measured is not None:
        return {"percent": "Give what was measured, or a percentage, not both."}
    return {}
