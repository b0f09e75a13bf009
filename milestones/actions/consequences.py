"""What follows from a decision, by what was asked, and how it is undone. Only `decisions` looks here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from journal.actors import Actor
from milestones.actions import baselines, conclusions, scope
from milestones.models import Decision, DecisionRequest
from milestones.pricing import is_for_good
from milestones.words import RequestKind
from tenancy.refusal import Refused


class Consequence(Protocol):
    """Acts on the subject of a request that is locked with its milestone."""

    def __call__(
        self, request: DecisionRequest, decision: Decision, /, *, by: Actor, now: datetime
    ) -> object: ...


class Undoing(Protocol):
    """Takes back what a mistaken decision did, or refuses where that cannot be."""

    def __call__(
        self, request: DecisionRequest, mistaken: Decision, /, *, why: str, by: Actor, now: datetime
    ) -> object: ...


def _left_to_upper_apps(request: DecisionRequest, decision: Decision, *, by: Actor, now: datetime) -> None:
    """The answer to a blocker travels by its event: the app that keeps blockers picks it up."""


def _followed_by_nobody(
    request: DecisionRequest, mistaken: Decision, *, why: str, by: Actor, now: datetime
) -> None:
    """Nobody picks that up: a blocker that the answer ended stays so, and its date stays where it went."""


def _taken_back(request: DecisionRequest, mistaken: Decision, *, why: str, by: Actor, now: datetime) -> None:
    """A no to new dates changed nothing. A yes changed the plan, and stays."""
    if is_for_good(request.kind, mistaken.option):
        raise Refused(
            "The client's yes has changed the plan, so it stands. "
            "Ask the client for another change or a new baseline instead.",
            code="not_undone",
        )
    if request.kind == RequestKind.CHANGE:
        scope.undo(request, mistaken, why=why, by=by, now=now)


CONSEQUENCES: Mapping[str, Consequence] = {
    RequestKind.REVIEW: conclusions.conclude,
    RequestKind.BLOCKER: _left_to_upper_apps,
    RequestKind.CHANGE: scope.conclude,
    RequestKind.REBASELINE: baselines.rebaseline,
}
UNDOING: Mapping[str, Undoing] = {
    RequestKind.REVIEW: conclusions.undo,
    RequestKind.BLOCKER: _followed_by_nobody,
    RequestKind.CHANGE: _taken_back,
    RequestKind.REBASELINE: _taken_back,
}
