"""What a round of review does to its milestone: sent through the gate, concluded by an answer, undone."""

from datetime import datetime
from uuid import UUID

from journal.actors import Actor
from milestones.actions import endings, returns, reviews, stages
from milestones.actions.engagements import at_work
from milestones.models import Decision, DecisionRequest, Review
from milestones.words import Outcome, Stage
from tenancy.saving import locked


def send(pk: UUID, *, by: Actor, now: datetime, expected: int | None = None) -> Review:
    """Sends a prepared round: from QA through the gate to review, in review straight away.

    Raises:
        Refused: with every item that the gate still misses.
    """
    milestone = at_work(Review.objects.values_list("milestone_id", flat=True).get(pk=pk))
    locked(Review, pk, expected=expected)
    if milestone.stage == Stage.QA:
        stages.move(milestone.pk, Stage.REVIEW, by=by, now=now)
    else:
        reviews.send_request(milestone, by=by, now=now)
    return Review.objects.get(pk=pk)


def conclude(request: DecisionRequest, decision: Decision, *, by: Actor, now: datetime) -> None:
    """Ends the round by the answer. Acceptance counts only from the round on that was agreed.

    A dependency or scope ends the round only: the milestone waits in review until somebody closes it with
    the reason and the owner of the next move.
    """
    milestone, review = request.milestone, locked(Review, request.subject_id)
    review.milestone = milestone
    outcome = Outcome(decision.option)
    reviews.end_round(review, outcome, note=decision.comment, by=by, now=now)
    if outcome == Outcome.APPROVED and review.counts:
        endings.accept(milestone, decision, by=by, now=now)
    elif outcome == Outcome.NEEDS_REVISIONS:
        returns.return_to_execution(milestone, why=f"Revisions: {decision.comment}", by=by, now=now)


def undo(request: DecisionRequest, entry: Decision, *, by: Actor, now: datetime) -> None:
    """Takes the acceptance back that counts; work that went on after revisions goes on, and a new round asks.

    An earlier round's answer takes nothing back that a later round decided.
    """
    review = Review.objects.get(pk=request.subject_id)
    later = Review.objects.filter(milestone=review.milestone_id, number__gt=review.number)
    if later.filter(outcome=Outcome.APPROVED).exists() or not review.counts:
        return
    if request.milestone.stage == Stage.CLOSEOUT and entry.option == Outcome.APPROVED:
        endings.reopen(request.milestone, why=entry.comment, by=by, now=now)
