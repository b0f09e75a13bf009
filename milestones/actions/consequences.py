"""What follows from a decision, by what was asked, and how it is undone. Only `decisions` looks here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from journal.actors import Actor
from milestones.actions import baselines, conclusions, scope
from milestones.models import Decision, DecisionRequest
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


def _left_to_event(
    request: DecisionRequest, mistaken: Decision, *, why: str, by: Actor, now: datetime
) -> None:
    """So does the entry that takes it back."""


def _stays(request: DecisionRequest, mistaken: Decision, *, why: str, by: Actor, now: datetime) -> None:
    raise Refused(
        "What was agreed here has changed the plan since; it is not taken back. Ask the client anew instead.",
        code="not_undone",
    )


CONSEQUENCES: Mapping[str, Consequence] = {
    RequestKind.REVIEW: conclusions.conclude,
    RequestKind.BLOCKER: _left_to_upper_apps,
    RequestKind.CHANGE: scope.conclude,
    RequestKind.REBASELINE: baselines.rebaseline,
}
UNDOING: Mapping[str, Undoing] = {
    RequestKind.REVIEW: conclusions.undo,
    RequestKind.BLOCKER: _left_to_event,
    RequestKind.CHANGE: _stays,
    RequestKind.REBASELINE: _stays,
}
