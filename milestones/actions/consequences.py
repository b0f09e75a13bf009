"""What follows from a decision, by what was asked, and how it is undone. Only `decisions` looks here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from journal.actors import Actor
from milestones.actions import baselines, conclusions, reversals, scope
from milestones.models import Decision, DecisionRequest
from milestones.words import RequestKind


class Consequence(Protocol):
    """Acts on the subject of a request that is locked with its milestone."""

    def __call__(
        self, request: DecisionRequest, decision: Decision, /, *, by: Actor, now: datetime
    ) -> object: ...


class Undoing(Protocol):
    """Takes back what the decision that `entry` countermands did, or refuses where that cannot be."""

    def __call__(
        self, request: DecisionRequest, entry: Decision, /, *, by: Actor, now: datetime
    ) -> object: ...


def _left_to_upper_apps(request: DecisionRequest, decision: Decision, *, by: Actor, now: datetime) -> None:
    """The answer to a blocker travels by its event: the app that keeps blockers picks it up."""


def _dates_return(request: DecisionRequest, entry: Decision, *, by: Actor, now: datetime) -> None:
    """The date that the answer moved. The blocker that it ended travels by the event, too."""
    reversals.return_forecasts(entry, by=by, now=now)


CONSEQUENCES: Mapping[str, Consequence] = {
    RequestKind.REVIEW: conclusions.conclude,
    RequestKind.BLOCKER: _left_to_upper_apps,
    RequestKind.CHANGE: scope.conclude,
    RequestKind.REBASELINE: baselines.rebaseline,
}
UNDOING: Mapping[str, Undoing] = {
    RequestKind.REVIEW: conclusions.undo,
    RequestKind.BLOCKER: _dates_return,
    RequestKind.CHANGE: scope.undo,
    RequestKind.REBASELINE: baselines.undo,
}
