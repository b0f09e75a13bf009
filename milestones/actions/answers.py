"""Noting the client's answer to a change, where another channel than the link is the agreed one."""

from datetime import datetime
from uuid import UUID

from journal.actors import Actor
from milestones.actions import decisions, scope
from milestones.actions.shifts import in_turn
from milestones.models import ChangeRequest
from milestones.pricing import ACCEPT, DECLINE
from milestones.queries.decisions import open_about
from milestones.words import ChangeState, RequestState
from tenancy.refusal import Refused

OPTIONS = {ChangeState.ACCEPTED: ACCEPT, ChangeState.DECLINED: DECLINE}


def note_answer(
    pk: UUID,
    outcome: ChangeState,
    *,
    name: str,
    evidence: str,
    comment: str = "",
    by: Actor,
    now: datetime,
    expected: int | None = None,
) -> ChangeRequest:
    """Notes what the approver answered through the agreed channel, with what proves it.

    Raises:
        Refused: when the client is not being asked, or where only the link counts.
    """
    in_turn(ChangeRequest.objects.values_list("milestone_id", flat=True).get(pk=pk))
    request = scope.undecided(pk, expected=expected)
    asked = open_about(request.pk)
    if asked is None or asked.state != RequestState.PENDING:
        raise Refused(
            f"The client is not being asked about request #{request.number}. Ask first.",
            code="not_asked",
        )
    decisions.record(
        asked.pk,
        option=OPTIONS[outcome],
        channel=asked.channel,
        name=name,
        evidence=evidence,
        comment=comment,
        by=by,
        now=now,
    )
    return ChangeRequest.objects.get(pk=pk)
