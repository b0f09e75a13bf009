"""What follows from a decision, by what was asked. Only `decisions` looks here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from journal.actors import Actor
from milestones.actions import conclusions
from milestones.actions.baselines import rebaseline
from milestones.models import Decision, DecisionRequest
from milestones.words import RequestKind


class Consequence(Protocol):
    """Acts on the subject of a request that is locked with its milestone."""

    def __call__(
        self, request: DecisionRequest, decision: Decision, *, by: Actor, now: datetime
    ) -> object: ...


def _left_to_upper_apps(request: DecisionRequest, decision: Decision, *, by: Actor, now: datetime) -> None:
    """The answer to a blocker travels by its event: the app that keeps blockers picks it up."""


CONSEQUENCES: Mapping[str, Consequence] = {
    RequestKind.REVIEW: conclusions.conclude,
    RequestKind.BLOCKER: _left_to_upper_apps,
    RequestKind.CHANGE: _left_to_upper_apps,
    RequestKind.REBASELINE: rebaseline,
}
