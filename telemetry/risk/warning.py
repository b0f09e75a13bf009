"""Whether the figures warn, so that a label turns yellow on them: slow to start and to stop, no flapping."""

from collections.abc import Sequence
from dataclasses import dataclass

DAYS = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """One daily evaluation: on-time probability in percent (None: unknown), delivery risk (None: setup)."""

    probability: int | None
    risk: int | None

    @property
    def alarm(self) -> bool:
        return (self.probability is not None and self.probability < 60) or (
            self.risk is not None and self.risk > 50
        )

    @property
    def calm(self) -> bool:
        return (self.probability is None or self.probability >= 70) and (self.risk is None or self.risk <= 45)


def figures_warn(warned: bool, days: Sequence[Figures], *, completions: int, closed_of_kind: int) -> bool:
    """`warned` is yesterday's answer, `days` the daily evaluations, newest last.

    `completions` of work items here, `closed_of_kind` closed milestones of the kind in the workspace.
    """
    if completions < 5 and closed_of_kind < 10:
        return False
    latest = days[-DAYS:]
    if len(latest) < DAYS:
        return warned
    if warned:
        return not all(day.calm for day in latest)
    return all(day.alarm for day in latest)
