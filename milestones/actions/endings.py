"""How a milestone ends: accepted by the client's decision and closed with all four, or closed without."""

from datetime import datetime
from typing import Any
from uuid import UUID

from journal.actions import record
from journal.actors import Actor
from milestones import gates
from milestones.actions import labels, misses, notices, requests, reviews
from milestones.actions.engagements import at_work
from milestones.actions.reports import touch
from milestones.models import Decision, Milestone, Recourse, Review
from milestones.queries.following import next_to_start
from milestones.stages import check_can_close, check_can_move, check_can_reopen
from milestones.words import NoticeKind, Outcome, RequestKind, Stage
from tenancy.refusal import Refused, Unmet
from tenancy.saving import change, locked

CLOSED_WITHOUT = {
    Outcome.BLOCKED: "It ends here because something it depends on is not available.",
    Outcome.SCOPE: "It ends here because the scope has changed.",
}


def accept(milestone: Milestone, decision: Decision, *, by: Actor, now: datetime) -> None:
    """Takes a locked milestone into closeout by the approver's decision. Only a decision does that.

    Raises:
        Refused: with what the decision lacks: approval, the approver, the round, the channel.
    """
    check_can_move(Stage(milestone.stage), Stage.CLOSEOUT)
    if missing := gates.missing_for_closeout(_answer(milestone, decision)):
        raise closed_gate(Stage.CLOSEOUT, missing)
    change(milestone, {"stage": Stage.CLOSEOUT, "accepted_at": now, "decide_by": None})
    touch(milestone.pk, now=now)
    data = {"decision_id": decision.pk, "option": decision.option}
    record(milestone, "milestone.accepted", by=by, at=now, data=data, thread_id=milestone.pk)
    labels.evaluate(milestone.pk, now=now)
    _celebrate(milestone, decision, by=by, now=now)


def _answer(milestone: Milestone, decision: Decision) -> gates.Answer:
    asked = decision.request
    review = Review.objects.filter(pk=asked.subject_id, milestone=milestone).first()
    stands = asked.kind == RequestKind.REVIEW and decision.countermands_id is None
    return gates.Answer(
        is_approved=stands and decision.option == Outcome.APPROVED,
        by_approver=decision.contact_id in {milestone.approver_id, asked.delegate_id},
        round_counts=review is not None and review.counts,
        through_channel=decision.channel == asked.channel,
    )


def closed_gate(to: Stage, missing: list[Unmet]) -> Refused:
    """The refusal of a step, with everything that is unmet."""
    still = "1 item is" if len(missing) == 1 else f"{len(missing)} items are"
    return Refused(
        f"The gate to {to.label.lower()} is closed: {still} still unmet.", code="gate_unmet", unmet=missing
    )


def _celebrate(milestone: Milestone, decision: Decision, *, by: Actor, now: datetime) -> None:
    notices.owe(
        NoticeKind.COMPLETION,
        project=milestone.project,
        milestone=milestone,
        subject=milestone,
        occurrence=str(decision.pk),
        title=f"Milestone {milestone.code} complete: {milestone.name}.",
        body=f"“{milestone.name}” is accepted, by {decision.name}. Thank you!\n\n{milestone.output}",
        by=by,
        now=now,
    )


def reopen(milestone: Milestone, *, why: str, by: Actor, now: datetime) -> None:
    """Takes a locked milestone back into review, because the decision that accepted it was countermanded."""
    check_can_reopen(Stage(milestone.stage))
    packets = {"proof_packet_url": "", "handoff_packet_link": ""}
    change(milestone, {"stage": Stage.REVIEW, "accepted_at": None, **packets})
    touch(milestone.pk, now=now)
    record(milestone, "milestone.reopened", by=by, at=now, data={"reason": why}, thread_id=milestone.pk)
    labels.evaluate(milestone.pk, now=now)


def link_packets(
    pk: UUID,
    *,
    proof_packet_url: str | None = None,
    handoff_packet_link: str | None = None,
    by: Actor,
    now: datetime,
) -> Milestone:
    """Notes where the published proof and handoff packets are; None leaves a link as it is."""
    milestone = locked(Milestone, pk)
    links = {"proof_packet_url": proof_packet_url, "handoff_packet_link": handoff_packet_link}
    if moved := change(milestone, {name: link for name, link in links.items() if link is not None}):
        # A placeholder opens the packet for whoever has it mailed: the journal only says that there is one.
        data = {"linked": {name: bool(link) for name, (_, link) in moved.items()}}
        record(milestone, "milestone.packets_linked", by=by, at=now, data=data, thread_id=milestone.pk)
    return milestone


def close(
    pk: UUID,
    outcome: Outcome,
    *,
    reason: str = "",
    open_dependencies: str = "",
    next_move_owner: str = "",
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> Milestone:
    """Ends a milestone for good, with exactly one outcome.

    Raises:
        Refused: with everything that is unmet: all ask for words, approved for packets and names, too.
    """
    milestone = at_work(pk, expected=expected)
    check_can_close(Stage(milestone.stage), outcome)
    said = {
        "reason": reason,
        "open_dependencies": open_dependencies,
        "next_move_owner": next_move_owner or milestone.next_move_owner,
    }
    if missing := missing_to_close(milestone, outcome, **said):
        raise closed_gate(Stage.CLOSED, missing)
    _end(milestone, outcome, said, by=by, now=now)
    if outcome != Outcome.APPROVED:
        _tell(milestone, outcome, reason, by=by, now=now)
    return milestone


def missing_to_close(
    milestone: Milestone,
    outcome: Outcome,
    *,
    reason: str = "",
    open_dependencies: str = "",
    next_move_owner: str = "",
) -> list[Unmet]:
    """What keeps a milestone from closing with this outcome."""
    if outcome == Outcome.APPROVED:
        return gates.missing_for_approved(
            proof_packet_url=milestone.proof_packet_url,
            handoff_packet_link=milestone.handoff_packet_link,
            has_review_owner=milestone.review_owner_id is not None,
            has_approver=milestone.approver_id is not None,
            open_dependencies=open_dependencies,
            next_move_owner=next_move_owner,
        )
    return gates.missing_for_other_end(
        reason=reason, open_dependencies=open_dependencies, next_move_owner=next_move_owner
    )


def _end(milestone: Milestone, outcome: Outcome, said: dict[str, str], *, by: Actor, now: datetime) -> None:
    before = Stage(milestone.stage)
    _end_recourse(milestone, now=now)
    misses.hold(milestone)
    if outcome != Outcome.APPROVED:
        reviews.end_open(milestone, outcome, note=said["reason"], by=by, now=now, unsent=True)
    requests.withdraw_all(milestone, "The milestone is closed.", by=by, now=now)
    change(milestone, _closed(outcome, said, now=now))
    touch(milestone.pk, now=now)
    misses.settle(milestone, now=now)
    data: dict[str, Any] = {
        "from": before,
        "outcome": outcome,
        **said,
        "next_stage_trigger": milestone.next_stage_trigger,
    }
    closed = record(milestone, "milestone.closed", by=by, at=now, data=data, thread_id=milestone.pk)
    if outcome == Outcome.APPROVED:
        _reach_triggers(milestone, cause_id=closed.pk, by=by, now=now)
    labels.evaluate(milestone.pk, now=now)


def _reach_triggers(milestone: Milestone, *, cause_id: UUID, by: Actor, now: datetime) -> None:
    """What an accepted milestone lets be invoiced and started is handed on; an explicit “none” is not."""
    following = next_to_start(milestone)
    for kind, words in (
        ("milestone.invoice_trigger_reached", milestone.invoice_trigger),
        ("milestone.next_stage_trigger_reached", milestone.next_stage_trigger),
    ):
        if gates.is_stated(words):
            data = {"trigger": words, "next_milestone_id": following.pk if following else None}
            record(milestone, kind, by=by, at=now, data=data, thread_id=milestone.pk, cause_id=cause_id)


def _closed(outcome: Outcome, said: dict[str, str], *, now: datetime) -> dict[str, Any]:
    return {
        "stage": Stage.CLOSED,
        "outcome": outcome,
        "closed_at": now,
        "outcome_reason": said["reason"],
        "open_dependencies": said["open_dependencies"],
        "next_move_owner": said["next_move_owner"],
        "decide_by": None,
        "paused_at": None,
        "paused_until": None,
        "pause_reason": "",
    }


def _end_recourse(milestone: Milestone, *, now: datetime) -> None:
    """A way out of a block ends with the milestone; the event of closing tells it."""
    for taken in Recourse.objects.select_for_update().filter(milestone=milestone, ended_at=None):
        change(taken, {"ended_at": now, "end_note": "The milestone was closed."})


def _tell(milestone: Milestone, outcome: Outcome, reason: str, *, by: Actor, now: datetime) -> None:
    notices.owe(
        NoticeKind.OUTCOME,
        project=milestone.project,
        milestone=milestone,
        subject=milestone,
        title=f"Closed without acceptance: {milestone.name}",
        body="\n\n".join(
            [
                f"“{milestone.name}” is closed: {outcome.label.lower()}. {CLOSED_WITHOUT[outcome]}",
                reason,
                f"Still open: {milestone.open_dependencies}",
                f"Next move: {milestone.next_move_owner}",
            ]
        ),
        by=by,
        now=now,
    )
