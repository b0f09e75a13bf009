"""A milestone's way through its stages: each step passes a gate, and a refused step is written down."""

from datetime import datetime
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from journal.actions import record
from journal.actors import Actor
from milestones import gates
from milestones.actions import labels, misses, reviews
from milestones.actions.endings import closed_gate, missing_to_close
from milestones.actions.engagements import at_work
from milestones.actions.reports import touch
from milestones.actions.returns import output_changed, reset, return_to_execution
from milestones.models import Artifact, Criterion, Milestone, QaRun
from milestones.queries.decisions import open_round
from milestones.stages import check_can_step
from milestones.words import Outcome, QaKind, Stage
from tenancy.refusal import Refused, Unmet
from tenancy.saving import change

__all__ = ["journal_refusal", "move", "output_changed", "reset", "return_to_execution", "unmet"]

PROOF = ("position", "is_met", "evidence")


def unmet(milestone: Milestone, to: Stage) -> list[Unmet]:
    """What the gate to the next stage still misses; nothing where no gate stands."""
    match (Stage(milestone.stage), to):
        case (Stage.SETUP, Stage.EXECUTION):
            return _unmet_for_execution(milestone)
        case (Stage.EXECUTION, Stage.QA):
            return _unmet_for_qa(milestone)
        case (Stage.QA, Stage.REVIEW):
            return _unmet_for_review(milestone)
        case (Stage.REVIEW, Stage.CLOSEOUT):
            return gates.missing_for_closeout(None)
        case (Stage.CLOSEOUT, Stage.CLOSED):
            owner = milestone.next_move_owner
            return missing_to_close(milestone, Outcome.APPROVED, next_move_owner=owner)
    return []


def _unmet_for_execution(milestone: Milestone) -> list[Unmet]:
    return gates.missing_for_execution(
        gates.Definition(
            output=milestone.output,
            criteria=milestone.criteria.count(),
            has_owner=milestone.owner_primary_id is not None,
            has_client_owner=milestone.owner_client_id is not None,
            has_approver=milestone.approver_id is not None,
            has_channel=bool(milestone.approval_channel),
            planned_date=milestone.planned_date,
            dependency_risks=milestone.dependency_risks,
            invoice_trigger=milestone.invoice_trigger,
            next_stage_trigger=milestone.next_stage_trigger,
        )
    )


def _unmet_for_qa(milestone: Milestone) -> list[Unmet]:
    outputs = Artifact.objects.filter(milestone=OuterRef("pk"), is_output=True, removed_at=None)
    criteria = Criterion.objects.filter(milestone=OuterRef("pk")).order_by("position")
    row = Milestone.objects.filter(pk=milestone.pk).values_list(
        ArraySubquery(outputs.values("pk")),
        ArraySubquery(criteria.values(of=JSONObject(**{name: name for name in PROOF}))),
    )
    found, proofs = row.get()
    return gates.missing_for_qa(outputs=len(found), proofs=[gates.Proof(**proof) for proof in proofs])


def _unmet_for_review(milestone: Milestone) -> list[Unmet]:
    review = open_round(milestone.pk)
    last_run, answers = _checked(milestone)
    return gates.missing_for_review(
        gates.Cleared(
            threshold=milestone.quality_threshold,
            last_run=last_run,
            output_changed_at=milestone.output_changed_at,
            answers=answers,
            is_blocked=milestone.blocked_since is not None,
            caveats=review.request.caveats if review and review.request else "",
            request=reviews.unmet(milestone),
            invoice_trigger=milestone.invoice_trigger,
            next_stage_trigger=milestone.next_stage_trigger,
        )
    )


def _checked(milestone: Milestone) -> tuple[gates.LastRun | None, frozenset[str]]:
    """The last QA run, and what the last checklist run that counts answered with yes."""
    latest = QaRun.objects.filter(milestone=milestone).order_by("-at", "-id")
    counting = latest.filter(kind=QaKind.CHECKLIST, voided_at=None)
    chosen = [Q(pk=Subquery(runs.values("pk")[:1])) for runs in (latest, counting)]
    runs = list(latest.filter(chosen[0] | chosen[1]))
    if not runs:
        return None, frozenset()
    last = gates.LastRun(runs[0].score, runs[0].passed, runs[0].voided_at is not None, runs[0].at)
    counts = [run for run in runs if run.kind == QaKind.CHECKLIST and run.voided_at is None]
    return last, frozenset(item["code"] for run in counts[:1] for item in run.items if item["passed"])


def move(
    pk: UUID, to: Stage, *, reason: str = "", by: Actor, now: datetime, expected: int | None = None
) -> Milestone:
    """Takes a milestone to the next stage, if its gate lets it through, or back to its work.

    Going on to review sends the request that was prepared; going back needs a `reason`.

    Raises:
        Refused: while it is paused, or with every unmet item.
    """
    milestone = at_work(pk, expected=expected)
    before = Stage(milestone.stage)
    check_can_step(before, to)
    _check_goes_on(milestone)
    if to == Stage.EXECUTION and before != Stage.SETUP:
        return_to_execution(milestone, why=reason, by=by, now=now)
        return milestone
    if missing := unmet(milestone, to):
        raise closed_gate(to, missing)
    change(milestone, _entered(milestone, to, now=now))
    touch(milestone.pk, now=now)
    if to == Stage.REVIEW:
        misses.settle(milestone, now=now)
    data = {"from": before, "to": to}
    record(milestone, "milestone.moved", by=by, at=now, data=data, thread_id=milestone.pk)
    if to == Stage.REVIEW:
        reviews.send_request(milestone, by=by, now=now)
    labels.evaluate(milestone.pk, now=now)
    return milestone


def _check_goes_on(milestone: Milestone) -> None:
    if milestone.paused_at:
        raise Refused(f"{milestone.code} is paused. End the pause first.", code="paused")


def _entered(milestone: Milestone, to: Stage, *, now: datetime) -> dict[str, object]:
    """What a stage brings with it: when work began, with a forecast just agreed, when it was completed."""
    if to == Stage.EXECUTION:
        started_at = milestone.execution_started_at or now
        return {"stage": to, "execution_started_at": started_at, "forecast_confirmed_at": now}
    return {"stage": to, "completed_at": now} if to == Stage.REVIEW else {"stage": to}


def journal_refusal(milestone: Milestone, to: Stage, refusal: Refused, *, by: Actor, now: datetime) -> None:
    """Writes a refused step down, in a transaction of its own after the refused one was rolled back."""
    record(
        milestone,
        "milestone.move_refused",
        by=by,
        at=now,
        data={"to": to, "unmet": [item.code for item in refusal.unmet], "said": str(refusal)},
        thread_id=milestone.pk,
    )
