"""Taking back what a mistaken yes did to dates: by further moves with their reason, never by erasing any."""

from datetime import datetime

from journal.actors import Actor
from milestones.actions.shifts import Said, carry_out
from milestones.models import DateMove, Decision, Milestone
from milestones.queries import dates as queries
from milestones.words import Attribution, DateKind, MoveReason
from tenancy.saving import locked

REASON_LENGTH = 500


def why(entry: Decision) -> str:
    """The reason that each date which returns is given; the client reads it."""
    said = " ".join(entry.comment.split())
    return f"The answer to question {entry.request.number} was taken back: {said}"[:REASON_LENGTH]


def baseline_moves(entry: Decision) -> list[DateMove]:
    """The planned dates that the mistaken decision moved, in the order of their milestones."""
    moves = DateMove.objects.filter(decision=entry.countermands_id, kind=DateKind.BASELINE)
    return list(moves.order_by("milestone_id"))


def return_forecasts(entry: Decision, *, by: Actor, now: datetime) -> None:
    """Brings forecasts back that the mistaken decision moved, with what they dragged; one notice tells all.

    The milestones of the project are locked: their dates move in turn.
    """
    found = DateMove.objects.filter(decision=entry.countermands_id, kind=DateKind.FORECAST)
    moves = list(found)
    plan = queries.plan_of(entry.request.project_id, now=now)
    if steps := queries.taken_back(plan, moves):
        said = Said(
            code=MoveReason(moves[0].reason_code),
            reason=why(entry),
            attributed_to=Attribution(moves[0].attributed_to),
            decision=entry,
        )
        carry_out(locked(Milestone, steps[0].milestone.pk), steps, said, by=by, now=now)
